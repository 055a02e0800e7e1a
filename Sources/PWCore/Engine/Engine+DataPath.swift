/// What a session asks of the data plane and of its plugin, and what comes back.
extension Engine {
  func owner(_ pseudowire: PseudowireReference) -> LinkOwner {
    LinkOwner(
      tunnel: tunnels[pseudowires[pseudowire].tunnel].declaration.name,
      pseudowire: pseudowires[pseudowire].declaration.name)
  }

  /// Asks for the session's data path, once the tunnel's is there and the interface name is free.
  mutating func makeSession(_ pseudowire: PseudowireReference) {
    guard let connection = pseudowires[pseudowire].connection else { return }
    let interface = pseudowires[pseudowire].declaration.interfaceName
    pseudowires[pseudowire].dataPath = .waiting
    guard connections[connection].dataPath == .ready else {
      connections[connection].awaitingDataPath.append(pseudowire)
      return
    }
    guard busyInterfaces.isEmpty || busyInterfaces[interface] == nil else {
      busyInterfaces[interface]?.append(pseudowire)
      return
    }
    pseudowires[pseudowire].dataPath = .making
    change(
      .createSession(
        SessionRequest(
          tunnelID: connections[connection].localID, localID: pseudowires[pseudowire].localID,
          peerID: pseudowires[pseudowire].peerID,
          payload: payload(of: pseudowires[pseudowire].declaration.type) ?? .ethernet, interfaceName: interface,
          receiveCookie: pseudowires[pseudowire].receiveCookie,
          transmitCookie: pseudowires[pseudowire].transmitCookie,
          sublayer: pseudowires[pseudowire].sublayer,
          isSequenced: pseudowires[pseudowire].declaration.isSequenced, owner: owner(pseudowire),
          segmentLimit: pseudowires[pseudowire].declaration.segmentLimit)),
      for: .createSession(pseudowire, attempt: pseudowires[pseudowire].attempt))
  }

  mutating func sessionMade(_ pseudowire: PseudowireReference, attempt: UInt32, _ result: EffectResult<Nothing>) {
    guard isCurrent(pseudowire, attempt), pseudowires[pseudowire].dataPath == .making else { return }
    switch result {
    case .success:
      pseudowires[pseudowire].dataPath = .made
      switch pseudowires[pseudowire].machine.state {
      case .preparing: consult(pseudowire, .connecting)
      case .connecting: act(pseudowires[pseudowire].machine.dataPathMade(), on: pseudowire)
      case .idle, .waitControlConnection, .waitReply, .waitConnect, .waitAnswer, .confirming, .established: break
      }
    case .failed(let failure):
      pseudowires[pseudowire].dataPath = .none
      if failure.isIdentifierInUse, retryUnderAnotherIdentifier(pseudowire) { return }
      endSession(
        pseudowire,
        CallResult(failure.isTemporary ? .noFacilitiesTemporary : .noFacilitiesPermanent, text: failure.message))
    }
  }

  /// Takes another identifier for a session whose peer has not learnt the first yet, a bounded number of times.
  private mutating func retryUnderAnotherIdentifier(_ pseudowire: PseudowireReference) -> Bool {
    guard pseudowires[pseudowire].machine.state == .preparing,
      pseudowires[pseudowire].identifierAttempts < EngineLimits.identifierAttempts
    else { return false }
    pseudowires[pseudowire].identifierAttempts += 1
    let localID = newSessionID(for: pseudowire)
    sessionsByID.remove(pseudowires[pseudowire].localID)
    pseudowires[pseudowire].localID = localID
    makeSession(pseudowire)
    return true
  }

  /// Whether something that comes back belongs to the session that there is now.
  private func isCurrent(_ pseudowire: PseudowireReference, _ attempt: UInt32) -> Bool {
    pseudowires.contains(pseudowire) && pseudowires[pseudowire].attempt == attempt
      && pseudowires[pseudowire].connection != nil
  }

  /// Interface names are free again: whoever waited for one goes on.
  mutating func removed(_ interfaces: [String]) {
    for interface in interfaces {
      guard let waiting = busyInterfaces.removeValue(forKey: interface) else { continue }
      makeWaitingSessions(waiting)
    }
  }

  /// Goes on with those that still wait: some may be gone by now, or have come twice.
  mutating func makeWaitingSessions(_ waiting: [PseudowireReference]) {
    for pseudowire in waiting where pseudowires.contains(pseudowire) && pseudowires[pseudowire].dataPath == .waiting {
      makeSession(pseudowire)
    }
  }

  // MARK: Plugins

  /// Asks the pseudowire's plugin what links it wants now.
  mutating func consult(_ pseudowire: PseudowireReference, _ phase: PluginQuestion.Phase) {
    guard let connection = pseudowires[pseudowire].connection else { return }
    // A session has one question at a time: what is asked again supersedes what has had no answer.
    if let superseded = pseudowires[pseudowire].consultation {
      consultations.remove(.init(rawValue: superseded.rawValue))
    }
    noteConsultation()
    let identifier = ConsultationID(
      rawValue: consultations.insert(
        PendingConsultation(
          pseudowire: pseudowire, attempt: pseudowires[pseudowire].attempt, phase: phase, askedAt: now)
      ).rawValue)
    pseudowires[pseudowire].consultation = identifier
    // What forwards goes on forwarding while its links are adapted.
    if phase == .established, !pseudowires[pseudowire].isForwarding { pseudowires[pseudowire].links = .establishing }
    updateForwarding(pseudowire)
    var question = PluginQuestion(
      owner: owner(pseudowire), declaration: pseudowires[pseudowire].declaration, phase: phase,
      isPeerCircuitActive: pseudowires[pseudowire].isPeerCircuitActive,
      pathMTUOctets: connections[connection].pathMTUOctets,
      overheadOctets: overheadOctets(pseudowire, over: connection))
    question.declaration.sublayer = pseudowires[pseudowire].sublayer
    if !peerRemarks.isEmpty { question.peerAVPs = peerRemarks[pseudowire]?.avps ?? [] }
    emit(.consult(identifier, consume question))
  }

  /// Octets around an inner frame on its way to the peer (RFC 3931 sections 4.1.1 and 4.1.2).
  func overheadOctets(_ pseudowire: PseudowireReference, over connection: ConnectionReference) -> Int {
    let addressing =
      switch connections[connection].remote.address.family {
      case .v4: 20
      case .v6: 40
      }
    let sessionHeader =
      switch connections[connection].encapsulation {
      case .udp: 8 + 8
      case .ip: 4
      }
    let sublayer = pseudowires[pseudowire].sublayer == .none ? 0 : 4
    return addressing + sessionHeader + pseudowires[pseudowire].transmitCookie.lengthOctets + sublayer
  }

  mutating func answered(_ identifier: ConsultationID, _ answer: consuming PluginAnswer) {
    guard let pending = consultations.remove(.init(rawValue: identifier.rawValue)),
      isCurrent(pending.pseudowire, pending.attempt), pseudowires[pending.pseudowire].consultation == identifier
    else { return }
    let pseudowire = pending.pseudowire
    pseudowires[pseudowire].consultation = nil
    switch consume answer {
    case .links(let requests):
      if pending.phase == .connecting { pseudowires[pseudowire].links = .connecting }
      changeLinks(
        .setLinks(owner(pseudowire), requests),
        for: PendingLinks(pseudowire: pseudowire, attempt: pending.attempt, phase: pending.phase))
    case .refuse(var result, let reason):
      result.text = result.text ?? reason
      endSession(pseudowire, result)
    }
  }

  mutating func linksSet(_ pending: PendingLinks, _ result: EffectResult<Nothing>) {
    let pseudowire = pending.pseudowire
    guard isCurrent(pseudowire, pending.attempt) else { return }
    switch result {
    case .success:
      switch pending.phase {
      case .connecting:
        if pseudowires[pseudowire].machine.state == .preparing {
          act(pseudowires[pseudowire].machine.dataPathMade(), on: pseudowire)
        }
      case .established:
        guard pseudowires[pseudowire].consultation == nil else { return }
        pseudowires[pseudowire].links = .established
        if !pseudowires[pseudowire].hasHadLinks {
          pseudowires[pseudowire].hasHadLinks = true
          if pseudowires[pseudowire].declaration.plugin != nil { queueCircuitStatus(pseudowire) }
        }
        updateForwarding(pseudowire)
      }
    case .failed(let failure):
      endSession(pseudowire, CallResult(.noFacilitiesTemporary, text: failure.message))
    }
  }

  mutating func linksReported(_ report: LinkReport) {
    guard let pseudowire = pseudowiresByOwner[report.owner], pseudowires[pseudowire].links != .none else { return }
    let content = LinkReportContent(
      problems: report.problems, warnings: report.warnings, mtuOctets: report.mtuOctets)
    if let addresses = report.addresses { noteAddresses(addresses, pseudowire) }
    for warning in report.warnings where pseudowires[pseudowire].report?.warnings.contains(warning) != true {
      note(.warning, tunnel: pseudowires[pseudowire].tunnel, pseudowire: pseudowire, warning)
    }
    for problem in report.problems where pseudowires[pseudowire].report?.problems.contains(problem) != true {
      note(.warning, tunnel: pseudowires[pseudowire].tunnel, pseudowire: pseudowire, problem)
    }
    pseudowires[pseudowire].report = content
    updateForwarding(pseudowire)
    if let connection = pseudowires[pseudowire].connection, connections[connection].fragmentsArrive == nil,
      let octets = largestPacketOctets(pseudowire, over: connection), octets > wholeOctets(connection)
    {
      probeFragments(connection)
    }
  }
}
