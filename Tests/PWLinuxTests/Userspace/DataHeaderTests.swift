import Testing

import PWCore

@testable import PWLinux

@Suite("Data messages") struct DataHeaderTests {
  private func written(_ header: DataHeader, sequence: UInt32? = nil) -> [UInt8] {
    withView([UInt8](repeating: 0xEE, count: header.octets)) { view in
      header.write(to: view, sequence: sequence)
      return view.octets
    }
  }

  @Test("over UDP a flags word comes first, over IP the Session ID")
  func encapsulations() {
    let udp = DataHeader(isUDP: true, session: 0x0102_0304, cookie: Cookie(), hasSublayer: false)
    #expect(written(udp) == [0, 3, 0, 0, 1, 2, 3, 4])
    let ip = DataHeader(isUDP: false, session: 0x0102_0304, cookie: Cookie(), hasSublayer: false)
    #expect(written(ip) == [1, 2, 3, 4])
  }

  @Test("cookie and sublayer follow, the S bit only with a number")
  func parts() {
    let four = DataHeader(isUDP: false, session: 1, cookie: Cookie(octets: [9, 8, 7, 6]), hasSublayer: true)
    #expect(written(four) == [0, 0, 0, 1, 9, 8, 7, 6, 0, 0, 0, 0])
    let eight = DataHeader(
      isUDP: true, session: 1, cookie: Cookie(octets: [9, 8, 7, 6, 5, 4, 3, 2]), hasSublayer: true)
    let expected: [UInt8] = [0, 3, 0, 0, 0, 0, 0, 1, 9, 8, 7, 6, 5, 4, 3, 2, 0x40, 0xFF, 1, 2]
    #expect(written(eight, sequence: 0xFF_0102) == expected)
    #expect(eight.octets == DataHeader.mostOctets)
  }

  @Test("every wrong octet of a cookie is noticed", arguments: [4, 8])
  func cookies(length: Int) {
    let octets = FrameBuilder.payload(length, from: 3)
    let cookie = Cookie(octets: octets)
    withView([1] + octets) { view in #expect(cookie.matches(view, at: 1)) }
    for index in 0..<length {
      var wrong = octets
      wrong[index] ^= 0x80
      withView(wrong) { view in #expect(!cookie.matches(view, at: 0)) }
    }
  }
}

@Suite("Data sequencing") struct SequenceTrackerTests {
  /// Whether a new receiver accepts each of these numbers, in their order.
  private func decisions(_ numbers: [UInt32]) -> [Bool] {
    var tracker = SequenceTracker()
    return numbers.map { tracker.accept($0) }
  }

  @Test("the first number is taken as it is, then newer ones, with gaps and across the end of the numbers")
  func newer() {
    let taken = decisions([0xFF_FFFE, 0xFF_FFFF, 0, 1, 5, 0x7F_0000])
    #expect(taken == [true, true, true, true, true, true])
  }

  @Test("old numbers and duplicates are dropped")
  func old() {
    #expect(decisions([100, 100, 99, 50, 0xFF_FFFF, 101]) == [true, false, false, false, false, true])
  }

  @Test("half of the numbers ahead is new, the other half is old")
  func window() {
    #expect(decisions([0, 0x80_0001, 0x80_0000]) == [true, false, true])
  }

  @Test("a sender that starts again is followed after a few packets in sequence")
  func reset() {
    let taken = decisions([1_000, 0, 1, 2, 3, 4, 5, 6, 7])
    #expect(taken == [true, false, false, false, false, true, true, true, true])
  }

  @Test("old packets out of sequence among themselves never reset")
  func noReset() {
    let old: [UInt32] = [1, 2, 3, 4, 6, 7, 8, 9, 11, 10, 9, 8]
    #expect(decisions([1_000] + old + [1_001]) == [true] + old.map { _ in false } + [true])
  }
}
