import PWCore

/// Checks of options that read well, each by itself, against each other.
extension OptionReading {
  /// Something must pass, and IPv4's keys are for IPv4.
  mutating func checkProtocols(hasIPv4: Bool, _ link: LinkRequest.PPPTermination, _ keys: PPPKeys) {
    guard !hasIPv4 else { return }
    if !link.hasIPv6, let mark = mark(of: keys.ipv4) {
      error(mark, keys.ipv4.name, "nothing would pass: 'ipv6' is off too; switch one of them on")
    }
    var ours: [any DescribedKey] = [keys.localAddress, keys.peerAddress]
    if link.isDefaultRoute || isFaulty(keys.defaultRoute) { ours.append(keys.defaultRoute) }
    for key in ours {
      guard let mark = values[key.name]?.mark else { continue }
      error(mark, key.name, "it is for IPv4, which 'ipv4: false' switches off; remove one of the two")
    }
  }

  /// The two ends have different addresses, and each of many sessions one of its own for its peer.
  mutating func checkAddresses(
    _ local: IPAddress?, _ peers: PPPOptions.PeerAddresses?, sessions: Int?, _ keys: PPPKeys
  ) {
    guard let mark = mark(of: keys.peerAddress), let peers else { return }
    let key = keys.peerAddress.name
    switch peers {
    case .one(let peer):
      if peer == local { error(mark, key, "it is 'local-address' too; the two ends need different ones") }
      if let sessions, sessions > 1 {
        error(mark, key, "one address is not enough for \(sessions) sessions; write a range of as many")
      }
    case .pool(let pool):
      check(pool, at: mark, local, sessions: sessions, keys)
    }
  }

  private mutating func check(_ pool: AddressPool, at mark: Mark, _ local: IPAddress?, sessions: Int?, _ keys: PPPKeys)
  {
    let key = keys.peerAddress.name
    guard let sessions else {
      if context.misspelt.contains(keys.sessions.name) { return }
      return error(
        mark, key, "\(pool.count) addresses need as many sessions; add 'sessions: \(pool.count)', or write one")
    }
    if pool.count < sessions {
      error(mark, key, "\(pool.count) addresses are not enough for \(sessions) sessions; write a range of as many")
    }
    if let local, pool.contains(local) {
      error(mark, key, "'local-address' is one of them; write a range without it")
    }
  }

  /// A peer that is asked who it is is known by a secret, and has another name than we have.
  mutating func checkAuthentication(
    name: String, peerName: String?, _ method: LinkRequest.PPPTermination.Demand.Method?, _ keys: PPPKeys
  ) {
    let isAsked = method != nil || isFaulty(keys.peerAuthentication)
    if isAsked, !isMeant(keys.peerSecretFile), let mark = mark(of: keys.peerAuthentication) {
      error(mark, keys.peerAuthentication.name, "the peer's secret is not known; add 'peer-secret-file'")
    }
    for key in [keys.peerName, keys.peerSecretFile] {
      guard !isAsked, !context.misspelt.contains(keys.peerAuthentication.name), let mark = mark(of: key) else {
        continue
      }
      error(
        mark, key.name,
        "the peer is not asked to prove its identity; add 'peer-authentication: chap', or remove it")
    }
    if !isMeant(keys.endName), let mark = mark(of: keys.secretFile) {
      warning(
        mark, keys.secretFile.name, "it is the secret of the name '\(PPPKeys.usualName)'; add 'name' to say which one")
    }
    if peerName == name, let mark = mark(of: keys.peerName) {
      error(
        mark, keys.peerName.name, "it is our own name too, and a peer with our name is refused; use different ones")
    }
  }

  /// Failures are counted of echoes.
  mutating func checkEcho(intervalSeconds: Int, _ keys: PPPKeys) {
    guard intervalSeconds == 0, let mark = mark(of: keys.echoFailures) else { return }
    warning(mark, keys.echoFailures.name, "'echo-interval: 0s' asks for no echo; remove one of the two")
  }
}
