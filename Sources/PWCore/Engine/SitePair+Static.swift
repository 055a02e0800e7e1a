// Whether two tunnels without signalling fit: nobody says so while they run.
extension SitePair {
  /// That two tunnels do not come about in the same way.
  func signallingDiffers(_ tunnel: TunnelDeclaration, _ counterpart: TunnelDeclaration) -> Finding {
    let words = [tunnel, counterpart].map { "`signalling: \($0.signalling)`" }
    return finding(
      tunnel, counterpart, "signalling", "\(words[0]) and \(words[1]); write the same at both ends")
  }

  /// The findings that keep two tunnels without signalling from carrying frames to each other.
  func staticObstacles(_ tunnel: TunnelDeclaration, _ counterpart: TunnelDeclaration) -> [Finding] {
    guard let ours = tunnel.staticConnection, let theirs = counterpart.staticConnection else { return [] }
    var found: [Finding] = []
    if tunnel.encapsulation != counterpart.encapsulation {
      let words = [tunnel, counterpart].map { "`encapsulation: \($0.encapsulation)`" }
      found.append(
        finding(tunnel, counterpart, "encapsulation", "\(words[0]) and \(words[1]); declare the same at both ends"))
    }
    if ours.localID != theirs.peerID || ours.peerID != theirs.localID {
      let words = [ours, theirs].map { "{local: \($0.localID.rawValue), peer: \($0.peerID.rawValue)}" }
      found.append(
        finding(
          tunnel, counterpart, "connection-ids",
          "\(words[0]) and \(words[1]): the 'peer' of each must be the 'local' of the other"))
    }
    if tunnel.encapsulation == .udp, counterpart.encapsulation == .udp {
      let ports = [tunnel, counterpart].map { (local: $0.staticLocalPort, peer: $0.peerPort) }
      if ports[0].peer != ports[1].local || ports[1].peer != ports[0].local {
        let words = ports.map { "from port \($0.local) to port \($0.peer)" }
        found.append(
          finding(
            tunnel, counterpart, "peer-port",
            "\(words[0]), and back \(words[1]); the 'peer-port' of each must be the 'local-port' of the other"))
      }
    }
    if let local = counterpart.local, !tunnel.peer.addresses.isEmpty,
      !tunnel.peer.addresses.contains(where: { $0.isSameHost(as: local) })
    {
      found.append(
        finding(
          tunnel, counterpart, "peer",
          "`peer: \(tunnel.peer.text)`, but the other end has `local: \(local)`; write the address that it has"))
    }
    return found
  }

  private func finding(
    _ tunnel: TunnelDeclaration, _ counterpart: TunnelDeclaration, _ key: String, _ message: String
  ) -> Finding {
    Finding(
      isObstacle: true, one: Place(tunnel: tunnel.name, key: key), other: Place(tunnel: counterpart.name, key: key),
      message: "tunnel '\(tunnel.name)': \(message)")
  }
}

extension TunnelDeclaration {
  /// The UDP port that the packets of a tunnel without signalling leave from: that of the peer, if none is declared.
  package var staticLocalPort: UInt16 { localPort ?? peerPort }
}

extension StaticSession {
  /// Whether either end sends to the other by its identifier.
  func isMeant(for other: StaticSession) -> Bool { peerID == other.localID || localID == other.peerID }

  /// The first thing that keeps packets of either end from being taken by the other, in words, the first file's value
  /// first; nil where there is none.
  func obstacle(to other: StaticSession) -> (key: String, words: String)? {
    if localID != other.peerID || peerID != other.localID {
      let words = [self, other].map { "{local: \($0.localID.rawValue), peer: \($0.peerID.rawValue)}" }
      return ("session-ids", "\(words[0]) and \(words[1]): the 'peer' of each must be the 'local' of the other")
    }
    guard receiveCookie != other.transmitCookie || transmitCookie != other.receiveCookie else { return nil }
    return ("cookies", "the cookies differ: the 'peer' of each must be the 'local' of the other")
  }
}
