import CNetlink
import Glibc

/// Requests on the VLANs of a bridge's ports (linux/if_bridge.h), built; none of them is sent here.
enum PortVLANRequests {
  /// Ranges in one request: each takes 16 octets, and a request has room for 4,096.
  static let rangesPerRequest = 128

  /// All ports of all bridges, with their VLANs.
  static func dump() -> NetlinkMessage {
    let message = NetlinkMessage(type: RTM_GETLINK, flags: 0, attempt: "list the ports of bridges")
    var header = ifinfomsg()
    header.ifi_family = UInt8(AF_BRIDGE)
    message.append(header)
    message.put(IFLA_EXT_MASK, UInt32(RTEXT_FILTER_BRVLAN_COMPRESSED))
    return message
  }

  /// Adds VLANs to a port, changes them, or removes them.
  static func change(_ index: Int32, name: String, _ ranges: [PortVLANRange], isRemoval: Bool) -> NetlinkMessage {
    let message = NetlinkMessage(
      type: isRemoval ? RTM_DELLINK : RTM_SETLINK, flags: 0,
      attempt: isRemoval ? "take VLANs from the port \(name)" : "give the port \(name) its VLANs")
    var header = ifinfomsg()
    header.ifi_family = UInt8(AF_BRIDGE)
    header.ifi_index = index
    message.append(header)
    message.nest(IFLA_AF_SPEC) {
      for range in ranges {
        var flags: UInt16 = 0
        if range.isForUntagged { flags |= Flag.pvid }
        if range.leavesUntagged { flags |= Flag.untagged }
        let (first, last) = (range.identifiers.lowerBound, range.identifiers.upperBound)
        if first == last {
          put(first, flags, into: message)
        } else {
          put(first, flags | Flag.rangeBegin, into: message)
          put(last, flags | Flag.rangeEnd, into: message)
        }
      }
    }
    return message
  }

  /// The VLANs in a bridge's message about a port; nil for another message. A port without any has none in its message.
  static func read(_ message: ReceivedMessage) -> (index: Int32, ranges: [PortVLANRange])? {
    guard let header = message.header(as: ifinfomsg.self), header.ifi_family == AF_BRIDGE else { return nil }
    var ranges: [PortVLANRange] = []
    var begin: UInt16?
    guard let nest = message.attributes(after: ifinfomsg.self).first(IFLA_AF_SPEC)?.nested else {
      return (header.ifi_index, [])
    }
    for attribute in nest where attribute.type == IFLA_BRIDGE_VLAN_INFO {
      guard attribute.value.count >= MemoryLayout<bridge_vlan_info>.size else { continue }
      let info = attribute.value.loadUnaligned(as: bridge_vlan_info.self)
      let (flags, identifier) = (info.flags, info.vid)
      if flags & Flag.rangeBegin != 0 {
        begin = identifier
        continue
      }
      let first = flags & Flag.rangeEnd != 0 ? begin ?? identifier : identifier
      guard first <= identifier else { continue }
      ranges.append(
        PortVLANRange(
          identifiers: first...identifier, isForUntagged: flags & Flag.pvid != 0,
          leavesUntagged: flags & Flag.untagged != 0))
    }
    return (header.ifi_index, ranges)
  }

  private static func put(_ identifier: UInt16, _ flags: UInt16, into message: NetlinkMessage) {
    message.put(IFLA_BRIDGE_VLAN_INFO, structure: bridge_vlan_info(flags: flags, vid: identifier))
  }

  /// `BRIDGE_VLAN_INFO_*`.
  private enum Flag {
    static let pvid = UInt16(BRIDGE_VLAN_INFO_PVID)
    static let untagged = UInt16(BRIDGE_VLAN_INFO_UNTAGGED)
    static let rangeBegin = UInt16(BRIDGE_VLAN_INFO_RANGE_BEGIN)
    static let rangeEnd = UInt16(BRIDGE_VLAN_INFO_RANGE_END)
  }
}
