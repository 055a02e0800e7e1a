/// A peer that goes on from another place: a NAT between has forgotten its mapping and made another, or the peer itself
/// has got another address. RFC 3931 ends such a connection when a whole cycle of retransmissions has been in vain.
///
/// The proof that it is the peer is the connection's identifier, the numbers in their order, and, for another address
/// than before, a digest with a secret. And it must say the same once more: so it has not got our acknowledgement,
/// which went to the old place. A peer that sends from one port and listens on another never does. Where data comes
/// from another place before any message does, the peer is asked there (`Engine+PlaceChallenges`).
extension Engine {
  /// Where a connection's peer spoke from that is not where it was, and what it said.
  struct NewPlace: Equatable, Codable {
    /// The address and port that the peer spoke from.
    var endpoint: Endpoint
    /// Ns of the message.
    var ns: UInt16
  }

  /// Whether a datagram can be the peer's by where it comes from: its digest may still say otherwise.
  func mayComeFromPeer(_ datagram: Datagram, _ connection: ConnectionReference) -> Bool {
    connections[connection].encapsulation == datagram.encapsulation
      && mayBePeer(at: datagram.source.address, connection)
  }

  /// Whether a connection's peer may speak from an address, as long as nothing says otherwise.
  func mayBePeer(at address: IPAddress, _ connection: ConnectionReference) -> Bool {
    if connections[connection].remote.address.isSameHost(as: address) { return true }
    // Over IP a socket of the data plane stays with its address, and no NAT passes it.
    guard connections[connection].encapsulation == .udp, connections[connection].life == .established,
      connections[connection].authentication?.hasSecret == true
    else { return false }
    return tunnels[connections[connection].tunnel].isPeer(address)
  }

  /// A message has come in its turn; perhaps from another place.
  mutating func noteSource(_ datagram: Datagram, ns: UInt16, _ connection: ConnectionReference) {
    // The address was looked at already, and is mostly the same (`mayComeFromPeer`).
    if datagram.source.port == connections[connection].remote.port, datagram.source == connections[connection].remote {
      if connections[connection].newPlace != nil { connections[connection].newPlace = nil }
      return
    }
    guard connections[connection].encapsulation == .udp, connections[connection].life == .established else { return }
    connections[connection].newPlace = NewPlace(endpoint: datagram.source, ns: ns)
  }

  /// A message has come that was here before: its sender has no acknowledgement yet.
  mutating func noteRepetition(_ datagram: Datagram, ns: UInt16, _ connection: ConnectionReference) {
    guard datagram.source != connections[connection].remote, datagram.encapsulation == .udp,
      connections[connection].life == .established
    else { return }
    guard connections[connection].newPlace == NewPlace(endpoint: datagram.source, ns: ns) else {
      // It was here first from the old place: a reason to answer at this one, but not to move.
      // Whether messages to there would be protected is not known.
      guard tunnels[connections[connection].tunnel].declaration.protection != .required else { return }
      let (ns, nr) = (connections[connection].channel.unsentNs, connections[connection].channel.nr)
      return connections[connection].acknowledge(ns: ns, nr: nr, at: datagram.source, in: &turn)
    }
    connections[connection].placeChallenge = nil
    move(connection, to: datagram.source)
  }

  /// The peer is proved to be at another place: everything goes there from now on.
  mutating func move(_ connection: ConnectionReference, to place: Endpoint) {
    connections[connection].newPlace = nil
    let before = connections[connection].remote
    noteMove(connections[connection].tunnel, from: before, to: place)
    connections[connection].remote = place
    endStrays(of: connection)
    whenProtected(connection, .connect)
  }
}
