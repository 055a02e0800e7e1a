// Whether two tunnels become one control connection.
extension SitePair {
  /// One end as the other one meets it.
  private struct End {
    var site: Site
    var tunnel: TunnelDeclaration
    var isFirst: Bool

    var mayCall: Bool { tunnel.role != .accept && tunnel.peer.isOneHost }
    /// The addresses that it calls; names are left out.
    var called: [IPAddress] { tunnel.peer.addresses }
  }

  /// The findings that keep two tunnels from becoming one connection; empty if one of them can call the other.
  func obstacles(_ tunnel: TunnelDeclaration, _ counterpart: TunnelDeclaration) -> [Finding] {
    let ends = (
      End(site: one.site, tunnel: tunnel, isFirst: true), End(site: other.site, tunnel: counterpart, isFirst: false)
    )
    if tunnel.disabled != nil || counterpart.disabled != nil {
      let (off, end) = tunnel.disabled != nil ? (ends.0, ends.1) : (ends.1, ends.0)
      var found = finding(off, "enabled", end, "enabled", "it is disabled, and does not come up")
      // That is what the files say.
      found.isObstacle = false
      return [found]
    }
    if tunnel.signalling != counterpart.signalling { return [signallingDiffers(tunnel, counterpart)] }
    if tunnel.signalling == .none { return staticObstacles(tunnel, counterpart) }
    let both = [(ends.0, ends.1), (ends.1, ends.0)]
    let ways = both.filter { $0.mayCall && $1.tunnel.role != .initiate }
    // Where no way is open, what a call would meet otherwise is told with it.
    let calls = (ways.isEmpty ? both.filter { $0.0.tunnel.peer.isOneHost } : ways).map { obstacles(from: $0, to: $1) }
    let best = (ways.isEmpty ? [roles(ends.0, ends.1)] : []) + (calls.min { $0.count < $1.count } ?? [])
    return best + secrets(tunnel, counterpart) + codePoints(tunnel, counterpart)
  }

  /// How much says that two tunnels are meant for each other: addresses and names that are the same.
  func evidence(_ tunnel: TunnelDeclaration, _ counterpart: TunnelDeclaration) -> Int {
    var count = 0
    for (tunnel, counterpart, site) in [(tunnel, counterpart, other.site), (counterpart, tunnel, one.site)] {
      if tunnel.peer.addresses.contains(where: { counterpart.local?.isSameHost(as: $0) == true }) { count += 1 }
      if tunnel.peerHostName == site.hostName { count += 1 }
      if tunnel.peerRouterID == site.routerID { count += 1 }
    }
    return count
  }

  // MARK: A call

  private func obstacles(from caller: End, to callee: End) -> [Finding] {
    var found: [Finding] = []
    if caller.tunnel.encapsulation != callee.tunnel.encapsulation {
      found.append(
        finding(caller, callee, "encapsulation", "encapsulation") { "`encapsulation: \($0.tunnel.encapsulation)`" }
      )
    } else if caller.tunnel.encapsulation == .udp,
      case let port = callee.tunnel.listenPort ?? Engine.listeningPort, caller.tunnel.peerPort != port
    {
      found.append(
        finding(
          caller, "peer-port", callee, callee.tunnel.listenPort == nil ? nil : "listen-port",
          "`peer-port: \(caller.tunnel.peerPort)` is called, but the other end listens on \(port)"))
    }
    if let local = callee.tunnel.local, caller.tunnel.peer.names.isEmpty,
      !caller.called.contains(where: { $0.isSameHost(as: local) })
    {
      found.append(
        finding(
          caller, "peer", callee, "local",
          "`peer: \(caller.tunnel.peer.text)` is called, but the other end is at `local: \(local)`"))
    }
    // As the engine would ask, everything else as it should be.
    var expected = callee.tunnel
    (expected.encapsulation, expected.local, expected.role) = (caller.tunnel.encapsulation, nil, .both)
    let source = caller.tunnel.local ?? callee.called.first ?? Self.anyAddress(of: callee.tunnel.peer)
    let sender = TunnelMatch.Sender(
      source: Endpoint(address: source, port: 0), local: Endpoint(address: caller.called.first ?? source, port: 0),
      encapsulation: caller.tunnel.encapsulation, hostName: caller.site.hostName, routerID: caller.site.routerID)
    switch TunnelMatch.compare(expected, resolved: [source], with: sender) {
    case .takes: break
    case .otherPeer:
      found.append(
        finding(
          caller, "local", callee, "peer",
          "it calls from `local: \(source)`, but the other end accepts calls from `peer: \(callee.tunnel.peer.text)`"))
    case .presents(let words):
      found.append(
        finding(
          caller, nil, callee, callee.tunnel.peerHostName == caller.site.hostName ? "peer-router-id" : "peer-host-name",
          "it presents \(words) as the other end declares"))
    }
    return found + answer(of: callee, to: caller)
  }

  /// Whether who answers is whom the caller has declared.
  private func answer(of callee: End, to caller: End) -> [Finding] {
    if let expected = caller.tunnel.peerHostName, expected != callee.site.hostName {
      return [
        finding(
          caller, "peer-host-name", callee, nil,
          "`peer-host-name: \(expected)` is declared, but the other end presents '\(callee.site.hostName)'")
      ]
    }
    if let expected = caller.tunnel.peerRouterID, expected != callee.site.routerID {
      return [
        finding(
          caller, "peer-router-id", callee, nil,
          "`peer-router-id: \(IPAddress.v4(expected))` is declared, but the other end presents "
            + "\(IPAddress.v4(callee.site.routerID))")
      ]
    }
    return []
  }

  /// An address that a peer may have, where it is not said which.
  private static func anyAddress(of peer: TunnelDeclaration.Peer) -> IPAddress {
    switch peer {
    case .prefix(let prefix): prefix.address
    case .address, .name, .list, .any: .v4(0)
    }
  }

  private func roles(_ end: End, _ counterpart: End) -> Finding {
    func words(_ end: End) -> String {
      let role = "`role: \(end.tunnel.role.rawValue)`"
      return end.tunnel.role == .accept || end.tunnel.peer.isOneHost
        ? role : "\(role) with `peer: \(end.tunnel.peer.text)`, which it cannot call"
    }
    return finding(
      end, "role", counterpart, "role",
      "no call can succeed, because no end calls one that accepts: \(words(end)) and \(words(counterpart)); give one "
        + "'initiate' or 'both', with the other's address as 'peer', and the other 'accept' or 'both'")
  }

  // MARK: Keys that both must have

  private func secrets(_ tunnel: TunnelDeclaration, _ counterpart: TunnelDeclaration) -> [Finding] {
    if let ours = tunnel.authentication?.method, let theirs = counterpart.authentication?.method, ours != theirs {
      return [
        Finding(
          isObstacle: true, one: Place(tunnel: tunnel.name, key: "authentication"),
          other: Place(tunnel: counterpart.name, key: "authentication"),
          message: "`method: \(ours.rawValue)` and `method: \(theirs.rawValue)`; declare the same method at both ends")
      ]
    }
    let files = [tunnel, counterpart].map { $0.authentication?.secretFile }
    switch (files[0], files[1]) {
    case (nil, nil): return []
    case (_?, _?):
      guard let ours = one.secrets[tunnel.name], let theirs = other.secrets[counterpart.name] else {
        return [
          Finding(
            isObstacle: false, one: Place(tunnel: tunnel.name, key: "authentication"),
            other: Place(tunnel: counterpart.name, key: "authentication"),
            message: "the two secrets cannot both be read here, so they were not compared")
        ]
      }
      guard !ours.shares(with: theirs) else { return [] }
      return [
        Finding(
          isObstacle: true, one: Place(tunnel: tunnel.name, key: "authentication"),
          other: Place(tunnel: counterpart.name, key: "authentication"),
          message: "the secrets are not the same; write the same one into both files")
      ]
    case (let file, _):
      return [
        Finding(
          isObstacle: true, one: Place(tunnel: tunnel.name, key: "authentication"),
          other: Place(tunnel: counterpart.name, key: "authentication"),
          message: "there is a secret at the \(file == nil ? "second" : "first") site only; give the other its "
            + "'authentication' with the same secret")
      ]
    }
  }

  /// RFC 3308: who has declared a code point refuses another one.
  private func codePoints(_ tunnel: TunnelDeclaration, _ counterpart: TunnelDeclaration) -> [Finding] {
    guard let ours = tunnel.dscp, let theirs = counterpart.dscp, ours != theirs else { return [] }
    return [
      Finding(
        isObstacle: true, one: Place(tunnel: tunnel.name, key: "dscp"),
        other: Place(tunnel: counterpart.name, key: "dscp"),
        message: "`dscp: \(ours.rawValue)` and `dscp: \(theirs.rawValue)`; declare the same at both ends")
    ]
  }

  // MARK: Saying so

  /// An obstacle of the caller's and the callee's values, whichever of the two files comes first.
  private func finding(
    _ caller: End, _ callerKey: String?, _ callee: End, _ calleeKey: String?, _ message: String
  ) -> Finding {
    let places = (
      Place(tunnel: caller.tunnel.name, key: callerKey), Place(tunnel: callee.tunnel.name, key: calleeKey)
    )
    let who = "tunnel '\(caller.tunnel.name)' of site '\(caller.site.name)': "
    return Finding(
      isObstacle: true, one: caller.isFirst ? places.0 : places.1, other: caller.isFirst ? places.1 : places.0,
      message: who + message)
  }

  private func finding(
    _ caller: End, _ callee: End, _ key: String, _ what: String, _ words: (End) -> String
  ) -> Finding {
    let ends = caller.isFirst ? (caller, callee) : (callee, caller)
    return finding(
      ends.0, key, ends.1, key, "\(words(ends.0)) and \(words(ends.1)); declare the same \(what) at both ends")
  }
}
