public import PWCore
import PWPluginWire

extension PluginHost {
  /// The questions that a plugin has been asked about a session, and those that wait.
  struct SessionState {
    /// The session as it was last asked about.
    var session: PluginSession
    /// Whether a question about it is open: there is one at a time.
    var isOpen = false
    /// Whether the plugin has been asked to bring it up, and not to take it down since.
    var isUp = false
    /// Whether it has said which links the session has, and they have not been taken away since.
    var stands = false
    /// Whether the session was established when it was asked about last.
    var isEstablished = false
    /// Whether `down` waits for its turn: before `up`.
    var isDownWaiting = false
    /// The question that waits for its turn.
    var waiting: (question: PluginQuestion, completion: Completion)?
    /// Whether it waits in the queue.
    var isReady = false
    /// Whether `check` waits for its turn.
    var isCheckWaiting = false
    /// The faults that the last `check` has found.
    var problems: [String] = []

    /// The session as `gc` has it.
    var presented: PluginSession {
      var presented = session
      presented.isEstablished = isEstablished
      return presented
    }
  }

  /// Asks which links a session should have. A question that waits gives way to a newer one of the same session, and is never
  /// answered then.
  ///
  /// - Parameter completion: called once, or never: who asks has a time limit.
  public func ask(_ question: PluginQuestion, completion: @escaping Completion) {
    if let obstacle, sessions[question.owner]?.stands != true { return completion(refusal(obstacle)) }
    let session = PluginSession(owner: question.owner, declaration: question.declaration)
    sessions[question.owner, default: SessionState(session: session)].session = session
    sessions[question.owner]?.waiting = (question, completion)
    queue(question.owner)
  }

  /// A session is over: the plugin is told, if it has been asked about it.
  public func release(_ owner: LinkOwner) {
    guard sessions[owner] != nil else { return }
    sessions[owner]?.waiting = nil
    sessions[owner]?.stands = false
    sessions[owner]?.isCheckWaiting = false
    sessions[owner]?.problems = []
    if sessions[owner]?.isUp == true { sessions[owner]?.isDownWaiting = true }
    queue(owner)
  }

  /// The faults of a session that the plugin has found.
  public func problems(of owner: LinkOwner) -> [String] { sessions[owner]?.problems ?? [] }

  private func refusal(_ reason: String) -> PluginAnswer {
    .refuse(CallResult(.noFacilitiesTemporary, text: reason), reason: reason)
  }

  /// Takes over the sessions of the same plugin in another file: they are told of in `gc`.
  func inherit(from other: PluginHost) {
    for (owner, state) in other.sessions {
      var state = state
      (state.isOpen, state.isReady) = (false, false)
      sessions[owner] = state
      queue(owner)
    }
  }

  // MARK: The queue

  private func queue(_ owner: LinkOwner) {
    guard let state = sessions[owner], !state.isReady, !state.isOpen else { return }
    sessions[owner]?.isReady = true
    ready.append(owner)
    pump()
  }

  /// Asks what waits, as far as there may be open questions.
  func pump() {
    // A question may be answered at once, and lead back to here.
    while state == .running, let conversation, conversation.isAlive,
      conversation.openQuestions < PluginLimits.openQuestions, let owner = ready.popFirst()
    {
      sessions[owner]?.isReady = false
      askNext(owner)
    }
  }

  private func askNext(_ owner: LinkOwner) {
    guard let state = sessions[owner], !state.isOpen else { return }
    if state.isDownWaiting {
      askDown(owner, state)
    } else if let waiting = state.waiting {
      askUp(owner, waiting.question, waiting.completion)
    } else if state.isCheckWaiting {
      askCheck(owner, state)
    } else if !state.isUp {
      sessions[owner] = nil
    }
  }

  private func askUp(_ owner: LinkOwner, _ question: PluginQuestion, _ completion: @escaping Completion) {
    sessions[owner]?.waiting = nil
    sessions[owner]?.isOpen = true
    sessions[owner]?.isUp = true
    sessions[owner]?.isEstablished = question.phase == .established
    conversation?.ask(.up, { .up($0, question) }) { [weak self] in self?.answered(question, $0, completion) }
  }

  private func askDown(_ owner: LinkOwner, _ state: SessionState) {
    sessions[owner]?.isDownWaiting = false
    sessions[owner]?.isUp = false
    guard identity?.verbs.contains(.down) == true else { return queue(owner) }
    sessions[owner]?.isOpen = true
    let session = state.session
    conversation?.ask(.down, { .down($0, session) }) { [weak self] result in
      guard let self else { return }
      if case .failure(let fault) = result, self.state == .running {
        log(
          Event(
            .warning, .plugin, tunnel: owner.tunnel, pseudowire: owner.pseudowire,
            fields: [.text(.plugin, declaration.name)],
            "plugin \(declaration.name) did not take it down: \(fault)"))
      }
      close(owner)
    }
  }

  private func close(_ owner: LinkOwner) {
    sessions[owner]?.isOpen = false
    queue(owner)
    pump()
  }

  private func answered(
    _ question: PluginQuestion, _ result: Result<PluginResponse, PluginFault>, _ completion: @escaping Completion
  ) {
    let answer: PluginAnswer
    do throws(PluginFault) {
      answer = try result.get().answer(to: question, payload: declaration.payload, bridges: bridges)
    } catch {
      if conversation?.isAlive != true, sessions[question.owner]?.stands == true {
        return retry(question, completion)
      }
      answer = refusal("plugin '\(declaration.name)': \(error)")
    }
    switch answer {
    case .links:
      let isOver = sessions[question.owner]?.isDownWaiting == true
      sessions[question.owner]?.stands = !isOver
    case .refuse: sessions[question.owner]?.isUp = question.phase == .established
    }
    // The answer may lead to the next question about the session.
    sessions[question.owner]?.isOpen = false
    completion(shown(answer))
    queue(question.owner)
    pump()
  }

  /// A session that stands does not end because its plugin did: it is asked about again, and its own time limit decides.
  private func retry(_ question: PluginQuestion, _ completion: @escaping Completion) {
    sessions[question.owner]?.isOpen = false
    if sessions[question.owner]?.waiting == nil { sessions[question.owner]?.waiting = (question, completion) }
    queue(question.owner)
  }

  /// The answer with a text for the peer, where it is a refusal without one.
  private func shown(_ answer: PluginAnswer) -> PluginAnswer {
    guard case .refuse(let result, let reason) = answer, result.text == nil else { return answer }
    let text = "plugin '\(declaration.name)': \(reason)"
    return .refuse(CallResult(result.code, text: text), reason: text)
  }

  /// The plugin has ended: sessions that are coming up are refused, so that their peers hear why and do not wait.
  func refuseNewcomers() {
    guard let obstacle else { return }
    for (owner, state) in sessions {
      guard let waiting = state.waiting, !state.stands else { continue }
      sessions[owner]?.waiting = nil
      waiting.completion(refusal(obstacle))
    }
  }

  // MARK: gc and check

  /// Names all sessions that there are: whatever the plugin holds for others is left from before.
  func collectGarbage() {
    guard identity?.verbs.contains(.gc) == true else { return }
    let all = sessions.values.filter { $0.isUp && !$0.isDownWaiting }.map(\.presented)
      .sorted { ($0.tunnel, $0.pseudowire) < ($1.tunnel, $1.pseudowire) }
    conversation?.ask(.gc, { .gc($0, all) }) { [weak self] result in
      if case .failure(let fault) = result, self?.state == .running { self?.note(.warning, "gc: \(fault)") }
    }
  }

  /// Every session is checked once, when its turn comes.
  func beginCheck() {
    for (owner, state) in sessions where state.isUp {
      sessions[owner]?.isCheckWaiting = true
      queue(owner)
    }
  }

  private func askCheck(_ owner: LinkOwner, _ state: SessionState) {
    sessions[owner]?.isCheckWaiting = false
    sessions[owner]?.isOpen = true
    let session = state.session
    conversation?.ask(.check, { .check($0, session) }) { [weak self] result in
      guard let self else { return }
      let problems: [String] =
        switch result {
        case .success(let response): response.shownProblems()
        case .failure(let fault): ["it cannot be checked: \(fault)"]
        }
      for problem in problems where sessions[owner]?.problems.contains(problem) != true {
        log(
          Event(
            .warning, .plugin, tunnel: owner.tunnel, pseudowire: owner.pseudowire,
            fields: [.text(.plugin, declaration.name)],
            "plugin \(declaration.name): \(problem)"))
      }
      if sessions[owner]?.isUp == true { sessions[owner]?.problems = problems }
      close(owner)
    }
  }
}
