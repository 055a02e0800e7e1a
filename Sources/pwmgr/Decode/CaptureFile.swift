/// A capture: in the classic pcap format, with microseconds or nanoseconds, or in pcapng (``NextGenerationReader``); of
/// either byte order.
struct CaptureFile {
  /// The header that the frames begin with (the registry of link-layer header types).
  enum Link: UInt32 {
    case null = 0
    case ethernet = 1
    case ppp = 9
    case rawOfOpenBSD = 12
    case rawOfOthers = 14
    case pppOfHDLC = 50
    case pppoe = 51
    case raw = 101
    case loop = 108
    case linuxCooked = 113
    case ipv4 = 228
    case ipv6 = 229
    case linuxCooked2 = 276

    /// All of them, as people read it.
    static let words = "Ethernet, PPP, PPPoE, raw IP, Linux cooked, null and loop"
  }

  /// A frame of the capture, as far as it was captured.
  struct Frame {
    /// Its number, from 1.
    var number: Int
    /// The header that it begins with.
    var link: Link
    /// The octets of it that were captured.
    var octets: ArraySlice<UInt8>
    /// Octets that it had on the wire beyond those.
    var missingOctets: Int
  }

  /// Why a capture cannot be read at all.
  enum Failure: Error, Equatable, CustomStringConvertible {
    /// A link type that we do not know.
    case link(UInt32)
    /// Less than a file header.
    case truncatedHeader

    var description: String {
      switch self {
      case .link(let number):
        "link type \(number) is not one of \(Link.words)"
      case .truncatedHeader: "the pcap file ends within its header"
      }
    }
  }

  /// The frames, as far as they could be read.
  let frames: [Frame]
  /// Frames of link types that are not known, by type.
  let passedOver: [UInt32: PassedOver]
  /// Where and why reading ended before the file did.
  let damage: (words: String, octet: Int)?

  /// Frames of one kind that are not among those that are followed.
  struct PassedOver: Equatable {
    /// The number of the first.
    var first: Int
    /// How many there are.
    var count = 0
  }

  /// How many frames were read, of link types that are not known as well.
  var frameCount: Int { frames.count + passedOver.values.reduce(0) { $0 + $1.count } }

  private static let headerOctets = 24
  private static let recordHeaderOctets = 16

  /// Nil if the octets do not begin like a capture.
  init?(_ octets: [UInt8]) throws(Failure) {
    guard octets.count >= 4 else { return nil }
    let isBigEndian: Bool
    switch octets[..<4].reduce(UInt32(0), { $0 << 8 | UInt32($1) }) {
    case 0xA1B2_C3D4, 0xA1B2_3C4D: isBigEndian = true
    case 0xD4C3_B2A1, 0x4D3C_B2A1: isBigEndian = false
    case NextGenerationReader.sectionHeader:
      var reader = NextGenerationReader(octets)
      reader.read()
      if reader.frames.isEmpty, let number = reader.unknownLink { throw .link(number) }
      (frames, passedOver, damage) = (reader.frames, reader.passedOver, reader.damage)
      return
    default: return nil
    }
    guard octets.count >= Self.headerOctets else { throw .truncatedHeader }
    // The upper half says how long a frame check sequence is, if there is one.
    let number = Self.number32(octets, 20, isBigEndian) & 0xFFFF
    guard let link = Link(rawValue: number) else { throw .link(number) }
    passedOver = [:]
    (frames, damage) = Self.records(octets, link, isBigEndian)
  }

  private static func records(
    _ octets: [UInt8], _ link: Link, _ isBigEndian: Bool
  ) -> ([Frame], (words: String, octet: Int)?) {
    var frames: [Frame] = []
    var offset = headerOctets
    while offset < octets.count {
      let left = octets.count - offset - recordHeaderOctets
      guard left >= 0 else { return (frames, ("the file ends within the header of a frame", offset)) }
      let captured = Int(number32(octets, offset + 8, isBigEndian))
      guard captured <= left else {
        return (frames, ("a frame should have \(captured) octets, but \(left) are left", offset))
      }
      let start = offset + recordHeaderOctets
      let onTheWire = Int(number32(octets, offset + 12, isBigEndian))
      frames.append(
        Frame(
          number: frames.count + 1, link: link, octets: octets[start..<(start + captured)],
          missingOctets: max(0, onTheWire - captured)))
      offset = start + captured
    }
    return (frames, nil)
  }

  static func number32(_ octets: [UInt8], _ offset: Int, _ isBigEndian: Bool) -> UInt32 {
    let four = octets[offset..<(offset + 4)]
    return isBigEndian
      ? four.reduce(0) { $0 << 8 | UInt32($1) } : four.reversed().reduce(0) { $0 << 8 | UInt32($1) }
  }
}
