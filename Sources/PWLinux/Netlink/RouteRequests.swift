import CNetlink
import Glibc
import PWCore

/// Requests of rtnetlink(7), built; none of them is sent here.
enum RouteRequests {
  /// Asks for all links of the network namespace (RTM_GETLINK).
  static func dumpLinks() -> NetlinkMessage {
    let message = NetlinkMessage(type: RTM_GETLINK, flags: 0, attempt: "list the links")
    message.append(ifinfomsg())
    return message
  }

  /// All VRFs; a kernel that has none, or does not look at the kind that is asked for, lists all links.
  static func dumpVRFs() -> NetlinkMessage {
    let message = NetlinkMessage(type: RTM_GETLINK, flags: 0, attempt: "list the VRFs")
    message.append(ifinfomsg())
    message.nest(IFLA_LINKINFO) { message.put(IFLA_INFO_KIND, text: LinkInfo.vrfKind) }
    return message
  }

  /// Asks for the addresses of all links, of both families (RTM_GETADDR).
  static func dumpAddresses() -> NetlinkMessage {
    let message = NetlinkMessage(type: RTM_GETADDR, flags: 0, attempt: "list the addresses")
    message.append(ifaddrmsg())
    return message
  }

  /// One link by its name.
  static func link(named name: String) -> NetlinkMessage {
    let message = NetlinkMessage(type: RTM_GETLINK, flags: 0, attempt: "look at \(name)")
    message.append(ifinfomsg())
    message.put(IFLA_IFNAME, text: name)
    return message
  }

  /// One link by its index.
  static func link(_ index: Int32, name: String) -> NetlinkMessage {
    let message = NetlinkMessage(type: RTM_GETLINK, flags: 0, attempt: "look at \(name)")
    var header = ifinfomsg()
    header.ifi_index = index
    message.append(header)
    return message
  }

  /// The route to an address.
  ///
  /// - Parameters:
  ///   - source: the address that packets leave from, where that matters.
  ///   - device: the index of the interface that they leave by, or of its VRF; 0 leaves it to the routes.
  ///   - udpPorts: their UDP ports, source and destination, where rules may tell packets apart by them.
  static func route(
    to address: IPAddress, from source: IPAddress? = nil, device: UInt32 = 0, udpPorts: (UInt16, UInt16)? = nil
  ) -> NetlinkMessage {
    let message = NetlinkMessage(type: RTM_GETROUTE, flags: 0, attempt: "find the route to \(address.display)")
    var header = rtmsg()
    header.rtm_family = UInt8(address.family.systemValue)
    if let source { header.rtm_src_len = source.family == .v4 ? 32 : 128 }
    switch address {
    case .v4(let number):
      header.rtm_dst_len = 32
      message.append(header)
      message.put(Int(RTA_DST.rawValue), number.bigEndian)
    case .v6(let high, let low, _):
      header.rtm_dst_len = 128
      message.append(header)
      message.put(Int(RTA_DST.rawValue), structure: in6_addr(high: high, low: low))
    }
    switch source {
    case .v4(let number): message.put(Int(RTA_SRC.rawValue), number.bigEndian)
    case .v6(let high, let low, _): message.put(Int(RTA_SRC.rawValue), structure: in6_addr(high: high, low: low))
    case nil: break
    }
    if device != 0 { message.put(Int(RTA_OIF.rawValue), device) }
    if let (from, to) = udpPorts {
      message.put(Int(RTA_IP_PROTO.rawValue), UInt8(IPPROTO_UDP))
      message.put(Int(RTA_SPORT.rawValue), from.bigEndian)
      message.put(Int(RTA_DPORT.rawValue), to.bigEndian)
    }
    return message
  }

  /// The interface in the answer to that.
  static func outputInterface(in message: ReceivedMessage) -> Int32? {
    message.attributes(after: rtmsg.self).first(Int(RTA_OIF.rawValue))?.number()
  }

  /// The interface and the router in the answer to that.
  static func firstHop(in message: ReceivedMessage) -> FirstHop? {
    guard let index = outputInterface(in: message) else { return nil }
    let attributes = message.attributes(after: rtmsg.self)
    // A router of the other family comes with the number of its family before its address (struct rtvia).
    let octets =
      attributes.first(Int(RTA_GATEWAY.rawValue))?.octets
      ?? attributes.first(Int(RTA_VIA.rawValue)).map { Array($0.octets.dropFirst(MemoryLayout<UInt16>.size)) }
    return FirstHop(interfaceIndex: index, gateway: octets.flatMap(IPAddress.init(networkOctets:)))
  }

  /// Asks for the rules that choose among tables of routes, of one family (RTM_GETRULE).
  static func dumpRules(_ family: AddressFamily) -> NetlinkMessage {
    let message = NetlinkMessage(type: RTM_GETRULE, flags: 0, attempt: "list the routing rules")
    var header = rtmsg()
    header.rtm_family = UInt8(family.systemValue)
    message.append(header)
    return message
  }

  /// Gives a link an address, or takes it away.
  static func address(_ address: InterfaceAddress, on index: Int32, name: String, isWanted: Bool) -> NetlinkMessage {
    let described = RouteAddress(address, on: index)
    return isWanted
      ? described.addRequest(attempt: "give \(name) the address \(address)")
      : described.deleteRequest(attempt: "take the address \(address) from \(name)")
  }

  /// Removes a link that was made through rtnetlink.
  static func delete(_ index: Int32, name: String) -> NetlinkMessage {
    RouteLink(index).deleteRequest(attempt: "remove \(name)")
  }

  /// Changes a link; index 0 finds it by its name.
  static func change(_ index: Int32, name: String, _ change: LinkSettings) -> NetlinkMessage {
    let wanted = RouteLink()
    if index == 0 { rtnl_link_set_name(wanted.pointer, name) }
    wanted.set(change)
    let message = wanted.changeRequest(of: RouteLink(index), attempt: "set up \(name)")
    putBridgeAttributes(of: change, into: message)
    return message
  }

  /// Makes a bridge, down.
  static func createBridge(_ name: String, _ settings: LinkSettings) -> NetlinkMessage {
    var settings = settings
    settings.name = name
    settings.spanningTree = settings.spanningTree ?? false
    let bridge = RouteLink()
    bridge.set(settings)
    let message = bridge.addRequest(attempt: "create the bridge \(name)")
    putBridgeAttributes(of: settings, into: message)
    return message
  }

  /// The settings of a bridge and of a port that libnl-route does not know.
  private static func putBridgeAttributes(of change: LinkSettings, into message: NetlinkMessage) {
    if let isIsolated = change.isIsolated {
      message.nest(IFLA_LINKINFO) {
        message.put(IFLA_INFO_SLAVE_KIND, text: "bridge")
        message.nest(IFLA_INFO_SLAVE_DATA) { message.put(IFLA_BRPORT_ISOLATED, UInt8(isIsolated ? 1 : 0)) }
      }
    }
    if change.spanningTree != nil || change.filtersVLANs != nil {
      message.nest(IFLA_LINKINFO) {
        message.put(IFLA_INFO_KIND, text: "bridge")
        message.nest(IFLA_INFO_DATA) {
          if let spanningTree = change.spanningTree { message.put(IFLA_BR_STP_STATE, UInt32(spanningTree ? 1 : 0)) }
          if let filters = change.filtersVLANs { message.put(IFLA_BR_VLAN_FILTERING, UInt8(filters ? 1 : 0)) }
        }
      }
    }
  }
}
