/// Sessions whose peer sends data from another address than control messages, or from or to another port.
extension Engine {
  /// A data packet has come that the data path does not take.
  mutating func dataStrayed(_ packet: StrayPacket) {
    guard let session = sessionsByID[packet.session] else { return }
    let (pseudowire, connection) = (sessions[session].pseudowire, sessions[session].connection)
    let isSameHost = connections[connection].remote.address.isSameHost(as: packet.source.address)
    // Else it has only crossed a change of the peer's place. A stranger does not know an identifier that we have chosen
    // at random, but may guess one that people have written down.
    guard connections[connection].encapsulation == .udp, pseudowires[pseudowire].machine.state == .established,
      isSameHost || isNegotiated(session),
      !isSameHost || packet.source.port != connections[connection].remote.port
        || packet.local.port != connections[connection].local?.port
    else { return }
    let place = StrayPacket(session: packet.session, source: packet.source, local: packet.local)
    let isNews = sessions[session].stray != place
    sessions[session].stray = place
    connections[connection].strayDeadline = now + EngineLimits.strayTime
    touch(connection)
    if isNews { updateForwarding(pseudowire) }
    challengePlace(of: packet, session)
  }

  /// Data has come in a connection: its peer sends it as it should now. Or the last packet that did not was long ago.
  mutating func endStrays(of connection: ConnectionReference) {
    guard connections[connection].strayDeadline != nil else { return }
    connections[connection].strayDeadline = nil
    for pseudowire in tunnels[connections[connection].tunnel].pseudowires where runs(pseudowire, over: connection) {
      guard let session = pseudowires[pseudowire].session, sessions[session].stray != nil else { continue }
      sessions[session].stray = nil
      updateForwarding(pseudowire)
    }
  }

  /// Why the data of a session does not get to it, and the cure; nil where nothing is known of that.
  func strayReason(_ session: Session) -> String? {
    guard let packet = session.stray else { return nil }
    let connection = connections[session.connection]
    let (ours, theirs) = (connection.local?.port ?? 0, connection.remote.port)
    let (source, remote) = (packet.source.address, connection.remote.address)
    guard source.isSameHost(as: remote) else {
      let cure =
        connection.isSignalled
        ? "have it, or the NAT before it, use one address for both" : "write `peer: \(source)` if it is the same peer"
      let other = connection.isSignalled ? "and its control messages from \(remote)" : "and this tunnel is to \(remote)"
      return "the peer's data packets arrive from \(source), \(other): they are dropped; \(cure)"
    }
    guard connection.isSignalled else {
      return
        "the peer sends from port \(packet.source.port) to port \(packet.local.port), and this tunnel is from port "
        + "\(theirs) to port \(ours): write `peer-port: \(packet.source.port)` and `local-port: \(packet.local.port)`"
    }
    guard packet.local.port == ours else {
      let cure =
        connection.isInitiator
        ? "write `local-port: \(packet.local.port)`" : "have the peer send both to one port, or leave `answer-port` out"
      return "the peer sends its data packets to port \(packet.local.port), and its control messages to port \(ours): "
        + cure
    }
    return "the peer sends its data packets from port \(packet.source.port), and its control messages from port "
      + "\(theirs): have it, or the NAT before it, use one port for both"
  }
}
