/// A data packet of a session that came from or to a port of UDP other than its control connection's: the sockets that
/// carry data have one port at each end, and do not take it.
public struct StrayPacket: Equatable, Codable, Sendable {
  /// The Session ID in its header, which is one of ours.
  public var session: SessionID
  /// Where it came from.
  public var source: Endpoint
  /// Where it arrived.
  public var local: Endpoint

  /// A packet that arrived at an end of ours.
  public init(session: SessionID, source: Endpoint, local: Endpoint) {
    self.session = session
    self.source = source
    self.local = local
  }

  /// The octets of a data packet's header over UDP (RFC 3931 section 4.1.2.1).
  package static let leastOctets = 8

  /// A packet by its first octets; nil where they are no data packet's of version 3.
  package init?(datagram octets: [UInt8], source: Endpoint, local: Endpoint) {
    guard octets.count >= Self.leastOctets, octets[0] & 0x80 == 0, octets[1] & 0x0F == 3 else { return nil }
    let session = octets[4..<8].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    self.init(session: SessionID(rawValue: session), source: source, local: local)
  }
}

/// Sessions whose peer sends data from, or to, another port than control messages.
extension Engine {
  /// A data packet has come that the data path does not take.
  mutating func dataStrayed(_ packet: StrayPacket) {
    guard let session = sessionsByID[packet.session] else { return }
    let (pseudowire, connection) = (sessions[session].pseudowire, sessions[session].connection)
    // Else it is a stranger's, or has only crossed a change of the peer's place.
    guard connections[connection].encapsulation == .udp, pseudowires[pseudowire].machine.state == .established,
      connections[connection].remote.address.isSameHost(as: packet.source.address),
      packet.source.port != connections[connection].remote.port
        || packet.local.port != connections[connection].local?.port
    else { return }
    let isNews = sessions[session].stray != packet
    sessions[session].stray = packet
    connections[connection].strayDeadline = now + EngineLimits.strayTime
    touch(connection)
    if isNews { updateForwarding(pseudowire) }
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
