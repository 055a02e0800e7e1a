import PWCore
import PWLinux

extension Daemon: PPPKeeperDelegate {
  func pppKeeperReported(_ report: LinkReport) {
    submit(.links(report))
  }

  /// The session is of no use without PPP: the peer hears why, and both ends begin anew after the back-off.
  func pppKeeperEnded(_ session: SessionKey, reason: String) {
    submit(.dataPathLost(session.tunnel, session.session, reason: reason))
  }

  func pppKeeperNoticed(_ event: Event) {
    parts.logger.write(event)
  }
}

extension Daemon: PPPoEKeeperDelegate {
  func pppoeKeeperAsks(_ owner: LinkOwner, _ demand: CircuitDemand) {
    submit(.circuit(owner, demand))
  }

  func pppoeKeeperReported(_ report: LinkReport) {
    submit(.links(report))
  }

  func pppoeKeeperNoticed(_ event: Event) {
    parts.logger.write(event)
  }
}
