import PWCore

/// One PPP link that ends here, as the keeper knows it.
final class PPPLink {
  /// The pseudowire that the link belongs to.
  let owner: LinkOwner
  /// The request of the pseudowire; nil once the link is not wanted any more.
  var request: LinkRequest.PPPTermination?
  /// The end of the session that pppd speaks on; nil when the data plane gives none.
  var channel: PPPChannel?
  /// The pppd that speaks on it.
  var process: ConfinedProcess?
  /// The output of that pppd.
  var output = PPPDaemonOutput()
  /// Whether we have ended it ourselves.
  var isEnding = false
  /// Why there is none, when there should be.
  var failure: String?
  /// How often in a row it had to be started again.
  var failures = 0
  /// When it is started again.
  var retryAt: Instant?
  /// Since when packets pass.
  var upSince: Instant?
  /// The interface's MTU as the two ends agreed on it, in octets.
  var agreedMTUOctets: Int?
  /// The interface that carries our mark.
  var markedIndex: Int32?
  /// The report that was made last.
  var reported: LinkReport?
  /// The callers that wait for its pppd to be gone.
  var waiters: [() -> Void] = []

  init(owner: LinkOwner) {
    self.owner = owner
  }

  /// Whether a pppd should speak on it.
  var isWanted: Bool { request?.isUp == true }
}

extension PPPLink {
  /// The problems that keep packets from passing, worked out from what there is.
  ///
  /// - Parameters:
  ///   - interface: the link's interface, as the kernel tells of it.
  ///   - addresses: its addresses.
  func problems(interface: LinkInfo?, addresses: Set<LinkAddress>) -> [String] {
    guard let request, request.isUp else { return [] }
    if let failure { return [failure + (retryAt == nil ? "" : "; it is started again in a while")] }
    guard process != nil, let interface, interface.isUp else {
      return ["PPP is not up (yet): LCP, authentication or the addresses are not agreed on"]
    }
    var problems: [String] = []
    if request.ipv4 != nil, !addresses.contains(where: { $0.family == .v4 }) {
      problems.append("PPP: the two ends have not agreed on IPv4 (yet)")
    }
    if request.hasIPv6, !addresses.contains(where: { $0.family == .v6 }) {
      problems.append("PPP: the two ends have not agreed on IPv6 (yet)")
    }
    return problems
  }

  /// Whether a running pppd can go on with another request: all but the MTU and what it never hears of it has been told at its start.
  static func canGoOn(_ old: LinkRequest.PPPTermination, with new: LinkRequest.PPPTermination) -> Bool {
    var same = old
    same.mtuOctets = new.mtuOctets
    same.hooks = new.hooks
    return same == new
  }
}
