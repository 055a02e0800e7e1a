import Foundation
import Testing

@testable import pwmgr

/// Captures as Wireshark writes them, built by hand after draft-ietf-opsawg-pcapng.
struct NextGenerationTests {
  private static func number(_ number: UInt32, _ count: Int, _ isBigEndian: Bool) -> [UInt8] {
    let octets = (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    return isBigEndian ? octets.reversed() : octets
  }

  private static func block(_ type: UInt32, _ body: [UInt8], _ isBigEndian: Bool) -> [UInt8] {
    let padding = [UInt8](repeating: 0, count: (4 - body.count % 4) % 4)
    let length = number(UInt32(12 + body.count + padding.count), 4, isBigEndian)
    return number(type, 4, isBigEndian) + length + body + padding + length
  }

  private static func section(_ isBigEndian: Bool) -> [UInt8] {
    let magic = number(0x1A2B_3C4D, 4, isBigEndian)
    return block(
      0x0A0D_0D0A,
      magic + number(1, 2, isBigEndian) + number(0, 2, isBigEndian)
        + [UInt8](repeating: 255, count: 8), isBigEndian)
  }

  private static func interface(_ link: UInt32, _ isBigEndian: Bool) -> [UInt8] {
    block(1, number(link, 2, isBigEndian) + [0, 0] + number(0, 4, isBigEndian), isBigEndian)
  }

  private static func enhanced(
    _ frame: [UInt8], interface: UInt32 = 0, missing: UInt32 = 0, _ isBigEndian: Bool
  ) -> [UInt8] {
    let count = UInt32(frame.count)
    let lengths = number(count, 4, isBigEndian) + number(count + missing, 4, isBigEndian)
    let head = number(interface, 4, isBigEndian) + [UInt8](repeating: 0, count: 8)
    return block(6, head + lengths + frame, isBigEndian)
  }

  private static func simple(_ frame: [UInt8], _ isBigEndian: Bool) -> [UInt8] {
    block(3, number(UInt32(frame.count), 4, isBigEndian) + frame, isBigEndian)
  }

  private func texts(_ file: [UInt8]) throws -> [String] {
    Finding.all(in: try #require(try CaptureFile(file)), only: nil).map(\.text)
  }

  private static let frame = CaptureTests.ipv4(CaptureTests.udp(CaptureTests.zeroLength), proto: 17)

  @Test("The same frames say the same in either format", arguments: [true, false])
  func formats(isBigEndian: Bool) throws {
    let classic = try texts(CaptureTests.pcap([Self.frame, Self.frame]))
    let head = Self.section(isBigEndian) + Self.interface(101, isBigEndian)
    let statistics = Self.block(5, [UInt8](repeating: 0, count: 12), isBigEndian)
    #expect(
      try texts(head + Self.enhanced(Self.frame, isBigEndian) + statistics + Self.simple(Self.frame, isBigEndian))
        == classic)
  }

  @Test("Each section has its own byte order, and each interface its own link type")
  func sections() throws {
    let one = Self.section(true) + Self.interface(147, true) + Self.interface(101, true)
    let two = Self.section(false) + Self.interface(1, false)
    let ethernet = [UInt8](repeating: 2, count: 12) + [8, 0] + Self.frame
    let file =
      one + Self.enhanced([1, 2, 3], true) + Self.enhanced(Self.frame, interface: 1, true) + two
      + Self.enhanced(ethernet, missing: 5, false)
    let capture = try #require(try CaptureFile(file))
    #expect(capture.frames.map(\.number) == [2, 3])
    #expect(capture.frames.map(\.link) == [.raw, .ethernet])
    #expect(capture.frames.map(\.missingOctets) == [0, 5])
    #expect(Finding.all(in: capture, only: nil).count == 4, "the frame of the type that is not known is told of")
    #expect(throws: CaptureFile.Failure.link(147)) {
      try CaptureFile(Self.section(true) + Self.interface(147, true) + Self.enhanced([1], true))
    }
  }

  @Test("Frames of an interface whose link type is not known are told of beside the others")
  func unknownLinks() throws {
    let file =
      Self.section(true) + Self.interface(101, true) + Self.interface(147, true) + Self.enhanced(Self.frame, true)
      + Self.enhanced(Self.frame, interface: 1, true)
    let capture = try #require(try CaptureFile(file))
    #expect(capture.frameCount == 2 && capture.frames.count == 1)
    #expect(
      Finding.all(in: capture, only: nil).map(\.text).last
        == "frame 2: 1 frame, this one first, of link type 147, which is not one of \(CaptureFile.Link.words)")
  }

  @Test("Damage to a capture is told, with its place, and traps nowhere")
  func damage() throws {
    let file = Self.section(true) + Self.interface(101, true) + Self.enhanced(Self.frame, true)
    for length in 4..<file.count {
      let capture = try? CaptureFile(Array(file.prefix(length)))
      #expect(capture?.damage != nil || [28, 48].contains(length), "\(length)")
    }
    let beyond = Self.section(true) + Self.interface(101, true) + Self.enhanced(Self.frame, interface: 7, true)
    #expect(try CaptureFile(beyond)?.damage?.octet == 48)
    let words = try CaptureFile(beyond)?.damage?.words
    #expect(words == "a block has a frame of interface 7, which no block before it describes")
    for index in file.indices {
      for value: UInt8 in [0, 1, 127, 255] {
        var mutant = file
        mutant[index] = value
        guard let capture = try? CaptureFile(mutant) else { continue }
        _ = Finding.all(in: capture, only: nil).map(\.text)
      }
    }
  }
}
