/// One AVP where it lies in a message (RFC 3931 section 5.1): no octet is copied.
public struct AVPView: Equatable, Sendable {
  /// Where its header begins, in octets from the flags word of the message.
  public let offset: Int
  /// Octets of its value.
  public let valueOctets: Int
  /// Vendor ID; 0 is the IETF's.
  public let vendorID: UInt16
  /// Attribute Type.
  public let type: UInt16
  /// The M bit.
  public let isMandatory: Bool
  /// The H bit.
  public let isHidden: Bool

  /// Octets of an AVP's header.
  public static let headerOctets = 6

  /// Where its value begins.
  public var valueOffset: Int { offset &+ Self.headerOctets }
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
    let view = AVPView(
      offset: offset, valueOctets: length &- AVPView.headerOctets, vendorID: octets.number16(at: offset &+ 2),
      type: octets.number16(at: offset &+ 4), isMandatory: bits & 0x8000 != 0, isHidden: bits & 0x4000 != 0)
    offset &+= length
    return view
  }
}

extension Span<UInt8> {
  /// Two octets, most significant first.
  @inline(__always)
  func number16(at offset: Int) -> UInt16 {
    UInt16(self[offset]) &<< 8 | UInt16(self[offset &+ 1])
  }

  /// Four octets, most significant first.
  @inline(__always)
  func number32(at offset: Int) -> UInt32 {
    UInt32(number16(at: offset)) &<< 16 | UInt32(number16(at: offset &+ 2))
  }

  /// Eight octets, most significant first.
  @inline(__always)
  func number64(at offset: Int) -> UInt64 {
    UInt64(number32(at: offset)) &<< 32 | UInt64(number32(at: offset &+ 4))
  }

  /// A copy of `count` octets.
  func octets(at offset: Int, count: Int) -> [UInt8] {
    guard count > 0 else { return [] }
    return extracting(offset..<(offset + count)).withUnsafeBufferPointer { Array($0) }
  }
}
