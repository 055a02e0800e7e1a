import CNetlink
import Glibc
import PWCore

/// A policy of the kernel's IPsec: what is demanded of the packets that its selector covers (`struct
/// xfrm_userpolicy_info`, linux/xfrm.h).
struct IPsecPolicy: Equatable, Sendable {
  /// Whether it is about packets that leave, or about packets that arrive here.
  enum Direction: Equatable, Sendable {
    case out
    case `in`
  }

  /// A transformation that it demands (`struct xfrm_user_tmpl`).
  struct Template: Equatable, Sendable {
    /// IPPROTO_ESP or another one.
    var protocolNumber: UInt8
    /// Whether packets may be without it (`level use`).
    var isOptional: Bool
    /// XFRM_MODE_TRANSPORT, XFRM_MODE_TUNNEL or another one.
    var mode: UInt8
    /// The number that the associations have that belong to it; 0 is any of packets that arrive.
    var requestID: UInt32
    /// The Security Parameters Index; 0 is any.
    var spi: UInt32
    /// The ends of the association, which count where ``hasOwnEnds`` says so; nil is left open.
    var source: IPAddress?
    var destination: IPAddress?

    /// Whether packets travel between its ends: in transport mode they do between their own.
    var hasOwnEnds: Bool { Self.modesWithEnds.contains(mode) }

    /// XFRM_MODE_TUNNEL, XFRM_MODE_BEET and XFRM_MODE_IPTFS (linux/xfrm.h).
    private static let modesWithEnds: [UInt8] = [1, 4, 5]

    /// Whether every packet must be encrypted, as far as the policy says.
    var demandsEncryption: Bool { protocolNumber == Self.esp && !isOptional }

    /// IPPROTO_ESP and IPPROTO_AH (netinet/in.h).
    static let (esp, ah): (UInt8, UInt8) = (50, 51)
  }

  var direction: Direction
  /// Of all that cover a packet the one with the lowest counts.
  var priority: UInt32
  /// Whether it drops what it covers.
  var isBlocking: Bool
  var selector: IPsecSelector
  var templates: [Template]
  /// Whether it is for packets without a mark, as ours are, and for no XFRM interface.
  var isForUsualPackets: Bool

  /// Whether it is about these packets.
  func covers(_ flow: PacketFlow) -> Bool { isForUsualPackets && selector.covers(flow) }
}

/// The packets that a policy is for (`struct xfrm_selector`).
struct IPsecSelector: Equatable, Sendable {
  var source: IPPrefix
  var destination: IPPrefix
  /// The ports, and which of their bits count.
  var sourcePort: (value: UInt16, mask: UInt16)
  var destinationPort: (value: UInt16, mask: UInt16)
  /// 0 is any.
  var protocolNumber: UInt8
  /// 0 is any.
  var interface: Int32

  /// Whether packets are among them (`xfrm_selector_match`, net/xfrm/xfrm_policy.c).
  func covers(_ flow: PacketFlow) -> Bool {
    source.contains(flow.source.address) && destination.contains(flow.destination.address)
      && (flow.source.port ^ sourcePort.value) & sourcePort.mask == 0
      && (flow.destination.port ^ destinationPort.value) & destinationPort.mask == 0
      && (protocolNumber == 0 || protocolNumber == flow.protocolNumber)
      && (interface == 0 || interface == flow.interface)
  }

  /// Whether both are for the same packets.
  static func == (left: IPsecSelector, right: IPsecSelector) -> Bool {
    left.source == right.source && left.destination == right.destination && left.sourcePort == right.sourcePort
      && left.destinationPort == right.destinationPort && left.protocolNumber == right.protocolNumber
      && left.interface == right.interface
  }
}

// MARK: - As the kernel writes them

extension IPsecPolicy {
  /// Reads XFRM_MSG_NEWPOLICY; nil for a policy of another kind: of forwarded packets, of one socket, or a sub-policy.
  init?(_ message: ReceivedMessage) {
    guard message.type == XFRM_MSG_NEWPOLICY, let info = message.header(as: xfrm_userpolicy_info.self),
      let selector = IPsecSelector(info.sel)
    else { return nil }
    switch Int(info.dir) {
    case XFRM_POLICY_OUT: direction = .out
    case XFRM_POLICY_IN: direction = .in
    default: return nil
    }
    let attributes = message.attributes(after: xfrm_userpolicy_info.self)
    let type = attributes.first(Int(XFRMA_POLICY_TYPE.rawValue))?.number(as: UInt8.self) ?? 0
    guard Int(type) == XFRM_POLICY_TYPE_MAIN else { return nil }
    priority = info.priority
    isBlocking = info.action != UInt8(XFRM_POLICY_ALLOW)
    self.selector = selector
    templates = attributes.first(Int(XFRMA_TMPL.rawValue)).map { Self.templates(in: $0.value) } ?? []
    let mark = attributes.first(Int(XFRMA_MARK.rawValue))?.number(as: UInt32.self) ?? 0
    let interface = attributes.first(Int(XFRMA_IF_ID.rawValue))?.number(as: UInt32.self) ?? 0
    isForUsualPackets = mark == 0 && interface == 0
  }

  private static func templates(in octets: UnsafeRawBufferPointer) -> [Template] {
    let size = MemoryLayout<xfrm_user_tmpl>.stride
    return (0..<octets.count / size).map { index in
      Template(octets.loadUnaligned(fromByteOffset: index * size, as: xfrm_user_tmpl.self))
    }
  }
}

extension IPsecPolicy.Template {
  init(_ template: xfrm_user_tmpl) {
    protocolNumber = template.id.proto
    isOptional = template.optional != 0
    mode = template.mode
    requestID = template.reqid
    spi = template.id.spi.bigEndian
    source = template.saddr.address(template.family).flatMap { $0.isAny ? nil : $0 }
    destination = template.id.daddr.address(template.family).flatMap { $0.isAny ? nil : $0 }
  }
}

extension IPsecSelector {
  /// nil for a family other than IPv4 and IPv6, or a prefix that is too long.
  init?(_ selector: xfrm_selector) {
    guard let source = selector.saddr.address(selector.family),
      let destination = selector.daddr.address(selector.family),
      let from = IPPrefix(containing: source, lengthBits: Int(selector.prefixlen_s)),
      let to = IPPrefix(containing: destination, lengthBits: Int(selector.prefixlen_d))
    else { return nil }
    (self.source, self.destination) = (from, to)
    sourcePort = (selector.sport.bigEndian, selector.sport_mask.bigEndian)
    destinationPort = (selector.dport.bigEndian, selector.dport_mask.bigEndian)
    protocolNumber = selector.proto
    interface = selector.ifindex
  }
}

extension xfrm_address_t {
  /// The address of a family; nil for a family that has none here.
  func address(_ family: UInt16) -> IPAddress? {
    withUnsafeBytes(of: self) { octets in
      switch Int32(family) {
      case AF_INET: .v4(octets.loadUnaligned(as: UInt32.self).bigEndian)
      case AF_INET6:
        .v6(
          high: octets.loadUnaligned(as: UInt64.self).bigEndian,
          low: octets.loadUnaligned(fromByteOffset: 8, as: UInt64.self).bigEndian, zone: nil)
      default: nil
      }
    }
  }
}
