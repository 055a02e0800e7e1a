import Testing

@testable import PWCore

@Suite("Reliable delivery")
struct ReliableChannelTests {
  let start = Instant(nanoseconds: 0)

  func message() -> EncodedMessage { ControlMessage.hello(Hello()).encoded() }

  func channel(window: UInt16 = 8, _ configure: (inout Reliability) -> Void = { _ in }) -> ReliableChannel {
    var reliability = Reliability()
    configure(&reliability)
    var channel = ReliableChannel(reliability: reliability)
    channel.setPeerWindow(window)
    return channel
  }

  /// Everything that the window lets out now.
  func sent(_ channel: inout ReliableChannel, at now: Instant) -> [UInt16] {
    var numbers: [UInt16] = []
    while let message = channel.nextTransmission(at: now) { numbers.append(message.header.ns) }
    return numbers
  }

  @Test("numbers that are received already: the last one and the 32,767 before it (section 4.2)")
  func comparesNumbers() {
    let received: [UInt16] = [0, 15, 32784, 65535]
    for number in received { #expect(SequenceNumber.isAtOrBefore(number, last: 15)) }
    let new: [UInt16] = [16, 100, 32783]
    for number in new { #expect(!SequenceNumber.isAtOrBefore(number, last: 15)) }
  }

  @Test("slow start doubles the window in each round, up to the peer's (Appendix A)")
  func slowStart() {
    var channel = channel(window: 8)
    for _ in 0..<30 { channel.enqueue(message()) }
    var sizes: [Int] = []
    var last: UInt16 = 0
    while true {
      let numbers = sent(&channel, at: start)
      guard let newest = numbers.last else { break }
      sizes.append(numbers.count)
      last = newest &+ 1
      #expect(channel.acknowledge(last, at: start) != nil)
    }
    #expect(sizes == [1, 2, 4, 8, 8, 7])
    #expect(channel.isIdle)
  }

  @Test("congestion avoidance adds one message a window")
  func congestionAvoidance() {
    var window = CongestionWindow(limit: 16)
    for _ in 0..<15 { window.acknowledged(1) }
    #expect(window.size == 16)
    window.lost()
    #expect(window.size == 1)
    window.acknowledged(7)
    #expect(window.size == 8)
    window.acknowledged(7)
    #expect(window.size == 8)
    window.acknowledged(1)
    #expect(window.size == 9)
  }

  @Test("retransmissions wait 1, 2, 4, 8, 8 ... seconds; after ten the peer is lost, 71 seconds from the start")
  func backsOff() {
    var channel = channel()
    channel.enqueue(message())
    #expect(sent(&channel, at: start) == [0])
    var times: [Int64] = []
    while let deadline = channel.deadline {
      switch channel.expire(at: deadline) {
      case .nothing: Issue.record("the deadline came and nothing was due")
      case .retransmit:
        #expect(sent(&channel, at: deadline) == [0])
        times.append(Int64((deadline - start).components.seconds))
      case .lost: #expect(deadline - start == .seconds(71))
      }
    }
    #expect(times == [1, 3, 7, 15, 23, 31, 39, 47, 55, 63])
  }

  @Test("the first wait, the longest one and the count are as configured (section 4.2)")
  func timesAreConfigured() {
    var channel = channel { reliability in
      reliability.initialTimeout = .milliseconds(300)
      reliability.maximumTimeout = .seconds(1)
      reliability.maximumRetransmissions = 4
    }
    channel.enqueue(message())
    _ = sent(&channel, at: start)
    var times: [Duration] = []
    while let deadline = channel.deadline {
      times.append(deadline - start)
      if channel.expire(at: deadline) == .lost { break }
      _ = sent(&channel, at: deadline)
    }
    #expect(times == [300, 900, 1_900, 2_900, 3_900].map { .milliseconds($0) })
  }

  @Test("SCCRQ has a count of its own")
  func countsRequests() {
    var channel = channel { $0.maximumRequestRetransmissions = 2 }
    channel.enqueue(message(), isRequest: true)
    _ = sent(&channel, at: start)
    var retransmissions = 0
    while let deadline = channel.deadline, channel.expire(at: deadline) == .retransmit {
      _ = sent(&channel, at: deadline)
      retransmissions += 1
    }
    #expect(retransmissions == 2)
  }

  @Test("a retransmission carries the Nr of its own time")
  func refreshesNr() throws {
    var channel = channel()
    channel.enqueue(message())
    let first = channel.nextTransmission(at: start)
    #expect(first?.header.nr == 0)
    #expect(channel.receive(ns: 0, octets: []) == .deliver)
    let deadline = try #require(channel.deadline)
    #expect(channel.expire(at: deadline) == .retransmit)
    let again = channel.nextTransmission(at: deadline)
    #expect(again?.header.ns == 0)
    #expect(again?.header.nr == 1)
  }

  @Test("a loss sends everything again that is not acknowledged meanwhile")
  func goesBack() throws {
    var channel = channel(window: 4)
    for _ in 0..<7 { channel.enqueue(message()) }
    _ = sent(&channel, at: start)
    _ = channel.acknowledge(1, at: start)
    _ = sent(&channel, at: start)
    _ = channel.acknowledge(3, at: start)
    #expect(sent(&channel, at: start) == [3, 4, 5, 6])
    let deadline = try #require(channel.deadline)
    #expect(channel.expire(at: deadline) == .retransmit)
    #expect(sent(&channel, at: deadline) == [3])
    // 4 had arrived and was kept; 5 and 6 were lost.
    #expect(channel.acknowledge(5, at: deadline) == 2)
    #expect(sent(&channel, at: deadline) == [5, 6])
  }

  @Test("an Nr that was never sent changes nothing")
  func checksNr() {
    var channel = channel()
    for _ in 0..<3 { channel.enqueue(message()) }
    _ = sent(&channel, at: start)
    #expect(channel.acknowledge(2, at: start) == nil)
    #expect(channel.pendingCount == 3)
    #expect(channel.acknowledge(1, at: start) == 1)
    #expect(channel.acknowledge(0, at: start) == 0)
  }

  @Test("messages out of order are delivered in order, duplicates only acknowledged")
  func reorders() {
    var channel = channel()
    #expect(channel.receive(ns: 1, octets: [1]) == .kept)
    #expect(channel.receive(ns: 2, octets: [2]) == .kept)
    #expect(channel.receive(ns: 1, octets: [9]) == .kept)
    #expect(channel.nextInOrder() == nil)
    #expect(!channel.owesAcknowledgement)
    #expect(channel.receive(ns: 0, octets: [0]) == .deliver)
    #expect(channel.nextInOrder() == [1])
    #expect(channel.nextInOrder() == [2])
    #expect(channel.nextInOrder() == nil)
    #expect(channel.nr == 3)
    let first = channel.takeAcknowledgement()
    #expect(first?.nr == 3)
    #expect(channel.receive(ns: 1, octets: [1]) == .duplicate)
    let second = channel.takeAcknowledgement()
    #expect(second?.nr == 3)
    #expect(!channel.owesAcknowledgement)
  }

  @Test("a message beyond our window is not kept")
  func boundsEarly() {
    var channel = channel { $0.receiveWindow = 4 }
    #expect(channel.receive(ns: 3, octets: []) == .kept)
    #expect(channel.receive(ns: 4, octets: []) == .discarded)
  }

  @Test("numbers go round after 65,535")
  func wraps() {
    var sender = channel(window: 4)
    var receiver = channel(window: 4)
    var delivered = 0
    for _ in 0..<70_000 {
      sender.enqueue(message())
      while let message = sender.nextTransmission(at: start) {
        if receiver.receive(ns: message.header.ns, octets: []) == .deliver { delivered += 1 }
      }
      let acknowledgement = receiver.takeAcknowledgement()
      #expect(sender.acknowledge(acknowledgement?.nr ?? 0, at: start) == 1)
    }
    #expect(delivered == 70_000)
    #expect(receiver.nr == UInt16(70_000 - 65_536))
  }

  @Test("an acknowledgement carries the next new Ns and consumes none")
  func acknowledges() {
    var channel = channel()
    channel.enqueue(message())
    _ = sent(&channel, at: start)
    _ = channel.receive(ns: 0, octets: [])
    let acknowledgement = channel.takeAcknowledgement()
    #expect(acknowledgement?.ns == 1)
    channel.enqueue(message())
    _ = channel.acknowledge(1, at: start)
    #expect(sent(&channel, at: start) == [1])
  }
}
