import Foundation
import PWCore
import Testing

@testable import pwmgr

/// Captures of every kind that is read, and of those that are not.
@Suite struct CaptureTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "PWCoreTests/Vectors")

  static let zeroLength: [UInt8] = [0xC8, 3, 0, 12, 0, 0, 0, 1, 0, 2, 0, 3]

  static func pcap(
    _ frames: [[UInt8]], link: UInt32 = 101, magic: UInt32 = 0xA1B2_C3D4, isBigEndian: Bool = true, missing: UInt32 = 0
  ) -> [UInt8] {
    func four(_ number: UInt32) -> [UInt8] {
      let octets = (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) }
      return isBigEndian ? octets : octets.reversed()
    }
    var file = four(magic) + four(0x0002_0004) + four(0) + four(0) + four(65535) + four(link)
    for frame in frames {
      file += four(1) + four(2) + four(UInt32(frame.count)) + four(UInt32(frame.count) + missing) + frame
    }
    return file
  }

  static func udp(_ payload: [UInt8], from: UInt16 = 50000, to: UInt16 = 1701) -> [UInt8] {
    let length = 8 + payload.count
    return [UInt8(from >> 8), UInt8(from & 255), UInt8(to >> 8), UInt8(to & 255), 0, UInt8(length), 0, 0] + payload
  }

  static func ipv4(_ payload: [UInt8], proto: UInt8, fragment: UInt8 = 0) -> [UInt8] {
    [0x46, 0, 0, UInt8(24 + payload.count), 0, 0, fragment, 0, 64, proto, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2]
      + [1, 1, 1, 1] + payload
  }

  static func ipv6(_ payload: [UInt8], next: UInt8) -> [UInt8] {
    let address: [UInt8] = [0x20, 1, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]
    return [0x60, 0, 0, 0, 0, UInt8(payload.count), next, 64] + address + address + payload
  }

  private func texts(_ file: [UInt8], _ encapsulation: Encapsulation? = nil) throws -> [String] {
    let capture = try #require(try CaptureFile(file))
    return Finding.all(in: capture, only: encapsulation).map(\.text)
  }

  @Test(arguments: ["example-ip-integrity.pcap", "example-ip-md5.pcap", "example-udp-sha1.pcap"])
  func examples(_ name: String) throws {
    let file = try [UInt8](Data(contentsOf: Self.folder.appending(path: name)))
    let capture = try #require(try CaptureFile(file))
    let findings = Finding.all(in: capture, only: nil)
    #expect(findings.count == 18)
    #expect(findings.filter(\.isMalformed).isEmpty)
    let names = findings.compactMap { finding -> String? in
      guard case .message(let description, _) = finding else { return nil }
      return description.name
    }
    #expect(
      names == [
        "SCCRQ", "SCCRP", "SCCCN", "ACK", "ICRQ", "ICRP", "ICCN", "ACK", "SLI", "ACK", "HELLO", "ACK", "CDN", "ACK",
        "StopCCN", "ACK",
      ])
    #expect(findings.compactMap(\.json).count == 16)
    let other: Encapsulation = name.contains("udp") ? .ip : .udp
    #expect(Finding.all(in: capture, only: other).isEmpty)
  }

  @Test("A responder that answers from another port than 1701 is followed, and a port that is named counts")
  func otherPorts() throws {
    func reversed(_ packet: [UInt8]) -> [UInt8] {
      Array(packet[..<12] + packet[16..<20] + packet[12..<16] + packet[20...])
    }
    let request = Self.ipv4(Self.udp(Self.zeroLength, from: 50_000, to: 1701), proto: 17)
    let reply = reversed(Self.ipv4(Self.udp(Self.zeroLength, from: 40_000, to: 50_000), proto: 17))
    let next = Self.ipv4(Self.udp(Self.zeroLength, from: 50_000, to: 40_000), proto: 17)
    let others = Self.ipv4(Self.udp(Self.zeroLength, from: 50_001, to: 40_000), proto: 17)
    #expect(try texts(Self.pcap([request, reply, next])).count == 3)
    #expect(try texts(Self.pcap([reply, next, others])).isEmpty)
    let capture = try #require(try CaptureFile(Self.pcap([others])))
    #expect(Finding.all(in: capture, only: nil, port: 40_000).count == 1)
  }

  @Test func byteOrdersAndNanoseconds() throws {
    let frame = Self.ipv4(Self.udp(Self.zeroLength), proto: 17)
    for magic in [0xA1B2_C3D4, 0xA1B2_3C4D] as [UInt32] {
      for isBigEndian in [true, false] {
        let texts = try texts(Self.pcap([frame, frame], magic: magic, isBigEndian: isBigEndian))
        #expect(texts.count == 2)
        #expect(texts.last?.hasPrefix("frame 2, 192.0.2.1:50000 to 192.0.2.2:1701, UDP: ZLB to connection 1 ") == true)
      }
    }
  }

  static let linkCases: [(UInt32, [UInt8])] = [
    (0, [2, 0, 0, 0]), (108, [0, 0, 0, 2]), (12, []), (14, []), (101, []), (228, []),
    (1, [UInt8](repeating: 0xAA, count: 12) + [8, 0]),
    (1, [UInt8](repeating: 0xAA, count: 12) + [0x88, 0xA8, 0, 7, 0x81, 0, 0, 8, 8, 0]),
    (113, [UInt8](repeating: 0, count: 14) + [8, 0]), (276, [8, 0] + [UInt8](repeating: 0, count: 18)),
    (0x1000_0001, [UInt8](repeating: 0xAA, count: 12) + [8, 0]),
  ]

  @Test(arguments: linkCases) func links(_ link: UInt32, _ header: [UInt8]) throws {
    let frame = header + Self.ipv4([0, 0, 0, 0] + Self.zeroLength, proto: 115)
    let texts = try texts(Self.pcap([frame], link: link))
    #expect(texts.count == 1)
    #expect(texts.first?.hasPrefix("frame 1, 192.0.2.1 to 192.0.2.2, IP: ZLB") == true)
  }

  @Test func version6AndItsExtensionHeaders() throws {
    let options: [UInt8] = [43, 0, 1, 4, 0, 0, 0, 0]
    let routing: [UInt8] = [44, 0, 0, 0, 0, 0, 0, 0]
    let atomic: [UInt8] = [17, 0, 0, 0, 0, 0, 0, 1]
    let first: [UInt8] = [17, 0, 0, 1, 0, 0, 0, 1]
    let texts = try texts(
      Self.pcap([
        Self.ipv6([0, 0, 0, 0] + Self.zeroLength, next: 115),
        Self.ipv6(options + routing + atomic + Self.udp(Self.zeroLength, from: 1701, to: 9), next: 0),
        Self.ipv6(first + Self.udp(Self.zeroLength), next: 44),
      ]))
    #expect(texts.count == 3)
    #expect(texts[0].hasPrefix("frame 1, 2001:db8::1 to 2001:db8::1, IP: ZLB"))
    #expect(texts[1].hasPrefix("frame 2, [2001:db8::1]:1701 to [2001:db8::1]:9, UDP: ZLB"))
    #expect(texts[2].contains("fragment"))
  }

  @Test func fragmentsAreNotedAndOtherPacketsAreNot() throws {
    let texts = try texts(
      Self.pcap([
        Self.ipv4(Self.udp(Self.zeroLength), proto: 17, fragment: 0x20),
        Self.ipv4(Self.udp(Self.zeroLength), proto: 17, fragment: 0x40),
        Self.ipv4(Self.udp(Self.zeroLength, from: 49_999, to: 53), proto: 17), Self.ipv4([1, 2, 3], proto: 6), [],
        [0x45], [0xFF],
      ]))
    #expect(texts.count == 2)
    #expect(texts[0].hasPrefix("frame 1: an IP fragment"))
    #expect(texts[1].hasPrefix("frame 2, "))
  }

  /// A packet over IPv4 in pieces of 16 octets, as frames.
  private static func pieces(_ payload: [UInt8], identification: UInt8 = 1) -> [[UInt8]] {
    stride(from: 0, to: payload.count, by: 16).map { start in
      let piece = Array(payload[start..<min(start + 16, payload.count)])
      var packet = ipv4(piece, proto: 17, fragment: start + 16 < payload.count ? 0x20 : 0)
      (packet[5], packet[7]) = (identification, UInt8(start / 8))
      return packet
    }
  }

  @Test func piecesArePutTogetherInAnyOrder() throws {
    let pieces = Self.pieces(Self.udp(Self.zeroLength + [UInt8](repeating: 0, count: 20)))
    let others = Self.pieces(Self.udp(Self.zeroLength), identification: 2)
    let texts = try texts(
      Self.pcap([pieces[2], others[0], pieces[0], pieces[0], pieces[1], others[1], pieces[1]]))
    #expect(texts.count == 3)
    #expect(texts[0].hasPrefix("frame 5, 192.0.2.1:50000 to 192.0.2.2:1701, UDP"))
    #expect(texts[1].hasPrefix("frame 6, 192.0.2.1:50000 to 192.0.2.2:1701, UDP: ZLB"))
    #expect(texts[2].hasPrefix("frame 7: an IP fragment"))
  }

  @Test func piecesOverVersion6ArePutTogether() throws {
    let datagram = Self.udp(Self.zeroLength)
    let texts = try texts(
      Self.pcap([
        Self.ipv6([17, 0, 0, 1, 0, 0, 0, 1] + datagram.prefix(16), next: 44),
        Self.ipv6([17, 0, 0, 16, 0, 0, 0, 1] + datagram.dropFirst(16), next: 44),
      ]))
    #expect(texts.count == 1 && texts[0].contains("UDP: ZLB"))
  }

  @Test func unfinishedPacketsAreBounded() throws {
    let frames = (0...UInt8.max).map { Self.pieces(Self.udp(Self.zeroLength), identification: $0)[0] }
    #expect(try texts(Self.pcap(frames)).count == 256)
  }

  @Test func cutFramesSaySo() throws {
    let frame = Self.ipv4(Self.udp(Array(Self.zeroLength.prefix(8))), proto: 17)
    let texts = try texts(Self.pcap([frame], missing: 4))
    #expect(texts.count == 2)
    #expect(texts[0].contains("lacks the last 4 octets"))
    #expect(texts[1].contains("malformed at octet 8"))
  }

  @Test func damage() throws {
    let whole = Self.pcap([Self.ipv4(Self.udp(Self.zeroLength), proto: 17)])
    let capture = try #require(try CaptureFile(Array(whole.dropLast())))
    #expect(capture.frames.isEmpty && capture.damage?.octet == 24)
    #expect(Finding.all(in: capture, only: nil).map(\.isMalformed) == [true])
    #expect(try CaptureFile(whole + [1, 2, 3])?.damage?.octet == whole.count)
    #expect(throws: CaptureFile.Failure.truncatedHeader) { try CaptureFile(Array(whole.prefix(23))) }
    #expect(throws: CaptureFile.Failure.link(147)) { try CaptureFile(Self.pcap([], link: 147)) }
    #expect(try CaptureFile(Array("c803000c".utf8)) == nil)
  }

  @Test(arguments: ["example-ip-md5.pcap", "example-udp-sha1.pcap"]) func nothingTraps(_ name: String) throws {
    let file = try [UInt8](Data(contentsOf: Self.folder.appending(path: name)))
    var state = UInt64(file.count)
    func random(_ limit: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % limit
    }
    for _ in 0..<300 {
      var mutant = file
      for _ in 0...random(8) { mutant[random(mutant.count)] = UInt8(random(256)) }
      if random(4) == 0 { mutant.removeLast(random(mutant.count)) }
      guard let capture = try? CaptureFile(mutant) else { continue }
      for finding in Finding.all(in: capture, only: nil) {
        #expect(!finding.text.isEmpty)
        _ = finding.json
      }
    }
  }
}
