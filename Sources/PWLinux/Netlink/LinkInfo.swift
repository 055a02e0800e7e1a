import CNetlink
import Glibc

/// One link as the kernel reports it (RTM_NEWLINK, linux/if_link.h): the part that concerns us.
struct LinkInfo: Equatable, Sendable {
  /// The interface index, never used twice while the machine runs, short of an overflow.
  var index: Int32
  /// The interface name; it may change while the index stays.
  var name: String
  /// IFF_UP: switched on.
  var isUp = false
  /// IFF_LOWER_UP: the cable is in.
  var hasCarrier = false
  /// IFF_PROMISC as asked for by an administrator.
  var isPromiscuous = false
  /// IFF_LOOPBACK.
  var isLoopback = false
  /// IFLA_MTU, in octets.
  var mtuOctets = 0
  /// The link that it is a port of: a bridge, a bond; 0 is none.
  var master: Int32 = 0
  /// `bridge`, `veth`, `tun`, or nothing for a card and for L2TP.
  var kind: String?
  /// The MAC address, or another link-layer address.
  var address: [UInt8] = []
  /// IFLA_IFALIAS: where we put our mark.
  var alias: String?
  /// Whether a bridge's port is isolated; nil when it is not a bridge's port.
  var isIsolated: Bool?
  /// The state of a bridge's port; nil when it is not one.
  var portState: PortState?
  /// Whether IPv6 addresses are made by themselves when it goes up; nil without IPv6.
  var generatesAddresses: Bool?
  /// Whether a bridge runs the spanning tree; nil when it is not a bridge.
  var spanningTree: Bool?
  /// A bridge's own switches that hand its frames to the firewall.
  var firewallCalls: Set<BridgeNetfilter.Switch> = []
  /// Whether a bridge filters by VLAN; nil when it is not a bridge, or the kernel's bridges cannot.
  var filtersVLANs: Bool?
  /// The VLAN that such a bridge gives the untagged frames of its ports; nil is none.
  var usualVLAN: UInt16?
}

extension LinkInfo {
  /// Reads RTM_NEWLINK or RTM_DELLINK; nil for one that speaks of something else than the link itself (a bridge's port
  /// table and IPv6 have messages of the same type).
  init?(_ message: ReceivedMessage) {
    guard let header = message.header(as: ifinfomsg.self), header.ifi_family == AF_UNSPEC else { return nil }
    self.init(index: header.ifi_index, name: "")
    isUp = header.ifi_flags & UInt32(IFF_UP) != 0
    hasCarrier = header.ifi_flags & LinkInfo.lowerUp != 0
    isPromiscuous = header.ifi_flags & UInt32(IFF_PROMISC) != 0
    isLoopback = header.ifi_flags & UInt32(IFF_LOOPBACK) != 0
    for attribute in message.attributes(after: ifinfomsg.self) { take(attribute) }
  }

  /// IFF_LOWER_UP, which the C library's header lacks.
  private static let lowerUp: UInt32 = 1 << 16

  private mutating func take(_ attribute: NetlinkAttributes.Attribute) {
    switch attribute.type {
    case IFLA_IFNAME: name = attribute.text
    case IFLA_MTU: mtuOctets = Int(attribute.number(as: UInt32.self) ?? 0)
    case IFLA_MASTER: master = attribute.number() ?? 0
    case IFLA_ADDRESS: address = attribute.octets
    case IFLA_IFALIAS: alias = attribute.text
    case IFLA_LINKINFO: takeKind(attribute.nested)
    case IFLA_AF_SPEC: takeFamilies(attribute.nested)
    case _: break
    }
  }

  private mutating func takeKind(_ attributes: NetlinkAttributes) {
    kind = attributes.first(IFLA_INFO_KIND)?.text
    if kind == "bridge", let data = attributes.first(IFLA_INFO_DATA)?.nested {
      if data.first(IFLA_BR_NF_CALL_IPTABLES)?.number(as: UInt8.self) ?? 0 != 0 { firewallCalls.insert(.iptables) }
      if data.first(IFLA_BR_NF_CALL_IP6TABLES)?.number(as: UInt8.self) ?? 0 != 0 { firewallCalls.insert(.ip6tables) }
      spanningTree = data.first(IFLA_BR_STP_STATE)?.number(as: UInt32.self).map { $0 != 0 }
      filtersVLANs = data.first(IFLA_BR_VLAN_FILTERING)?.number(as: UInt8.self).map { $0 != 0 }
      usualVLAN = data.first(IFLA_BR_VLAN_DEFAULT_PVID)?.number(as: UInt16.self).flatMap { $0 == 0 ? nil : $0 }
    }
    if attributes.first(IFLA_INFO_SLAVE_KIND)?.text == "bridge",
      let data = attributes.first(IFLA_INFO_SLAVE_DATA)?.nested
    {
      isIsolated = data.first(IFLA_BRPORT_ISOLATED)?.number(as: UInt8.self).map { $0 != 0 }
      portState = PortState(data)
    }
  }

  private mutating func takeFamilies(_ attributes: NetlinkAttributes) {
    guard let version6 = attributes.first(Int(AF_INET6))?.nested else { return }
    let mode = version6.first(IFLA_INET6_ADDR_GEN_MODE)?.number(as: UInt8.self)
    generatesAddresses = mode.map { $0 != UInt8(IN6_ADDR_GEN_MODE_NONE.rawValue) }
  }
}
