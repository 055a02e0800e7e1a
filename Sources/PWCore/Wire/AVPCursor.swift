/// One AVP where it lies in a message (RFC 3931 section 5.1): no octet is copied.
public struct AVPView: Equatable, Sendable {
  // Kept narrow, so that a view travels in registers.
  private let start: UInt16
  private let bits: UInt16
  /// Vendor ID; 0 is the IETF's.
  public let vendorID: UInt16
  /// Attribute Type.
  public let type: UInt16

  /// Octets of an AVP's header.
  public static let headerOctets = 6
  /// The longest that an AVP can be, header included, in octets (RFC 3931 section 5.1).
  static let longestOctets = 0x03FF

  /// An AVP whose header begins at `offset`, in octets from the flags word of the message, with the first two octets
  /// `bits`.
  @inline(__always)
  init(offset: Int, bits: UInt16, vendorID: UInt16, type: UInt16) {
    start = UInt16(truncatingIfNeeded: offset)
    self.bits = bits
    self.vendorID = vendorID
    self.type = type
  }

  /// Where its header begins, in octets from the flags word of the message.
  public var offset: Int { Int(start) }
  /// Where its value begins.
  public var valueOffset: Int { Int(start) &+ Self.headerOctets }
  /// Octets of its value.
  public var valueOctets: Int { Int(bits & 0x03FF) &- Self.headerOctets }
  /// The M bit.
  public var isMandatory: Bool { bits & 0x8000 != 0 }
  /// The H bit.
  public var isHidden: Bool { bits & 0x4000 != 0 }
}

/// Why the AVPs of a message cannot be told apart from some octet on.
public enum AVPFramingError: Error, Equatable, Sendable {
  /// So few octets are left that not even a header fits.
  case truncatedHeader(offset: Int, octetsLeft: Int)
  /// The Length field is less than the header's 6 octets.
  case lengthTooSmall(offset: Int, length: Int)
  /// The Length field reaches past the end of the message.
  case lengthPastEnd(offset: Int, length: Int, octetsLeft: Int)

  /// Where the AVP begins that cannot be read.
  public var offset: Int {
    switch self {
    case .truncatedHeader(let offset, _), .lengthTooSmall(let offset, _), .lengthPastEnd(let offset, _, _): offset
    }
  }
}

/// Walks the AVPs of a control message, first to last, without allocating.
public struct AVPCursor: Sendable {
  /// Where the next AVP begins.
  public private(set) var offset: Int
  /// Where the message ends.
  public let end: Int

  /// A cursor on the first AVP of a message whose Length field says `messageOctets`.
  public init(messageOctets: Int) {
    offset = ControlHeader.lengthOctets
    end = messageOctets
  }

  /// The next AVP; nil at the end of the message.
  @inline(__always)
  public mutating func next(in octets: Span<UInt8>) throws(AVPFramingError) -> AVPView? {
    let left = end &- offset
    guard left >= AVPView.headerOctets else {
      if left == 0 { return nil }
      throw .truncatedHeader(offset: offset, octetsLeft: left)
    }
    let bits = octets.number16(at: offset)
    let length = Int(bits & 0x03FF)
    guard length >= AVPView.headerOctets else { throw .lengthTooSmall(offset: offset, length: length) }
    guard length <= left else { throw .lengthPastEnd(offset: offset, length: length, octetsLeft: left) }
    let identity = octets.number32(at: offset &+ 2)
    let view = AVPView(
      offset: offset, bits: bits, vendorID: UInt16(truncatingIfNeeded: identity &>> 16),
      type: UInt16(truncatingIfNeeded: identity))
    offset &+= length
    return view
  }
}

extension Span<UInt8> {
  /// Two octets, most significant first.
  @inline(__always)
  func number16(at offset: Int) -> UInt16 {
    UInt16(bigEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt16.self))
  }

  /// Four octets, most significant first.
  @inline(__always)
  func number32(at offset: Int) -> UInt32 {
    UInt32(bigEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }

  /// Eight octets, most significant first.
  @inline(__always)
  func number64(at offset: Int) -> UInt64 {
    UInt64(bigEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }

  /// A copy of `count` octets.
  func octets(at offset: Int, count: Int) -> [UInt8] {
    guard count > 0 else { return [] }
    // The one way to make an array that the standard library has compiled for octets: others cost twice as much.
    return extracting(offset..<(offset &+ count)).withUnsafeBufferPointer { Array($0) }
  }
}
