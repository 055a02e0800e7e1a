import PWCore
import Testing

@testable import PWLinux

@Suite("A packet in two pieces")
struct CutPacketTests {
  private static let payload = (0..<101 as Range<UInt8>).map { $0 }
  private static let outer = OuterHeader(dscp: DSCP(rawValue: 46), hopLimit: 9)

  private func number(_ octets: ArraySlice<UInt8>) -> Int { octets.reduce(0) { $0 << 8 | Int($1) } }

  /// The one's complement sum, which is all ones where a checksum is right (RFC 1071).
  private func sum(_ octets: [UInt8]) -> Int {
    let padded = octets + [UInt8](repeating: 0, count: octets.count % 2)
    var sum = 0
    for index in stride(from: 0, to: padded.count, by: 2) { sum += number(padded[index..<index + 2]) }
    while sum > 0xFFFF { sum = (sum & 0xFFFF) + (sum >> 16) }
    return sum
  }

  @Test("over IPv4 the first says that more follow, and both together are the datagram, its checksum right")
  func version4() throws {
    let way = CutPacket.Way(source: .v4(0xC000_0201), destination: .v4(0xC000_0202), outer: Self.outer)
    let pieces = CutPacket.pieces(
      of: Self.payload, .udp(source: 1701, destination: 4000), way, identification: 0x1_0007)
    #expect(pieces.count == 2)
    let bodies = pieces.map { Array($0[20...]) }
    #expect(pieces.map { number($0[6..<8]) } == [0x2000, bodies[0].count / 8])
    #expect(bodies[0].count.isMultiple(of: 8))
    for piece in pieces {
      #expect(number(piece[2..<4]) == piece.count && number(piece[4..<6]) == 7)
      #expect(piece[1] == 46 << 2 && piece[8] == 9 && piece[9] == 17)
    }
    let datagram = bodies[0] + bodies[1]
    #expect(Array(datagram[8...]) == Self.payload && number(datagram[4..<6]) == datagram.count)
    #expect(Array(datagram[..<4]) == [0x06, 0xA5, 0x0F, 0xA0])
    #expect(sum(Array(pieces[0][12..<20]) + [0, 17, 0, UInt8(datagram.count)] + datagram) == 0xFFFF)
  }

  @Test("over IPv6 each has a fragment header")
  func version6() {
    let (here, there) = (IPAddress.v6(high: 1, low: 2, zone: nil), IPAddress.v6(high: 3, low: 4, zone: nil))
    let pieces = CutPacket.pieces(
      of: Self.payload, .l2tp, CutPacket.Way(source: here, destination: there), identification: 7)
    let bodies = pieces.map { Array($0[48...]) }
    #expect(pieces.map { number($0[42..<44]) } == [1, bodies[0].count])
    for piece in pieces { #expect(piece[6] == 44 && piece[40] == 115 && number(piece[4..<6]) == piece.count - 40) }
    #expect(bodies[0] + bodies[1] == [0, 0, 0, 0] + Self.payload)
  }

  @Test("the first piece is as large as the packet was whole, as nearly as can be, and never too small for IPv6")
  func sizes() {
    let way4 = CutPacket.Way(source: .v4(1), destination: .v4(2))
    let (here, there) = (IPAddress.v6(high: 1, low: 2, zone: nil), IPAddress.v6(high: 3, low: 4, zone: nil))
    for octets in 1280...1500 {
      for (way, headers) in [(way4, 20), (CutPacket.Way(source: here, destination: there), 40)] {
        let payload = [UInt8](repeating: 0, count: octets - headers - 4)
        let sizes = CutPacket.pieces(of: payload, .l2tp, way, identification: 1).map(\.count)
        #expect(sizes.count == 2 && sizes[0] <= octets && sizes[0] > octets - 9)
        if headers == 40 { #expect(sizes[0] >= 1280) }
      }
    }
  }

  @Test("an error is thrown where it cannot leave from its source, or has no pieces")
  func unsent() {
    let (here, nobodys) = (IPAddress.v4(0x7F00_0001), IPAddress.v4(0xC000_0201))
    for (source, destination) in [(nobodys, here), (here, .v6(high: 0, low: 1, zone: nil))] {
      #expect(throws: SystemError.self) {
        try CutSender.send(
          Self.payload, .l2tp, from: source, device: nil, outer: Self.outer, to: Endpoint(address: destination))
      }
    }
  }

  @Test("what cannot be cut, or has no way, has no pieces")
  func none() {
    let way = CutPacket.Way(source: .v4(1), destination: .v6(high: 0, low: 1, zone: nil))
    #expect(CutPacket.pieces(of: Self.payload, .l2tp, way, identification: 1).isEmpty)
    let other = CutPacket.Way(source: .v4(1), destination: .v4(2))
    #expect(CutPacket.pieces(of: [1, 2], .l2tp, other, identification: 1).isEmpty)
  }
}
