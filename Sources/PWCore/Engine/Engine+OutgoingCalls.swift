/// Calls that the peer has us place (RFC 3931 sections 3.4.2 and 7.4.2). Nothing has to be dialled: a call is placed as soon
/// as its data path is there, and connected as soon as our attachment circuit is up.
extension Engine {
  /// Sends OCRP; what it says of the circuit may be that it is not up yet.
  mutating func sendOutgoingReply(_ pseudowire: PseudowireReference) {
    guard let session = pseudowires[pseudowire].session else { return }
    var reply = OutgoingCallReply(identifiers: identifiers(session), dataPath: dataPathParameters(session))
    if pseudowires[pseudowire].declaration.offers != nil { reply.others = offeredAVPs(pseudowire) }
    sessions[session].answerNs = connections[sessions[session].connection].channel.nextNs
    send(.outgoingCallReply(reply), on: sessions[session].connection)
    guard circuitStatus(pseudowire).contains(.active) else { return }
    act(pseudowires[pseudowire].machine.circuitUp(), on: pseudowire)
  }

  /// Sends OCCN. Frames may pass when the peer has it, and not before (RFC 3931 section 6.10): it may still wait for the
  /// peer's window, or have to be sent again.
  mutating func sendOutgoingConnected(_ pseudowire: PseudowireReference) {
    guard let session = pseudowires[pseudowire].session else { return }
    let connection = sessions[session].connection
    let status = circuitStatus(pseudowire)
    sessions[session].sentCircuit = status
    var connected = OutgoingCallConnected(identifiers: identifiers(session))
    connected.dataPath.circuitStatus = status
    connections[connection].calls.confirm(session, ns: connections[connection].channel.nextNs)
    send(.outgoingCallConnected(connected), on: connection)
  }

  /// Establishes the calls whose OCCN the peer has acknowledged.
  mutating func confirmOutgoingCalls(_ connection: ConnectionReference) {
    while let session = connections[connection].nextConfirmedCall() {
      guard sessions.contains(session) else { continue }
      let pseudowire = sessions[session].pseudowire
      act(pseudowires[pseudowire].machine.connectedReceived(), on: pseudowire)
    }
  }
}
