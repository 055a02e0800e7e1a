/// Peers that present one identity and take a tunnel from each other: cloned images, for example.
struct Rivalry: Equatable, Codable {
  /// Where those were that lost the tunnel last, the latest last.
  var losers: [Endpoint] = []
  /// How often it has been taken by one from elsewhere.
  var count = 0
  /// When it was taken first.
  var since: Instant
  /// When it was taken last.
  var lastAt: Instant
  /// The message that people have been given about it, and since when it stands.
  var told: Since<String>?
}

extension Engine {
  /// A connection takes the place of another one. A peer that is somewhere else has moved; one that is there and back again,
  /// time after time, is two.
  mutating func noteTakeover(of older: ConnectionReference, by newer: ConnectionReference) {
    let tunnel = connections[newer].tunnel
    let (from, here) = (connections[older].remote, connections[newer].remote)
    guard from != here else { return }
    // All addresses of a list are one peer's, and the way to some may come and go.
    if !from.address.isSameHost(as: here.address), tunnels[tunnel].declaration.peer.isOneHost { return }
    var rivalry = tunnels[tunnel].rivalry ?? Rivalry(since: now, lastAt: now)
    if now - rivalry.lastAt > EngineLimits.rivalryInterval { rivalry = Rivalry(since: now, lastAt: now) }
    // Behind one address a new start has another port; only one that is back again is somebody else.
    let isElsewhere = !from.address.isSameHost(as: here.address)
    let isBack = rivalry.losers.contains { isElsewhere ? $0.address.isSameHost(as: here.address) : $0 == here }
    if isElsewhere || isBack {
      rivalry.count += 1
      rivalry.lastAt = now
    }
    rivalry.losers.append(from)
    if rivalry.losers.count > EngineLimits.rivals { rivalry.losers.removeFirst() }
    if isBack, rivalry.count >= EngineLimits.remarkableTakeovers, rivalry.told == nil {
      let message = words(of: rivalry, newer, from, here)
      rivalry.told = Since(message, since: now)
      note(.warning, .rivalPeers, tunnel: tunnel, message)
    }
    tunnels[tunnel].rivalry = rivalry
  }

  /// The end of the connection that has been replaced is not the news while two peers fight for the tunnel.
  mutating func keepRivalry(of tunnel: TunnelReference) {
    guard let told = tunnels[tunnel].rivalry?.told else { return }
    tunnels[tunnel].lastError = told
  }

  private func words(
    of rivalry: Rivalry, _ connection: ConnectionReference, _ from: Endpoint, _ here: Endpoint
  ) -> String {
    let isElsewhere = !from.address.isSameHost(as: here.address)
    let places = [from, here].map { isElsewhere ? "\($0.address)" : "\($0.address) port \($0.port)" }
    let hostName = connections[connection].peer.hostName?.printable ?? ""
    let seconds = max(1, (rivalry.lastAt - rivalry.since).components.seconds)
    return "two peers with the same identity, from \(places[0]) and \(places[1]): both say they are '\(hostName)', "
      + "Router ID \(IPAddress.v4(connections[connection].peer.routerID ?? 0)), and took this tunnel from each other "
      + "\(rivalry.count) times within \(seconds) s; give each a Host Name and a Router ID of its own, and declare a tunnel "
      + "for each here"
  }
}
