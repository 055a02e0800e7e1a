import CNetlink
import Glibc

/// Requests of traffic control (tc(8), linux/pkt_sched.h, linux/pkt_cls.h) that join two links end to end, built; none of them is
/// sent here.
enum RedirectRequests {
  /// The priority of our filter: few others use it, and what somebody has put before it goes first.
  private static let priority: UInt32 = 0x7077
  /// ETH_P_ALL, in network order as the header wants it.
  private static let everyProtocol = UInt32(UInt16(0x0003).bigEndian)

  /// The queueing discipline that holds filters for what enters a link.
  static func createHook(_ index: Int32, name: String) -> NetlinkMessage {
    let message = NetlinkMessage(
      type: RTM_NEWQDISC, flags: NLM_F_CREATE | NLM_F_EXCL, attempt: "hook into the frames that enter \(name)")
    message.append(hook(index))
    message.put(Int(TCA_KIND), text: "clsact")
    return message
  }

  /// Removes the hook, with all its filters.
  static func removeHook(_ index: Int32, name: String) -> NetlinkMessage {
    let message = NetlinkMessage(type: RTM_DELQDISC, flags: 0, attempt: "remove the hook from \(name)")
    message.append(hook(index))
    message.put(Int(TCA_KIND), text: "clsact")
    return message
  }

  /// Sends everything that enters a link out by another; EEXIST where we had a filter there already.
  static func create(_ index: Int32, name: String, to target: Int32) -> NetlinkMessage {
    let message = NetlinkMessage(
      type: RTM_NEWTFILTER, flags: NLM_F_CREATE | NLM_F_REPLACE, attempt: "redirect the frames that enter \(name)")
    message.append(filter(index))
    message.put(Int(TCA_KIND), text: "matchall")
    var parameters = tc_mirred()
    parameters.action = TC_ACT_STOLEN
    parameters.eaction = TCA_EGRESS_REDIR
    parameters.ifindex = UInt32(bitPattern: target)
    message.nest(Int(TCA_OPTIONS)) {
      message.nest(Int(TCA_MATCHALL_ACT)) {
        // Actions are numbered from one.
        message.nest(1) {
          message.put(Int(TCA_ACT_KIND), text: "mirred")
          message.nest(Int(TCA_ACT_OPTIONS)) { message.put(Int(TCA_MIRRED_PARMS), structure: parameters) }
        }
      }
    }
    return message
  }

  /// Removes our filter from what enters a link.
  static func remove(_ index: Int32, name: String) -> NetlinkMessage {
    let message = NetlinkMessage(
      type: RTM_DELTFILTER, flags: 0, attempt: "end the redirection of the frames that enter \(name)")
    message.append(filter(index))
    message.put(Int(TCA_KIND), text: "matchall")
    return message
  }

  /// Which of the two filter lists of a hook.
  enum Direction {
    /// Filters of the frames that enter the link.
    case ingress
    /// Filters of the frames that leave by it.
    case egress
  }

  /// All filters of a link's hook.
  static func dumpFilters(_ index: Int32, name: String, _ direction: Direction) -> NetlinkMessage {
    let message = NetlinkMessage(type: RTM_GETTFILTER, flags: 0, attempt: "list the filters of \(name)")
    var header = tcmsg()
    header.tcm_ifindex = index
    switch direction {
    case .ingress: header.tcm_parent = PW_TC_CLSACT_INGRESS
    case .egress: header.tcm_parent = PW_TC_CLSACT_EGRESS
    }
    message.append(header)
    return message
  }

  private static func hook(_ index: Int32) -> tcmsg {
    var header = tcmsg()
    header.tcm_ifindex = index
    header.tcm_parent = PW_TC_H_CLSACT
    header.tcm_handle = 0xFFFF_0000
    return header
  }

  private static func filter(_ index: Int32) -> tcmsg {
    var header = tcmsg()
    header.tcm_ifindex = index
    header.tcm_parent = PW_TC_CLSACT_INGRESS
    header.tcm_handle = 1
    header.tcm_info = priority << 16 | everyProtocol
    return header
  }
}
