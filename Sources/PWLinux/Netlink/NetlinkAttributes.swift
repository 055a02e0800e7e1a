import CNetlink
import Glibc

/// The attributes of a received message: a walk that cannot leave the message (`struct nlattr`, linux/netlink.h).
struct NetlinkAttributes: Sequence {
  /// One attribute, a view of the message's memory.
  struct Attribute {
    /// Its number, without the flags NLA_F_NESTED and NLA_F_NET_BYTEORDER.
    var type: Int
    /// The octets after the attribute's header, without padding.
    var value: UnsafeRawBufferPointer

    /// The value as a number in host order; nil when it is too short.
    func number<Number: FixedWidthInteger>(as: Number.Type = Number.self) -> Number? {
      guard value.count >= MemoryLayout<Number>.size else { return nil }
      return value.loadUnaligned(as: Number.self)
    }

    /// The value as text, up to its NUL.
    var text: String {
      String(decoding: value.prefix { $0 != 0 }, as: UTF8.self)
    }

    /// The value as octets.
    var octets: [UInt8] { Array(value) }

    /// The attributes that the value consists of, if it is a nested one.
    var nested: NetlinkAttributes { NetlinkAttributes(value) }
  }

  /// Where the attributes lie.
  private let octets: UnsafeRawBufferPointer

  /// The attributes in some octets.
  init(_ octets: UnsafeRawBufferPointer) {
    self.octets = octets
  }

  func makeIterator() -> Iterator { Iterator(octets: octets) }

  struct Iterator: IteratorProtocol {
    fileprivate var octets: UnsafeRawBufferPointer

    mutating func next() -> Attribute? {
      let header = MemoryLayout<nlattr>.size
      guard octets.count >= header else { return nil }
      let length = Int(octets.loadUnaligned(as: UInt16.self))
      guard length >= header, length <= octets.count else { return nil }
      let type = Int(octets.loadUnaligned(fromByteOffset: 2, as: UInt16.self) & 0x3FFF)
      let attribute = Attribute(type: type, value: UnsafeRawBufferPointer(rebasing: octets[header..<length]))
      let aligned = Swift.min((length + 3) & ~3, octets.count)
      octets = UnsafeRawBufferPointer(rebasing: octets[aligned...])
      return attribute
    }
  }

  /// The first attribute of a number.
  func first(_ type: Int) -> Attribute? { first { $0.type == type } }
}

/// One message of a received batch (`struct nlmsghdr`).
struct ReceivedMessage {
  /// `nlmsg_type`: RTM_NEWLINK and its like, NLMSG_ERROR, or a generic netlink family.
  var type: Int
  /// NLM_F_*.
  var flags: Int32
  /// The request that it answers.
  var sequence: UInt32
  /// The netlink port of the socket that asked; 0 when nobody did.
  var port: UInt32
  /// The octets that follow the netlink header.
  var payload: UnsafeRawBufferPointer

  /// The fixed header of the message's family; nil when it is too short.
  func header<Header>(as: Header.Type) -> Header? {
    guard payload.count >= MemoryLayout<Header>.size else { return nil }
    return payload.loadUnaligned(as: Header.self)
  }

  /// The attributes behind a fixed header.
  func attributes<Header>(after: Header.Type) -> NetlinkAttributes {
    let start = Swift.min((MemoryLayout<Header>.size + 3) & ~3, payload.count)
    return NetlinkAttributes(UnsafeRawBufferPointer(rebasing: payload[start...]))
  }

  /// Calls `body` for each message in a buffer, until it says false.
  static func walk(_ octets: UnsafeRawBufferPointer, _ body: (ReceivedMessage) -> Bool) {
    var rest = octets
    let headerSize = MemoryLayout<nlmsghdr>.size
    while rest.count >= headerSize {
      let header = rest.loadUnaligned(as: nlmsghdr.self)
      let length = Int(header.nlmsg_len)
      guard length >= headerSize, length <= rest.count else { return }
      let message = ReceivedMessage(
        type: Int(header.nlmsg_type), flags: Int32(header.nlmsg_flags), sequence: header.nlmsg_seq,
        port: header.nlmsg_pid,
        payload: UnsafeRawBufferPointer(rebasing: rest[headerSize..<length]))
      guard body(message) else { return }
      let aligned = Swift.min((length + 3) & ~3, rest.count)
      rest = UnsafeRawBufferPointer(rebasing: rest[aligned...])
    }
  }
}
