import CNetlink
import Glibc
import PWCore

/// Requests of traffic control (tc(8); linux/pkt_cls.h, linux/tc_act/tc_vlan.h) that join one VLAN of a link to another link, built;
/// none of them is sent here. The hooks that hold the filters are those of ``RedirectRequests``.
enum TagRequests {
  /// The priorities of our filters: one list of filters has one classifier and one EtherType. They come after those of
  /// ``RedirectRequests``, in this order.
  private enum List: UInt32 {
    /// Of a port: one filter for each VLAN. Of a session's interface: one for each priority that changes.
    case customerFlower = 0x7078
    case serviceFlower = 0x7079
    /// Of a session's interface: whatever else has a tag.
    case customerRest = 0x707A
    case serviceRest = 0x707B
    /// Of a session's interface: what has none.
    case untagged = 0x707C

    static func flower(_ kind: VLANTag.Kind) -> List { kind == .customer ? .customerFlower : .serviceFlower }
    static func rest(_ kind: VLANTag.Kind) -> List { kind == .customer ? .customerRest : .serviceRest }
  }

  /// Sends what enters a port with a tag out by another link, as it is; replaces what we had there for it.
  static func take(_ tag: VLANTag, from index: Int32, name: String, to target: Int32) -> NetlinkMessage {
    let message = create(
      .flower(tag.kind), handle: UInt32(tag.identifier), tag.kind.rawValue, on: index,
      attempt: "take VLAN \(tag.identifier) out of \(name)")
    message.put(Int(TCA_KIND), text: "flower")
    message.nest(Int(TCA_OPTIONS)) {
      message.put(Int(TCA_FLOWER_KEY_ETH_TYPE), tag.kind.rawValue.bigEndian)
      message.put(Int(TCA_FLOWER_KEY_VLAN_ID), tag.identifier)
      message.nest(Int(TCA_FLOWER_ACT)) { redirect(message, order: 1, to: target) }
    }
    return message
  }

  /// Ends that.
  static func leave(_ tag: VLANTag, to index: Int32, name: String) -> NetlinkMessage {
    let message = NetlinkMessage(
      type: RTM_DELTFILTER, flags: 0, attempt: "leave VLAN \(tag.identifier) to \(name)")
    message.append(filter(.flower(tag.kind), handle: UInt32(tag.identifier), tag.kind.rawValue, on: index))
    message.put(Int(TCA_KIND), text: "flower")
    return message
  }

  /// Sends every frame with a tag of either kind that enters a session's interface out by a port, its outer tag rewritten; drops
  /// the others.
  static func rewrite(
    _ index: Int32, name: String, to tag: VLANTag, _ priorities: TagPriorities, port: Int32
  ) -> [NetlinkMessage] {
    let attempt = "rewrite the tags of what enters \(name)"
    var messages: [NetlinkMessage] = []
    for kind in VLANTag.Kind.allCases {
      for (from, to) in priorities.changes {
        let message = create(.flower(kind), handle: UInt32(from) + 1, kind.rawValue, on: index, attempt: attempt)
        message.put(Int(TCA_KIND), text: "flower")
        message.nest(Int(TCA_OPTIONS)) {
          message.put(Int(TCA_FLOWER_KEY_ETH_TYPE), kind.rawValue.bigEndian)
          message.put(Int(TCA_FLOWER_KEY_VLAN_PRIO), from)
          message.nest(Int(TCA_FLOWER_ACT)) {
            modify(message, order: 1, to: tag, priority: to)
            redirect(message, order: 2, to: port)
          }
        }
        messages.append(message)
      }
      let message = create(.rest(kind), handle: 1, kind.rawValue, on: index, attempt: attempt)
      message.put(Int(TCA_KIND), text: "matchall")
      message.nest(Int(TCA_OPTIONS)) {
        message.nest(Int(TCA_MATCHALL_ACT)) {
          modify(message, order: 1, to: tag, priority: nil)
          redirect(message, order: 2, to: port)
        }
      }
      messages.append(message)
    }
    return messages + [drop(index, name: name)]
  }

  private static func drop(_ index: Int32, name: String) -> NetlinkMessage {
    let message = create(
      .untagged, handle: 1, UInt16(ETH_P_ALL), on: index, attempt: "drop the untagged frames that enter \(name)")
    message.put(Int(TCA_KIND), text: "matchall")
    message.nest(Int(TCA_OPTIONS)) {
      message.nest(Int(TCA_MATCHALL_ACT)) {
        var parameters = tc_gact()
        parameters.action = TC_ACT_SHOT
        action(message, order: 1, "gact") { message.put(Int(TCA_GACT_PARMS), structure: parameters) }
      }
    }
    return message
  }

  // MARK: Actions

  private static func modify(_ message: NetlinkMessage, order: Int, to tag: VLANTag, priority: UInt8?) {
    var parameters = tc_vlan()
    parameters.action = TC_ACT_PIPE
    parameters.v_action = TCA_VLAN_ACT_MODIFY
    action(message, order: order, "vlan") {
      message.put(Int(TCA_VLAN_PARMS), structure: parameters)
      message.put(Int(TCA_VLAN_PUSH_VLAN_ID), tag.identifier)
      message.put(Int(TCA_VLAN_PUSH_VLAN_PROTOCOL), tag.kind.rawValue.bigEndian)
      if let priority { message.put(Int(TCA_VLAN_PUSH_VLAN_PRIORITY), priority) }
    }
  }

  private static func redirect(_ message: NetlinkMessage, order: Int, to target: Int32) {
    var parameters = tc_mirred()
    parameters.action = TC_ACT_STOLEN
    parameters.eaction = TCA_EGRESS_REDIR
    parameters.ifindex = UInt32(bitPattern: target)
    action(message, order: order, "mirred") { message.put(Int(TCA_MIRRED_PARMS), structure: parameters) }
  }

  /// Actions are numbered from one, and performed in that order.
  private static func action(_ message: NetlinkMessage, order: Int, _ kind: String, _ options: () -> Void) {
    message.nest(order) {
      message.put(Int(TCA_ACT_KIND), text: kind)
      message.nest(Int(TCA_ACT_OPTIONS), options)
    }
  }

  // MARK: Filters

  private static func create(
    _ list: List, handle: UInt32, _ etherType: UInt16, on index: Int32, attempt: String
  ) -> NetlinkMessage {
    let message = NetlinkMessage(type: RTM_NEWTFILTER, flags: NLM_F_CREATE | NLM_F_REPLACE, attempt: attempt)
    message.append(filter(list, handle: handle, etherType, on: index))
    return message
  }

  private static func filter(_ list: List, handle: UInt32, _ etherType: UInt16, on index: Int32) -> tcmsg {
    var header = tcmsg()
    header.tcm_ifindex = index
    header.tcm_parent = PW_TC_CLSACT_INGRESS
    header.tcm_handle = handle
    header.tcm_info = list.rawValue << 16 | UInt32(etherType.bigEndian)
    return header
  }
}
