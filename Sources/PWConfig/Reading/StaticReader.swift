import PWCore

/// The values of tunnels without signalling, and of declared sessions: they take the place of those that are agreed on
/// with a peer.
enum StaticReader {
  /// Reads a tunnel's, once all else of it has been read.
  static func read(
    _ section: Section<TunnelKeys>, into tunnel: inout TunnelDeclaration, _ complaints: inout Complaints
  ) {
    tunnel.liveness = section.value(of: \.liveness, &complaints)
    // Nobody is asked, and nobody is called.
    tunnel.helloInterval = .zero
    tunnel.probesPath = false
    // The address, the route or the link that is missing disturbs nobody by being looked for.
    if !section.has(\.reconnect) { tunnel.reconnection.maximumDelay = longestWait }
    guard let identifiers = section.section(\.connectionIDs, &complaints) else {
      if !section.has(\.connectionIDs) {
        complaints.error(
          at: section.place(of: \.signalling),
          "\(section.name) has 'signalling: none' and no identifiers; add 'connection-ids: {local: ID, peer: ID}', as "
            + "the other end has them")
      }
      return
    }
    let local = identifiers.value(of: \.local, &complaints)
    let peer = identifiers.value(of: \.peer, &complaints)
    guard let local, let peer else { return }
    tunnel.staticConnection = StaticConnection(
      localID: ControlConnectionID(rawValue: local), peerID: ControlConnectionID(rawValue: peer))
  }

  /// Reads a pseudowire's; nil where its identifiers are missing or do not read well.
  static func session(
    _ section: Section<PseudowireKeys>, _ signalling: Signalling, _ complaints: inout Complaints
  ) -> StaticSession? {
    let cookies = section.section(\.cookies, &complaints)
    let receive = cookies?.value(of: \.local, &complaints)
    let transmit = cookies?.value(of: \.peer, &complaints)
    guard let identifiers = section.section(\.sessionIDs, &complaints) else {
      if !section.has(\.sessionIDs) {
        complaints.error(
          at: section.mark,
          "\(section.name) has no identifiers, and its tunnel has 'signalling: \(signalling)'; add "
            + "'session-ids: {local: ID, peer: ID}', as the other end has them")
      }
      return nil
    }
    let local = identifiers.value(of: \.local, &complaints)
    let peer = identifiers.value(of: \.peer, &complaints)
    guard let local, let peer else { return nil }
    return StaticSession(
      localID: SessionID(rawValue: local), peerID: SessionID(rawValue: peer),
      receiveCookie: (receive ?? nil) ?? Cookie(), transmitCookie: (transmit ?? nil) ?? Cookie())
  }

  /// Complains of what a pseudowire with signalling cannot have, since it is agreed on with the peer.
  static func refuse(_ section: Section<PseudowireKeys>, _ complaints: inout Complaints) {
    let keys = PseudowireKeys.declared
    for key in [keys.sessionIDs.name, keys.cookies.name] where section.hasKey(named: key) {
      complaints.error(
        at: section.place(ofKeyNamed: key),
        "'\(key)' in \(section.name) is for a tunnel with 'signalling: none' or 'keepalive'; add that to the tunnel, "
          + "or write '\(key == keys.cookies.name ? keys.cookie.name : keys.endID.name)' instead")
    }
  }

  /// The longest wait before such a tunnel is tried again, if the file says nothing of it.
  private static let longestWait = Duration.seconds(5)
}
