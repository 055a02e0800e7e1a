/// Circuit status (RFC 3931 section 5.4.5, RFC 5641): what we tell the peer of our attachment circuits, and what it tells
/// us of its own.
extension Engine {
  /// Our status: that of the attachment circuit's members alone, never of the bridge or of the pseudowire itself. A link that
  /// is down neither receives nor transmits: both faults, and then the A bit is clear (RFC 5641 section 3).
  func circuitStatus(_ pseudowire: PseudowireReference) -> CircuitStatus {
    guard let circuit = pseudowires[pseudowire].circuit else { return .active }
    return circuits.isActive(circuit) ? .active : [.receiveFault, .transmitFault]
  }

  /// The circuit status for the peer. A plugin in another process may take its time with the links of a session, or not
  /// be there: until they are made nothing passes between session and circuit, however good that is.
  func announcedCircuit(_ session: SessionReference) -> CircuitStatus {
    let pseudowire = sessions[session].pseudowire
    let isJoined = pseudowires[pseudowire].declaration.plugin == nil || sessions[session].hasHadLinks
    return isJoined ? circuitStatus(pseudowire) : [.receiveFault, .transmitFault]
  }

  mutating func linkChanged(_ state: LinkState) {
    let change = circuits.update(state)
    for circuit in change.circuits {
      for pseudowire in circuits.pseudowires(before: circuit) where pseudowires.contains(pseudowire) {
        circuitChanged(pseudowire)
      }
    }
    if change.hasNewMTU { memberMTUChanged(state.name) }
  }

  /// Our circuit may be another than it was. A call that the peer had us place stands and falls with it; of any other the
  /// peer is told.
  mutating func circuitChanged(_ pseudowire: PseudowireReference) {
    let isActive = circuitStatus(pseudowire).contains(.active)
    act(
      isActive ? pseudowires[pseudowire].machine.circuitUp() : pseudowires[pseudowire].machine.circuitDown(),
      on: pseudowire)
    if let session = pseudowires[pseudowire].session { queueCircuitStatus(session) }
    updateForwarding(pseudowire)
  }

  /// Has SLI sent when the peer does not know our status; changes that come faster than acknowledgements become one.
  mutating func queueCircuitStatus(_ session: SessionReference) {
    guard !sessions[session].isCircuitStatusQueued, needsCircuitStatus(session) else { return }
    let connection = sessions[session].connection
    sessions[session].isCircuitStatusQueued = true
    connections[connection].calls.prepend(circuitStatusOf: session)
    touch(connection)
  }

  /// Sends SLI; before ICRP its Remote Session ID is 0.
  mutating func sendCircuitStatus(_ session: SessionReference) {
    guard sessions.contains(session) else { return }
    sessions[session].isCircuitStatusQueued = false
    guard needsCircuitStatus(session) else { return }
    let status = announcedCircuit(session)
    sessions[session].sentCircuit = status
    let info = SetLinkInfo(identifiers: identifiers(session), circuitStatus: status)
    send(.setLinkInfo(info), on: sessions[session].connection)
  }

  private func needsCircuitStatus(_ session: SessionReference) -> Bool {
    guard isNegotiated(session) else { return false }
    switch pseudowires[sessions[session].pseudowire].machine.state {
    // The next message carries it.
    case .idle, .waitControlConnection, .preparing, .waitAnswer: return false
    case .waitReply, .connecting, .waitConnect, .confirming, .established:
      return announcedCircuit(session) != sessions[session].sentCircuit
    }
  }

  /// Keeps what the peer says of its circuit; while it is down nothing is sent there.
  mutating func noteCircuit(_ status: CircuitStatus?, _ session: SessionReference) {
    guard let status, status != sessions[session].peerCircuit else { return }
    let wasActive = sessions[session].isPeerCircuitActive
    sessions[session].peerCircuit = status
    guard sessions[session].isPeerCircuitActive != wasActive else { return }
    let pseudowire = sessions[session].pseudowire
    note(.info, .peerCircuit, of: pseudowire, status.peerWords)
    if pseudowires[pseudowire].machine.state == .established { consult(session, .established) }
    updateForwarding(pseudowire)
  }

  /// Whether nothing that we know of keeps frames from passing.
  private func canForward(_ pseudowire: PseudowireReference) -> Bool {
    guard pseudowires[pseudowire].machine.state == .established, let session = pseudowires[pseudowire].session else {
      return false
    }
    guard sessions[session].links == .established, sessions[session].isPeerCircuitActive else { return false }
    if let report = sessions[session].report, !report.problems.isEmpty { return false }
    guard sessions[session].discarded == nil, sessions[session].stray == nil else { return false }
    if deviceReason(pseudowires[pseudowire].tunnel) != nil { return false }
    let connection = sessions[session].connection
    if connections[connection].presence.isSilent || losesLargeFrames(session) { return false }
    // Whether there is one comes first: reading a field of it copies it.
    if connections[connection].presence.suspicion != nil,
      connections[connection].presence.suspicion?.isConfirmed == true
    {
      return false
    }
    return circuitStatus(pseudowire).contains(.active)
  }

  /// Works out whether frames pass, and keeps since when.
  mutating func updateForwarding(_ pseudowire: PseudowireReference) {
    let isForwarding = canForward(pseudowire)
    guard isForwarding != pseudowires[pseudowire].isForwarding else { return }
    pseudowires[pseudowire].isForwarding = isForwarding
    pseudowires[pseudowire].forwardingSince = now
    noteForwarding(pseudowire)
  }
}

extension CircuitStatus {
  /// The status of a peer's circuit in words, with the faults that it names (RFC 5641 section 2).
  var peerWords: String {
    if contains(.standby) { return "the peer reports its attachment circuit in standby" }
    if contains(.active) { return "the peer reports its attachment circuit up" }
    let faults = Names.faults(in: self)
    return "the peer reports its attachment circuit down"
      + (faults.isEmpty ? "" : ": \(faults.joined(separator: ", "))")
  }
}
