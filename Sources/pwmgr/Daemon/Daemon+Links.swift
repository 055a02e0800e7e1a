import PWCore
import PWLinux

// The links: who makes them, what they need to know besides the engine's effects, what they tell, and their end.
extension Daemon {
  func perform(_ effect: LinkEffect, completion: @escaping () -> Void) {
    switch effect {
    case .setBridges(let declarations): parts.links.setBridges(declarations, completion: completion)
    case .setLinks(let owner, let requests):
      if requests.isEmpty { parts.plugins.release(owner) }
      let channel = parts.dataPlane.pppChannel(of: owner)
      for backend in parts.linkBackends where backend.claims(owner, requests) {
        return backend.setLinks(owner, requests, channel: channel, completion: completion)
      }
      completion()
    }
  }

  /// Tells the keeper of links what it needs of a site besides the engine's effects: the links that pseudowires are
  /// joined to, whose state counts before any session is there, and the peers, whose way must not lead into a bridge.
  func tellLinkKeeper() {
    let members = site.tunnels.flatMap(\.pseudowires).compactMap(\.circuit.link)
    let names = Set(site.tunnels.flatMap(\.peer.names))
    resolvedPeers = resolvedPeers.filter { names.contains($0.key) }
    parts.links.watch(Set(members))
    parts.links.setPeers(peerAddresses)
    parts.devices.follow(site)
    followProtection()
  }

  func learnPeers(_ addresses: [IPAddress], of name: String) {
    resolvedPeers[name] = addresses
    parts.links.setPeers(peerAddresses)
  }

  private var peerAddresses: [IPAddress] {
    site.tunnels.flatMap(\.peer.addresses) + resolvedPeers.values.flatMap { $0 }
  }

  /// Stops those who make links, one after the other.
  func stopLinks(_ backends: ArraySlice<any LinkBackend>, completion: @escaping () -> Void) {
    guard let first = backends.first else { return completion() }
    first.stop(expectedAt: expectedEnd) { [unowned self] in stopLinks(backends.dropFirst(), completion: completion) }
  }
}

extension Daemon: LinkBackendDelegate {
  func linkBackendTold(_ event: LinkEvent) {
    switch event {
    case .reported(let report): submit(.links(report))
    case .saw(let link): submit(.link(link))
    case .bridge(let name, let problems): submit(.bridge(name: name, problems: problems))
    case .demanded(let owner, let demand): submit(.circuit(owner, demand))
    // The session is of no use without PPP: the peer hears why, and both ends begin anew after the back-off.
    case .ended(let key, let reason): submit(.dataPathLost(key.tunnel, key.session, reason: reason))
    case .noticed(let event): parts.logger.write(event)
    case .stopping(let left): tellWhatIsLeft(left.joined(separator: ", "))
    }
  }

  private func tellWhatIsLeft(_ left: String) {
    let message =
      "the kernel is still removing: \(left); it takes about 20 ms for each port of a bridge; one more signal leaves "
      + "the rest to the next start"
    parts.logger.write(Event(.notice, .stopping, message))
    parts.serviceManager.stillStopping(for: Daemon.stopExtension, status: "the kernel is still removing: \(left)")
  }
}
