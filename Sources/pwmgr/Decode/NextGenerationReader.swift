/// Reads captures in the pcapng format (draft-ietf-opsawg-pcapng), which Wireshark writes: sections of blocks, each
/// section with a byte order and interfaces of its own.
struct NextGenerationReader {
  /// The type of a Section Header Block, the same in either byte order.
  static let sectionHeader: UInt32 = 0x0A0D_0D0A
  private static let byteOrderMagic: UInt32 = 0x1A2B_3C4D
  /// Type, length, and the length again at the end.
  private static let blockOctets = 12

  /// The frames of interfaces whose link type we know.
  private(set) var frames: [CaptureFile.Frame] = []
  /// Where and why reading ended before the file did.
  private(set) var damage: (words: String, octet: Int)?
  /// The frames of the others, by link type.
  private(set) var passedOver: [UInt32: CaptureFile.PassedOver] = [:]
  /// A link type that we do not know, if an interface has one.
  private(set) var unknownLink: UInt32?
  private let octets: [UInt8]
  private var isBigEndian = false
  /// The link type of each interface of the section.
  private var interfaces: [UInt32] = []
  private var count = 0

  init(_ octets: [UInt8]) { self.octets = octets }

  /// Reads all blocks, or until one of them makes no sense.
  mutating func read() {
    var offset = 0
    while offset < octets.count {
      guard octets.count - offset >= Self.blockOctets else {
        return damage = ("the file ends within the header of a block", offset)
      }
      if number(offset) == Self.sectionHeader, !beginSection(offset) {
        return damage = ("a section has no byte order that we know", offset)
      }
      let length = Int(number(offset + 4))
      guard length >= Self.blockOctets, length % 4 == 0, length <= octets.count - offset else {
        return damage = ("a block should have \(length) octets, but \(octets.count - offset) are left", offset)
      }
      if let fault = take(number(offset), (offset + 8)..<(offset + length - 4)) { return damage = (fault, offset) }
      offset += length
    }
  }

  private func number(_ offset: Int) -> UInt32 { CaptureFile.number32(octets, offset, isBigEndian) }

  private func number16(_ offset: Int) -> Int {
    let (first, second) = (Int(octets[offset]), Int(octets[offset + 1]))
    return isBigEndian ? first << 8 | second : second << 8 | first
  }

  private mutating func beginSection(_ offset: Int) -> Bool {
    interfaces = []
    for order in [false, true] where CaptureFile.number32(octets, offset + 8, order) == Self.byteOrderMagic {
      isBigEndian = order
      return true
    }
    return false
  }

  private static let tooShort = "a block is shorter than its declared contents"

  /// Takes a block's body; returns what is wrong with it.
  private mutating func take(_ type: UInt32, _ body: Range<Int>) -> String? {
    switch type {
    case 1:  // Interface Description Block.
      guard body.count >= 8 else { return Self.tooShort }
      let number = UInt32(number16(body.lowerBound))
      if CaptureFile.Link(rawValue: number) == nil { unknownLink = number }
      interfaces.append(number)
      return nil
    case 2:  // Packet Block, which is obsolete.
      guard body.count >= 20 else { return Self.tooShort }
      let start = body.lowerBound
      return add(number16(start), Int(number(start + 12)), Int(number(start + 16)), (start + 20)..<body.upperBound)
    case 3:  // Simple Packet Block: of the first interface.
      guard body.count >= 4 else { return Self.tooShort }
      let room = (body.lowerBound + 4)..<body.upperBound
      let length = Int(number(body.lowerBound))
      return add(0, min(length, room.count), length, room)
    case 6:  // Enhanced Packet Block.
      guard body.count >= 20 else { return Self.tooShort }
      let start = body.lowerBound
      return add(Int(number(start)), Int(number(start + 12)), Int(number(start + 16)), (start + 20)..<body.upperBound)
    default: return nil
    }
  }

  private mutating func add(_ interface: Int, _ captured: Int, _ onTheWire: Int, _ room: Range<Int>) -> String? {
    guard captured <= room.count else { return Self.tooShort }
    guard interface < interfaces.count else {
      return "a block has a frame of interface \(interface), which no block before it describes"
    }
    count += 1
    guard let link = CaptureFile.Link(rawValue: interfaces[interface]) else {
      passedOver[interfaces[interface], default: .init(first: count)].count += 1
      return nil
    }
    frames.append(
      CaptureFile.Frame(
        number: count, link: link, octets: octets[room.lowerBound..<(room.lowerBound + captured)],
        missingOctets: max(0, onTheWire - captured)))
    return nil
  }
}
