import Foundation
import PWCore
import Testing

@testable import pwmgr

/// L2TP inside something else, as captures at uplinks, in providers' networks and of mirrors have it.
@Suite("Captures with layers around L2TP") struct WrappingTests {
  /// HELLO of Ns 2, Nr 3.
  private static let hello: [UInt8] = [
    0xC8, 3, 0, 20, 0, 0, 0, 1, 0, 2, 0, 3, 0x80, 8, 0, 0, 0, 0, 0, 6,
  ]

  private static func number16(_ number: Int) -> [UInt8] { [UInt8(number >> 8 & 0xFF), UInt8(number & 0xFF)] }

  /// Parts one after the other.
  private static func octets(_ parts: [UInt8]...) -> [UInt8] { Array(parts.joined()) }

  private static func udp(_ port: Int, _ payload: [UInt8]) -> [UInt8] {
    octets(number16(40_000), number16(port), number16(8 + payload.count), [0, 0], payload)
  }

  private static func ip(_ transport: UInt8, _ payload: [UInt8]) -> [UInt8] {
    octets(
      [0x45, 0], number16(20 + payload.count), [0, 1, 0, 0, 64, transport, 0, 0], [192, 0, 2, 1], [192, 0, 2, 2],
      payload)
  }

  private static func ip6(_ transport: UInt8, _ payload: [UInt8]) -> [UInt8] {
    octets(
      [0x60, 0, 0, 0], number16(payload.count), [transport, 64], [UInt8](repeating: 0xFE, count: 32), payload)
  }

  private static func ethernet(_ type: Int, _ payload: [UInt8]) -> [UInt8] {
    octets([UInt8](repeating: 6, count: 12), number16(type), payload)
  }

  /// PPPoE's six octets, and PPP.
  private static func pppoe(_ ppp: [UInt8]) -> [UInt8] { octets([0x11, 0, 0, 7], number16(ppp.count), ppp) }

  private static let packet = ip(17, udp(1701, hello))
  private static let plain = ethernet(0x0800, packet)
  private static let ppp = octets([0, 0x21], packet)
  private static let label: [UInt8] = [0, 6, 0x41, 64]
  private static let vxlan: [UInt8] = [8, 0, 0, 0, 0, 0, 9, 0]

  /// A frame, and what it begins with.
  struct Wrapped: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var link: UInt32
    var frame: [UInt8]
  }

  private static func inIP(_ transport: UInt8, _ parts: [UInt8]...) -> [UInt8] {
    ethernet(0x0800, ip(transport, Array(parts.joined())))
  }

  private static let wrapped: [Wrapped] = {
    var all: [Wrapped] = []
    func add(_ name: String, _ frame: [UInt8], link: UInt32 = 1) {
      all.append(Wrapped(testDescription: name, link: link, frame: frame))
    }
    add("plain", plain)
    add("PPPoE", ethernet(0x8864, pppoe(ppp)))
    add("PPPoE, the protocol in one octet", ethernet(0x8864, pppoe(octets([0x21], packet))))
    add("PPPoE in a VLAN", ethernet(0x8100, octets([0, 10, 0x88, 0x64], pppoe(ppp))))
    add("PPPoE with IPv6", ethernet(0x8864, pppoe(octets([0, 0x57], ip6(17, udp(1701, hello))))))
    add("PPP", octets([0xFF, 3], ppp), link: 9)
    add("PPP as HDLC", ppp, link: 50)
    add("PPPoE alone", pppoe(ppp), link: 51)
    add("MPLS", ethernet(0x8847, octets(label, packet)))
    add("MPLS of two labels", ethernet(0x8847, octets([0, 7, 0x40, 64], label, packet)))
    add("an Ethernet pseudowire of MPLS", ethernet(0x8847, octets(label, [0, 0, 0, 0], plain)))
    add("GRE", inIP(47, [0, 0, 8, 0], packet))
    add("GRE with key and sequence", inIP(47, [0x30, 0, 8, 0], [0, 0, 0, 1, 0, 0, 0, 2], packet))
    add("Ethernet in GRE over IPv6", ethernet(0x86DD, ip6(47, octets([0, 0, 0x65, 0x58], plain))))
    add("ERSPAN", inIP(47, [0x10, 0, 0x88, 0xBE], [UInt8](repeating: 0, count: 12), plain))
    add("IP in IP", inIP(4, packet))
    add("IPv6 in IPv4", inIP(41, ip6(17, udp(1701, hello))))
    add("TZSP", inIP(17, udp(37_008, octets([1, 0, 0, 1, 0, 10, 1, 7, 1], plain))))
    add("VXLAN", inIP(17, udp(4_789, octets(vxlan, plain))))
    let frame = ethernet(0x8864, pppoe(ppp))
    add("PPPoE in VXLAN in GRE", inIP(47, [0, 0, 8, 0], ip(17, udp(4_789, octets(vxlan, frame)))))
    return all
  }()

  /// - Parameter missing: octets that each frame had beyond those that the capture has.
  private static func capture(_ frames: [[UInt8]], link: UInt32, missing: Int = 0) throws -> CaptureFile {
    func number32(_ number: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) } }
    var file = octets(
      number32(0xA1B2_C3D4), [2, 0, 4, 0], number32(0), number32(0), number32(65_535), number32(link))
    for frame in frames {
      let (captured, length) = (number32(UInt32(frame.count)), number32(UInt32(frame.count + missing)))
      file += octets(number32(0), number32(0), captured, length, frame)
    }
    return try #require(try CaptureFile(file))
  }

  private static func words(_ frames: [[UInt8]], link: UInt32 = 1) throws -> [String] {
    Finding.all(in: try capture(frames, link: link), only: nil).map(\.text)
  }

  @Test("the message is found in each of them", arguments: wrapped)
  func found(_ wrapped: Wrapped) throws {
    let words = try Self.words([wrapped.frame], link: wrapped.link)
    #expect(words.count == 1 && words.first?.contains("HELLO (Hello) to connection 1") == true, "\(words)")
  }

  @Test("cut anywhere, no frame is taken for two things", arguments: wrapped)
  func cut(_ wrapped: Wrapped) throws {
    for length in 0..<wrapped.frame.count {
      let words = try Self.words([Array(wrapped.frame.prefix(length))], link: wrapped.link)
      #expect(words.count <= 1, "\(length): \(words)")
    }
  }

  @Test("captured in part, no frame is passed over without a word", arguments: wrapped)
  func capturedInPart(_ wrapped: Wrapped) throws {
    for length in 0..<wrapped.frame.count {
      let frame = Array(wrapped.frame.prefix(length))
      let capture = try Self.capture([frame], link: wrapped.link, missing: wrapped.frame.count - length)
      #expect(!Finding.all(in: capture, only: nil).isEmpty, "\(length) octets")
    }
  }

  @Test("frames that are not looked into are counted, and told")
  func passedOver() throws {
    let esp = Self.inIP(50, [UInt8](repeating: 9, count: 40))
    let mpls = Self.ethernet(0x8847, Self.octets(Self.label, [0x90, 1, 2, 3, 4, 5]))
    let gre = Self.inIP(47, [0, 1, 0x88, 0x0B, 0, 0, 0, 0])
    let words = try Self.words([esp, Self.plain, mpls, esp, gre])
    #expect(words.count == 4, "\(words)")
    #expect(words[0].contains("HELLO"))
    #expect(words[1] == "frame 1: 2 frames, this one first, inside IPsec (ESP), which is not decoded")
    #expect(words[2].hasPrefix("frame 3: 1 frame, this one first, inside MPLS, with neither IP nor"))
    #expect(words[3].hasPrefix("frame 5: 1 frame, this one first, inside GRE of version 1"))
  }

  @Test("layers without end come to one")
  func endless() throws {
    var packet = Self.packet
    for _ in 0..<200 { packet = Self.ip(4, packet) }
    #expect(try Self.words([Self.ethernet(0x0800, packet)]) == [])
    var frame = Self.plain
    for _ in 0..<200 { frame = Self.ethernet(0x8847, Self.octets(Self.label, [0, 0, 0, 0], frame)) }
    #expect(try Self.words([frame]).count <= 1)
  }
}
