import Glibc
import PWCore

// The steps of VLANs.
extension LinkStep {
  /// Performs a step that concerns tags; no other.
  ///
  /// - Returns: why it must not be; nil when it is done.
  func performOnTags(_ route: NetlinkSocket) throws(NetlinkError) -> String? {
    do throws(NetlinkError) {
      switch self {
      case .takeVLAN(let tag, let index, let name, let target):
        try route.transact(TagRequests.take(tag, from: index, name: name, to: target))
      case .leaveVLAN(let tag, let index, let name):
        try LinkStep.ignoring(ENOENT, EINVAL, ENODEV) { () throws(NetlinkError) in
          try route.transact(TagRequests.leave(tag, to: index, name: name))
        }
      case .makeTrunk(let index, let name):
        guard try !LinkStep.isTrunk(index, name, route) else { return nil }
        try LinkStep.renewHook(index, name, route)
        try route.transact(TagRequests.dropOthers(index, name: name))
      case .admitVLAN(let tag, let priorities, let index, let name, let port):
        for request in TagRequests.admit(tag, priorities, from: index, name: name, to: port) {
          try route.transact(request)
        }
      case .dismissVLAN(let tag, let priorities, let index, let name):
        for request in TagRequests.dismiss(tag, priorities, from: index, name: name) {
          try LinkStep.ignoring(ENOENT, EINVAL, ENODEV) { () throws(NetlinkError) in try route.transact(request) }
        }
      case .changePriorities(let tag, let old, let new, let index, let name, let port, let isOfTrunk):
        let requests =
          isOfTrunk
          ? TagRequests.change(tag, old, to: new, from: index, name: name, to: port)
          : TagRequests.rewrite(index, name: name, to: tag, old, to: new, port: port)
        for request in requests.made { try route.transact(request) }
        for request in requests.removed {
          try LinkStep.ignoring(ENOENT, EINVAL, ENODEV) { () throws(NetlinkError) in try route.transact(request) }
        }
      case .rewriteTags(let index, let name, let tag, let priorities, let port):
        try LinkStep.renewHook(index, name, route)
        for request in TagRequests.rewrite(index, name: name, to: tag, priorities, port: port) {
          try route.transact(request)
        }
      case .createBridge, .set, .giveAddress, .takeAddress, .setPortVLANs, .delete, .detach, .requireNoRoute, .redirect,
        .removeRedirect, .hook, .removeHook:
        preconditionFailure("not a step on tags")
      }
      return nil
    } catch {
      guard error.code == ENOENT || error.code == EOPNOTSUPP else { throw error }
      return "\(error): VLANs need the kernel's cls_flower, cls_matchall, act_vlan, act_mirred and act_gact; load them"
    }
  }

  /// Makes a session's interface hold no filters: what was wanted before may have had others.
  private static func renewHook(_ index: Int32, _ name: String, _ route: NetlinkSocket) throws(NetlinkError) {
    try ignoring(ENOENT, EINVAL) { () throws(NetlinkError) in
      try route.transact(RedirectRequests.removeHook(index, name: name))
    }
    try route.transact(RedirectRequests.createHook(index, name: name))
  }

  private static func isTrunk(_ index: Int32, _ name: String, _ route: NetlinkSocket) throws(NetlinkError) -> Bool {
    var count = 0
    try route.dump(
      { TagRequests.dumpDropOthers(index, name: name) }, restart: { count = 0 }, each: { _ in count += 1 })
    return count > 0
  }
}
