/// Sessions that are not always there: those that our attachment circuit asks for, and those that only the peer asks for.
extension Engine {
  /// Whether a session is to be called for now.
  func isWanted(_ pseudowire: PseudowireReference) -> Bool {
    guard pseudowires[pseudowire].declaration.disabled == nil else { return false }
    switch pseudowires[pseudowire].calling {
    case .always: return true
    case .onDemand: return pseudowires[pseudowire].isDemanded
    case .never: return false
    }
  }

  /// An attachment circuit wants a session, or none any more. One that nobody declares any more has heard so already.
  mutating func circuitAsks(_ owner: LinkOwner, _ demand: CircuitDemand) {
    guard let pseudowire = pseudowiresByOwner[owner], pseudowires[pseudowire].calling == .onDemand else { return }
    switch demand {
    case .wanted: beginDemand(pseudowire)
    case .over(let reason): finishDemand(pseudowire, reason)
    }
  }

  private mutating func beginDemand(_ pseudowire: PseudowireReference) {
    guard !pseudowires[pseudowire].isDemanded else { return }
    pseudowires[pseudowire].isDemanded = true
    pseudowires[pseudowire].failures = 0
    // The circuit that asks for a session does not wait for a peer that is not there, or may not be called.
    guard shutdown == .none, tunnels[pseudowires[pseudowire].tunnel].active != nil,
      pseudowires[pseudowire].declaration.disabled == nil
    else {
      return removeSession(of: pseudowire)
    }
    requestCall(pseudowire)
  }

  /// The circuit needs the session no more: that is no failure.
  private mutating func finishDemand(_ pseudowire: PseudowireReference, _ reason: String) {
    guard pseudowires[pseudowire].isDemanded else { return }
    let result = CallResult(.lossOfCarrier, text: reason)
    if case .disconnect = pseudowires[pseudowire].machine.close(result), let session = pseudowires[pseudowire].session,
      isNegotiated(session)
    {
      note(.info, .sessionEnded, of: pseudowire, "session ended: \(reason)")
      let disconnect = CallDisconnect(result: result, identifiers: identifiers(session))
      send(.callDisconnect(disconnect), on: sessions[session].connection)
    }
    removeSession(of: pseudowire)
  }
}
