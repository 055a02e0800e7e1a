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
      case .rewriteTags(let index, let name, let tag, let priorities, let port):
        // What was wanted before may have more filters.
        try LinkStep.ignoring(ENOENT, EINVAL) { () throws(NetlinkError) in
          try route.transact(RedirectRequests.removeHook(index, name: name))
        }
        try route.transact(RedirectRequests.createHook(index, name: name))
        for request in TagRequests.rewrite(index, name: name, to: tag, priorities, port: port) {
          try route.transact(request)
        }
      case .createBridge, .set, .delete, .detach, .requireNoRoute, .redirect, .removeRedirect, .hook, .removeHook:
        preconditionFailure("not a step on tags")
      }
      return nil
    } catch {
      guard error.code == ENOENT || error.code == EOPNOTSUPP else { throw error }
      return "\(error): VLANs need the kernel's cls_flower, cls_matchall, act_vlan, act_mirred and act_gact; load them"
    }
  }
}
