import PWCore
import Testing

@testable import PWLinux

/// Dumps of Linux 6.1 as they came from its socket, of what `ip l2tp` had made, and a process, of L2TPv2.
@Suite("Tunnels and sessions that the kernel has") struct KernelTunnelTests {
  private static func octets(_ digits: String) -> [UInt8] {
    let digits = Array(digits.utf8.filter { $0 != UInt8(ascii: "\n") })
    return stride(from: 0, to: digits.count, by: 2).compactMap {
      UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16)
    }
  }

  private func read<Value>(_ digits: String, _ make: (PWLinux.ReceivedMessage) -> Value?) -> [Value?] {
    var found: [Value?] = []
    Self.octets(digits).withUnsafeBytes { octets in
      PWLinux.ReceivedMessage.walk(octets) { message in
        found.append(make(message))
        return true
      }
    }
    return found
  }

  private static let statistics = """
    0c00030000000000000000000c00040000000000000000000c00050000000000000000000c00060000000000000000000c000a00000000000000
    00000c00070000000000000000000c00080000000000000000000c000b000000000000000000
    """
  private static let nothing = "7c001e000c00010000000000000000000c0002000000000000000000" + statistics
  private static let tunnelOverUDP = """
    e000000020000200070000008900000004010000050007000300000008000900c900000008000a00ca0000000800110000000000060002000000
    00007c001e000c0001001f000000000000000c000200620c000000000000\(statistics)
    05000d000000000006001a008813000006001b007017000008001800c000020108001900c0000202
    """
  private static let tunnelOfVersion2 = """
    e0000000200002000700000089000000040100000500070002000000080009004d00000008000a004e0000000800110000000000060002000000
    0000\(nothing)05000d000100000006001a00a506000006001b00a506000008001800c000020108001900c0000202
    """
  private static let tunnelOverIPv6 = """
    e0000000200002000700000089000000040100000500070003000000080009002d01000008000a002e0100000800110000000000060002000100
    00007c001e000c00010009000000000000000c0002007203000000000000\(statistics)
    14001f0020010db80000000000000000000000011400200020010db8000000000000000000000002
    """
  private static let session = """
    fc0000002000020007000000890000000801000008000900c900000008000b000b00000008000a00ca00000008000c0015000000080011000000
    000006000100050000000a0008006c326c616e0000000c000f008899aabbccddeeff0c00100000112233445566ff050012000000000005001300
    0000000005001400000000007c001e000c0001000b000000000000000c0002009204000000000000\(statistics)
    """
  private static let sequenced = """
    e40000002000020007000000890000000801000008000900c900000008000b000d00000008000a00ca00000008000c0017000000080011000000
    000006000100050000000a0008006c327365710000000500120001000000050013000100000005001400000000007c001e000c0001000a000000
    000000000c000200e803000000000000\(statistics)
    """

  @Test("tunnels of one dump: over UDP, of a process that speaks L2TPv2, and over IPv6") func tunnels() throws {
    let found = read(Self.tunnelOverUDP + Self.tunnelOfVersion2 + Self.tunnelOverIPv6, KernelTunnel.init)
    #expect(
      found == [
        KernelTunnel(
          version: 3, localID: ControlConnectionID(rawValue: 201), peerID: ControlConnectionID(rawValue: 202),
          encapsulation: .udp, local: Endpoint(address: .v4(0xC000_0201), port: 5000),
          remote: Endpoint(address: .v4(0xC000_0202), port: 6000)),
        KernelTunnel(
          version: 2, localID: ControlConnectionID(rawValue: 77), peerID: ControlConnectionID(rawValue: 78),
          encapsulation: .udp, local: Endpoint(address: .v4(0xC000_0201), port: 1701),
          remote: Endpoint(address: .v4(0xC000_0202), port: 1701)),
        KernelTunnel(
          version: 3, localID: ControlConnectionID(rawValue: 301), peerID: ControlConnectionID(rawValue: 302),
          encapsulation: .ip, local: Endpoint(address: .v6(high: 0x2001_0db8_0000_0000, low: 1, zone: nil)),
          remote: Endpoint(address: .v6(high: 0x2001_0db8_0000_0000, low: 2, zone: nil))),
      ])
  }

  @Test("sessions with cookies, and with sequence numbers") func sessions() throws {
    let found = read(Self.session + Self.sequenced, KernelSession.init).compactMap(\.self)
    try #require(found.count == 2)
    #expect(found[0].key == SessionKey(tunnel: .init(rawValue: 201), session: .init(rawValue: 11)))
    #expect(found[0].peerID == SessionID(rawValue: 21) && found[0].isEthernet && found[0].interfaceName == "l2lan")
    // The kernel's COOKIE is the one that it sends.
    #expect(found[0].transmitCookie == Cookie(number: 0x8899_AABB_CCDD_EEFF, lengthOctets: 8))
    #expect(found[0].receiveCookie == Cookie(number: 0x0011_2233_4455_66FF, lengthOctets: 8))
    #expect(!found[0].requiresSequence && !found[0].sendsSequence && found[0].reorderMilliseconds == 0)
    #expect(found[0].sent == SentFrames(packets: 11, octets: 1170))
    #expect(found[1].requiresSequence && found[1].sendsSequence && found[1].interfaceName == "l2seq")
    #expect(found[1].transmitCookie == Cookie() && found[1].receiveCookie == Cookie())
  }

  @Test("a message that is cut off anywhere is not taken for a tunnel or a session, and does no harm") func cutOff() {
    for digits in [Self.tunnelOverUDP, Self.session] {
      let octets = Self.octets(digits)
      for count in 16..<octets.count {
        let rest = Array(octets[16..<count])
        rest.withUnsafeBytes { payload in
          let message = PWLinux.ReceivedMessage(type: 32, flags: 2, sequence: 7, port: 137, payload: payload)
          let isWhole = count > octets.count - 8
          #expect(isWhole || KernelTunnel(message) == nil)
          _ = KernelSession(message)
        }
      }
    }
  }

  @Test(
    "the sublayer is known by what the session and its interface have counted",
    arguments: [
      (SentFrames(packets: 11, octets: 950), true), (SentFrames(packets: 11, octets: 994), false),
      (SentFrames(packets: 9, octets: 810), nil), (SentFrames(packets: 11, octets: 951), nil),
      (SentFrames(packets: 11, octets: 1170), nil), (SentFrames(packets: 11, octets: 906), nil), (SentFrames(), nil),
    ] as [(SentFrames, Bool?)])
  func sublayer(interface: SentFrames, hasSublayer: Bool?) throws {
    let session = try #require(read(Self.session, KernelSession.init).first ?? nil)
    #expect(session.hasSublayer(interface: interface, .udp) == hasSublayer)
  }
}
