/// Requests of a session to the data plane and to its plugin, and the answers.
extension Engine {
  func owner(_ pseudowire: PseudowireReference) -> LinkOwner {
    LinkOwner(
      tunnel: tunnels[pseudowires[pseudowire].tunnel].declaration.name,
      pseudowire: pseudowires[pseudowire].declaration.name)
  }

  /// Asks for the session's data path, once the tunnel's is there and the interface name is free.
  mutating func makeSession(_ session: SessionReference) {
    let connection = sessions[session].connection
    let pseudowire = sessions[session].pseudowire
    let interface = pseudowires[pseudowire].declaration.interfaceName
    sessions[session].dataPath = .waiting
    guard connections[connection].dataPath.isReady else {
      connections[connection].dataPath.await(session)
      return
    }
    guard busyInterfaces.isEmpty || busyInterfaces[interface] == nil else {
      busyInterfaces[interface]?.append(session)
      return
    }
    sessions[session].dataPath = .making
    hold(interface, of: pseudowire)
    change(
      .createSession(
        SessionRequest(
          tunnelID: connections[connection].localID, localID: sessions[session].localID,
          peerID: sessions[session].peerID,
          payload: payload(of: pseudowires[pseudowire].declaration.type) ?? .ethernet, interfaceName: interface,
          receiveCookie: sessions[session].receiveCookie, transmitCookie: sessions[session].transmitCookie,
          sublayer: pseudowires[pseudowire].sublayer,
          isSequenced: pseudowires[pseudowire].declaration.isSequenced, owner: owner(pseudowire),
          segmentLimit: pseudowires[pseudowire].declaration.segmentLimit)),
      for: .createSession(session))
  }

  mutating func sessionMade(_ session: SessionReference, _ result: EffectResult<Nothing>) {
    guard sessions.contains(session), sessions[session].dataPath == .making else { return }
    let pseudowire = sessions[session].pseudowire
    switch result {
    case .success:
      sessions[session].dataPath = .made
      switch pseudowires[pseudowire].machine.state {
      case .preparing: consult(session, .connecting)
      case .connecting: act(pseudowires[pseudowire].machine.dataPathMade(), on: pseudowire)
      case .idle, .waitControlConnection, .waitReply, .waitConnect, .waitAnswer, .confirming, .established: break
      }
    case .failed(let failure):
      sessions[session].dataPath = .none
      if failure.isIdentifierInUse, retryUnderAnotherIdentifier(session) { return }
      endSession(
        pseudowire,
        CallResult(failure.isTemporary ? .noFacilitiesTemporary : .noFacilitiesPermanent, text: failure.message))
    }
  }

  /// Takes another identifier for a session whose peer has not learnt the first yet, a bounded number of times.
  private mutating func retryUnderAnotherIdentifier(_ session: SessionReference) -> Bool {
    guard pseudowires[sessions[session].pseudowire].machine.state == .preparing,
      sessions[session].identifierAttempts < EngineLimits.identifierAttempts
    else { return false }
    sessions[session].identifierAttempts += 1
    let localID = newSessionID(for: session)
    sessionsByID.remove(sessions[session].localID)
    sessions[session].localID = localID
    makeSession(session)
    return true
  }

  /// Interface names are free again: whoever waited for one goes on.
  mutating func removed(_ interfaces: [String]) {
    for interface in interfaces {
      guard let waiting = busyInterfaces.removeValue(forKey: interface) else { continue }
      makeWaitingSessions(waiting)
    }
  }

  /// Goes on with those that still wait: some may be gone by now, or have come twice.
  mutating func makeWaitingSessions(_ waiting: [SessionReference]) {
    for session in waiting where sessions.contains(session) && sessions[session].dataPath == .waiting {
      makeSession(session)
    }
  }

  // MARK: Plugins

  /// Asks the pseudowire's plugin what links it wants now.
  mutating func consult(_ session: SessionReference, _ phase: PluginQuestion.Phase) {
    let (pseudowire, connection) = (sessions[session].pseudowire, sessions[session].connection)
    // A session has one question at a time: what is asked again supersedes what has had no answer.
    if let superseded = sessions[session].consultation {
      consultations.remove(.init(rawValue: superseded.rawValue))
    }
    noteConsultation()
    let identifier = ConsultationID(
      rawValue: consultations.insert(PendingConsultation(session: session, phase: phase, askedAt: now)).rawValue)
    sessions[session].consultation = identifier
    // A session that forwards goes on forwarding while its links are adapted.
    if phase == .established, !pseudowires[pseudowire].isForwarding { sessions[session].links = .establishing }
    updateForwarding(pseudowire)
    var question = PluginQuestion(
      owner: owner(pseudowire), declaration: pseudowires[pseudowire].sharedDeclaration, phase: phase,
      isPeerCircuitActive: sessions[session].isPeerCircuitActive,
      pathMTUOctets: connections[connection].pathMTU.octets, overheadOctets: overheadOctets(session))
    let sublayer = pseudowires[pseudowire].sublayer
    if sublayer != pseudowires[pseudowire].declaration.sublayer { question.declaration.sublayer = sublayer }
    if sessions[session].remarks != nil { question.peerAVPs = sessions[session].remarks?.avps ?? [] }
    emit(.consult(identifier, consume question))
  }

  /// Octets around an inner frame on its way to the peer (RFC 3931 sections 4.1.1 and 4.1.2).
  func overheadOctets(_ session: SessionReference) -> Int {
    let connection = sessions[session].connection
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
    let sublayer = pseudowires[sessions[session].pseudowire].sublayer == .none ? 0 : 4
    return addressing + sessionHeader + sessions[session].transmitCookie.lengthOctets + sublayer
  }

  mutating func answered(_ identifier: ConsultationID, _ answer: consuming PluginAnswer) {
    guard let pending = consultations.remove(.init(rawValue: identifier.rawValue)),
      sessions.contains(pending.session), sessions[pending.session].consultation == identifier
    else { return }
    let session = pending.session
    let pseudowire = sessions[session].pseudowire
    sessions[session].consultation = nil
    switch consume answer {
    case .links(let requests):
      if pending.phase == .connecting { sessions[session].links = .connecting }
      changeLinks(
        .setLinks(owner(pseudowire), requests), for: PendingLinks(session: session, phase: pending.phase))
    case .refuse(var result, let reason):
      result.text = result.text ?? reason
      endSession(pseudowire, result)
    }
  }

  mutating func linksSet(_ pending: PendingLinks, _ result: EffectResult<Nothing>) {
    let session = pending.session
    guard sessions.contains(session) else { return }
    let pseudowire = sessions[session].pseudowire
    switch result {
    case .success:
      switch pending.phase {
      case .connecting:
        if pseudowires[pseudowire].machine.state == .preparing {
          act(pseudowires[pseudowire].machine.dataPathMade(), on: pseudowire)
        }
      case .established:
        guard sessions[session].consultation == nil else { return }
        sessions[session].links = .established
        if !sessions[session].hasHadLinks {
          sessions[session].hasHadLinks = true
          if pseudowires[pseudowire].declaration.plugin != nil { queueCircuitStatus(session) }
        }
        updateForwarding(pseudowire)
        probeFragmentsIfNeeded(session)
      }
    case .failed(let failure):
      endSession(pseudowire, CallResult(.noFacilitiesTemporary, text: failure.message))
    }
  }

  mutating func linksReported(_ report: LinkReport) {
    guard let pseudowire = pseudowiresByOwner[report.owner], let session = pseudowires[pseudowire].session,
      sessions[session].links != .none
    else { return }
    if let addresses = report.addresses { noteAddresses(addresses, session) }
    let known = sessions[session].report
    warn(of: report.warnings.map(\.words), unlessIn: known?.warnings.map(\.words), pseudowire)
    // A spanning tree that cuts a loop does what it is there for: the change of forwarding says it.
    let faults = report.problems.filter { $0.code != .spanningTree }
    warn(of: faults.map(\.words), unlessIn: known?.problems.map(\.words), pseudowire)
    sessions[session].report = LinkReportContent(
      problems: report.problems, warnings: report.warnings, mtuOctets: report.mtuOctets)
    updateForwarding(pseudowire)
    probeFragmentsIfNeeded(session)
  }

  /// Finds out whether fragments arrive, where that is not known yet and a session needs it: its frames' size may be
  /// known before it is established, or after.
  private mutating func probeFragmentsIfNeeded(_ session: SessionReference) {
    let connection = sessions[session].connection
    guard connections[connection].pathMTU.fragmentsArrive == nil, let octets = largestPacketOctets(session),
      octets > connections[connection].pathMTU.wholeOctets
    else { return }
    probeFragments(connection)
  }

  private mutating func warn(of texts: [String], unlessIn known: [String]?, _ pseudowire: PseudowireReference) {
    for text in texts where known?.contains(text) != true {
      note(.warning, .pseudowireWarning, of: pseudowire, text)
    }
  }
}
