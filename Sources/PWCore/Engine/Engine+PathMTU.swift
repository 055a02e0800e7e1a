/// The routes' word on the path to a peer, and the MTU that is believed: that, or what was probed
/// (`Engine+PathProbes`).
extension Engine {
  /// The path begins here. Where it began elsewhere before, it is another path, of which nothing has been found yet.
  mutating func noteFirstHop(_ hop: FirstHop?, octets: Int, _ identifier: ControlConnectionID) {
    guard let hop, let connection = connectionsByID[identifier], connections[connection].pathMTU.begins(at: hop) else {
      return
    }
    pathIsAnother(connection, octets: octets, firstHop: hop)
  }

  /// The interface that the path begins with has this MTU. Where it passes more than was searched for, it is probed
  /// anew.
  mutating func noteFirstLink(octets: Int?, _ identifier: ControlConnectionID) {
    guard let octets, let connection = connectionsByID[identifier],
      connections[connection].pathMTU.firstLinkOctets != octets
    else { return }
    let searched = connections[connection].pathMTU.firstLinkOctets ?? presumedCeiling(connection)
    connections[connection].pathMTU.firstLinkHas(octets)
    guard octets > searched, connections[connection].pathMTU.certainty == .probed, pathProbes[connection] == nil
    else { return }
    schedulePathProbe(connection, after: .zero)
  }

  /// Takes the MTU that the routes give now, in octets. A smaller value than was probed is only believed when a probe
  /// has failed: one forged ICMP message can bring it about.
  mutating func pathMTUChanged(_ identifier: ControlConnectionID, octets: Int) {
    guard let connection = connectionsByID[identifier], connections[connection].pathMTU.routesChange(to: octets) else {
      return
    }
    switch connections[connection].pathMTU.certainty {
    case .told, .unprobeable: setPathMTU(octets, connection)
    case .moved: setPathMTU(min(connections[connection].pathMTU.octets, octets), connection)
    case .probed:
      guard pathProbes[connection] == nil else { return }
      schedulePathProbe(connection, after: .zero)
    }
  }

  /// The peer has moved, or the routes lead to it another way, and they give this MTU, in octets. Where the path is
  /// probed, sessions do not grow before that: it may be the old path behind a new mapping of a NAT.
  mutating func pathIsAnother(_ connection: ConnectionReference, octets: Int, firstHop: FirstHop? = nil) {
    endPathProbe(connection)
    connections[connection].pathMTU.pathIsAnother(toldOctets: octets, firstHop: firstHop)
    let isProbed = connections[connection].pathMTU.certainty == .moved
    setPathMTU(isProbed ? min(connections[connection].pathMTU.octets, octets) : octets, connection)
    updateForwardingOfAll(connection)
    guard connections[connection].pathMTU.certainty != .unprobeable else { return }
    schedulePathProbe(connection, after: EngineLimits.pathProbeDelay)
  }

  /// Tells people of a path that was found to be narrower than its first link.
  mutating func notePathMTU(_ octets: Int, _ connection: ConnectionReference) {
    let path = connections[connection].pathMTU
    let first = path.firstLinkOctets ?? path.toldOctets
    guard octets < first, octets != path.octets else { return }
    if case .esp? = tunnels[connections[connection].tunnel].protection?.value,
      first - octets <= EngineLimits.espOctets
    {
      return
    }
    note(
      .notice, .narrowPath, tunnel: connections[connection].tunnel, fields: [.number(.octets, octets)],
      "the path passes packets of \(octets) octets, but not of \(first) as its first link does (probed); if the peer "
        + "only has no room for longer control messages, write `mtu-probe: false`")
  }

  /// Takes an MTU for the path's, and has the sessions that stand take it, too.
  mutating func setPathMTU(_ octets: Int, _ connection: ConnectionReference) {
    let octets = max(octets, Self.leastPathMTUOctets(connections[connection].remote.address.family))
    guard connections[connection].pathMTU.believe(octets) else { return }
    guard tunnels[connections[connection].tunnel].active == connection else { return }
    for pseudowire in tunnels[connections[connection].tunnel].pseudowires
    where pseudowires[pseudowire].machine.state == .established {
      if let session = pseudowires[pseudowire].session { consult(session, .established) }
    }
  }
}
