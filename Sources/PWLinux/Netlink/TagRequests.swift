import CNetlink
import Glibc
import PWCore

/// Requests of traffic control (tc(8); linux/pkt_cls.h, linux/tc_act/tc_vlan.h) that join one VLAN of a link to another link, built;
/// none of them is sent here. The hooks that hold the filters are those of ``RedirectRequests``.
enum TagRequests {
  /// The priorities of our filters, in their order: one list of filters has one classifier and one EtherType. On a port
  /// that is joined to a session's interface as well, the one of ``RedirectRequests`` comes after those of its VLANs:
  /// it takes what they leave.
  private enum List: UInt32 {
    /// Of a port: one filter for each VLAN. Of a session's interface whose tags are rewritten: one for each priority that changes.
    case customerFlower = 0x7075
    case serviceFlower = 0x7076
    /// Of such a session's interface: whatever else has a tag.
    case customerRest = 0x707A
    case serviceRest = 0x707B
    /// Of such a session's interface: what has none.
    case untagged = 0x707C
    /// Of a trunk's session's interface: one for each priority that changes, of each VLAN.
    case customerTrunkChanges = 0x707D
    case serviceTrunkChanges = 0x707E
    /// Of a trunk's session's interface: one for each VLAN.
    case customerTrunk = 0x707F
    case serviceTrunk = 0x7080
    /// Of a trunk's session's interface: whatever else enters it.
    case notOfTrunk = 0x7081

    static func flower(_ kind: VLANTag.Kind) -> List { kind == .customer ? .customerFlower : .serviceFlower }
    static func rest(_ kind: VLANTag.Kind) -> List { kind == .customer ? .customerRest : .serviceRest }
    static func trunkChanges(_ kind: VLANTag.Kind) -> List {
      kind == .customer ? .customerTrunkChanges : .serviceTrunkChanges
    }
    static func trunk(_ kind: VLANTag.Kind) -> List { kind == .customer ? .customerTrunk : .serviceTrunk }
  }

  // MARK: A port

  /// Sends what enters a port with a tag out by another link, as it is; replaces what we had there for it.
  static func take(_ tag: VLANTag, from index: Int32, name: String, to target: Int32) -> NetlinkMessage {
    redirectVLAN(
      tag, .flower(tag.kind), from: index, to: target, attempt: "take VLAN \(tag.identifier) out of \(name)")
  }

  /// Removes what ``take(_:from:name:to:)`` made: frames with the tag stay on the port.
  static func leave(_ tag: VLANTag, to index: Int32, name: String) -> NetlinkMessage {
    remove(
      .flower(tag.kind), handle: UInt32(tag.identifier), tag.kind, on: index,
      attempt: "leave VLAN \(tag.identifier) to \(name)")
  }

  // MARK: A trunk's session's interface

  /// Drops what enters a trunk's session's interface, but for what ``admit(_:_:from:name:to:)`` lets pass.
  static func dropOthers(_ index: Int32, name: String) -> NetlinkMessage {
    drop(.notOfTrunk, on: index, attempt: "drop the frames that enter \(name) and do not belong to the trunk")
  }

  /// Asks for the filter of ``dropOthers(_:name:)``: a session's interface that has it is a trunk's. To be dumped, because not every
  /// kernel finds a filter of this classifier by its handle.
  static func dumpDropOthers(_ index: Int32, name: String) -> NetlinkMessage {
    let message = NetlinkMessage(
      type: RTM_GETTFILTER, flags: 0, attempt: "find out whether \(name) is a trunk's already")
    message.append(filter(.notOfTrunk, handle: 0, UInt16(ETH_P_ALL), on: index))
    return message
  }

  /// Sends what enters a trunk's session's interface with a tag out by a port, the tag as it is but for its priority; replaces what we
  /// had there for it.
  static func admit(
    _ tag: VLANTag, _ priorities: TagPriorities, from index: Int32, name: String, to port: Int32
  ) -> [NetlinkMessage] {
    let attempt = "let VLAN \(tag.identifier) pass from \(name)"
    let changes = priorities.changes.map { change(tag, $0, to: $1, from: index, to: port, attempt) }
    return changes + [redirectVLAN(tag, .trunk(tag.kind), from: index, to: port, attempt: attempt)]
  }

  /// Ends that for one VLAN.
  static func dismiss(
    _ tag: VLANTag, _ priorities: TagPriorities, from index: Int32, name: String
  ) -> [NetlinkMessage] {
    let attempt = "stop VLAN \(tag.identifier) from passing from \(name)"
    let changes = priorities.changes.map { (from, _) in keep(tag, from, on: index, attempt) }
    return changes + [remove(.trunk(tag.kind), handle: UInt32(tag.identifier), tag.kind, on: index, attempt: attempt)]
  }

  /// Treats the priorities of one VLAN otherwise, which passes meanwhile.
  static func change(
    _ tag: VLANTag, _ old: TagPriorities, to new: TagPriorities, from index: Int32, name: String, to port: Int32
  ) -> (made: [NetlinkMessage], removed: [NetlinkMessage]) {
    let attempt = "change the priorities of VLAN \(tag.identifier) from \(name)"
    return (
      made: new.changes.map { change(tag, $0, to: $1, from: index, to: port, attempt) },
      removed: old.changes(missingIn: new).map { keep(tag, $0, on: index, attempt) }
    )
  }

  /// Changes one priority of a trunk's VLAN.
  private static func change(
    _ tag: VLANTag, _ priority: UInt8, to other: UInt8, from index: Int32, to port: Int32, _ attempt: String
  ) -> NetlinkMessage {
    flower(
      .trunkChanges(tag.kind), handle: handle(tag, priority), tag.kind, on: index, attempt,
      match: { message in
        message.put(Int(TCA_FLOWER_KEY_VLAN_ID), tag.identifier)
        message.put(Int(TCA_FLOWER_KEY_VLAN_PRIO), priority)
      },
      act: { message in
        modify(message, order: 1, to: tag, priority: other)
        redirect(message, order: 2, to: port)
      })
  }

  /// Changes one priority of a trunk's VLAN no more.
  private static func keep(_ tag: VLANTag, _ priority: UInt8, on index: Int32, _ attempt: String) -> NetlinkMessage {
    remove(.trunkChanges(tag.kind), handle: handle(tag, priority), tag.kind, on: index, attempt: attempt)
  }

  /// Of a VLAN and the priority that changes.
  private static func handle(_ tag: VLANTag, _ priority: UInt8) -> UInt32 {
    UInt32(priority + 1) << 12 | UInt32(tag.identifier)
  }

  // MARK: A session's interface whose tags are rewritten

  /// Sends every frame with a tag of either kind that enters a session's interface out by a port, its outer tag rewritten; drops
  /// the others.
  static func rewrite(
    _ index: Int32, name: String, to tag: VLANTag, _ priorities: TagPriorities, port: Int32
  ) -> [NetlinkMessage] {
    let attempt = "rewrite the tags of the frames that enter \(name)"
    var messages: [NetlinkMessage] = []
    for kind in VLANTag.Kind.allCases {
      messages += priorities.changes.map { rewrite(kind, to: tag, $0, to: $1, from: index, to: port, attempt) }
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
    return messages + [drop(.untagged, on: index, attempt: "drop the untagged frames that enter \(name)")]
  }

  /// Treats the priorities otherwise; frames pass meanwhile.
  static func rewrite(
    _ index: Int32, name: String, to tag: VLANTag, _ old: TagPriorities, to new: TagPriorities, port: Int32
  ) -> (made: [NetlinkMessage], removed: [NetlinkMessage]) {
    let attempt = "change the priorities of the frames that enter \(name)"
    let kinds = VLANTag.Kind.allCases
    return (
      made: kinds.flatMap { kind in
        new.changes.map { rewrite(kind, to: tag, $0, to: $1, from: index, to: port, attempt) }
      },
      removed: kinds.flatMap { kind in
        old.changes(missingIn: new).map { priority in
          remove(.flower(kind), handle: UInt32(priority) + 1, kind, on: index, attempt: attempt)
        }
      }
    )
  }

  /// Rewrites tags of a kind that have one priority.
  private static func rewrite(
    _ kind: VLANTag.Kind, to tag: VLANTag, _ priority: UInt8, to other: UInt8, from index: Int32, to port: Int32,
    _ attempt: String
  ) -> NetlinkMessage {
    flower(
      .flower(kind), handle: UInt32(priority) + 1, kind, on: index, attempt,
      match: { $0.put(Int(TCA_FLOWER_KEY_VLAN_PRIO), priority) },
      act: { message in
        modify(message, order: 1, to: tag, priority: other)
        redirect(message, order: 2, to: port)
      })
  }

  // MARK: Filters

  /// Redirects the frames of one VLAN.
  private static func redirectVLAN(
    _ tag: VLANTag, _ list: List, from index: Int32, to target: Int32, attempt: String
  ) -> NetlinkMessage {
    flower(
      list, handle: UInt32(tag.identifier), tag.kind, on: index, attempt,
      match: { $0.put(Int(TCA_FLOWER_KEY_VLAN_ID), tag.identifier) },
      act: { redirect($0, order: 1, to: target) })
  }

  /// A filter of frames with a tag of a kind, in place of the one that has its handle, if there is one: the kernel
  /// replaces it so that every frame meets one of the two.
  private static func flower(
    _ list: List, handle: UInt32, _ kind: VLANTag.Kind, on index: Int32, _ attempt: String,
    match: (NetlinkMessage) -> Void, act: (NetlinkMessage) -> Void
  ) -> NetlinkMessage {
    let message = create(list, handle: handle, kind.rawValue, on: index, attempt: attempt)
    message.put(Int(TCA_KIND), text: "flower")
    message.nest(Int(TCA_OPTIONS)) {
      message.put(Int(TCA_FLOWER_KEY_ETH_TYPE), kind.rawValue.bigEndian)
      match(message)
      message.nest(Int(TCA_FLOWER_ACT)) { act(message) }
    }
    return message
  }

  /// Drops whatever comes to it.
  private static func drop(_ list: List, on index: Int32, attempt: String) -> NetlinkMessage {
    let message = create(list, handle: 1, UInt16(ETH_P_ALL), on: index, attempt: attempt)
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

  private static func create(
    _ list: List, handle: UInt32, _ etherType: UInt16, on index: Int32, attempt: String
  ) -> NetlinkMessage {
    let message = NetlinkMessage(type: RTM_NEWTFILTER, flags: NLM_F_CREATE | NLM_F_REPLACE, attempt: attempt)
    message.append(filter(list, handle: handle, etherType, on: index))
    return message
  }

  private static func remove(
    _ list: List, handle: UInt32, _ kind: VLANTag.Kind, on index: Int32, attempt: String
  ) -> NetlinkMessage {
    let message = NetlinkMessage(type: RTM_DELTFILTER, flags: 0, attempt: attempt)
    message.append(filter(list, handle: handle, kind.rawValue, on: index))
    message.put(Int(TCA_KIND), text: "flower")
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
}
