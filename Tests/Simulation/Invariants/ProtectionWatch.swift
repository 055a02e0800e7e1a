import PWCore

/// What a process has been told of the protection of its packets, by the peers' places. To a place whose protection the
/// site demands nothing may be sent that it has not heard to be protected.
struct ProtectionWatch {
  private struct Question {
    var place: Endpoint
    /// Whether something has changed since it was asked: its answer does not count.
    var isStale = false
  }

  private var questions: [EffectID<Protection>: Question] = [:]
  private var isProtected: [Endpoint: Bool] = [:]

  mutating func asks(_ effect: Effect) {
    if case .protection(let id, let question) = effect { questions[id] = Question(place: question.remote) }
  }

  mutating func gets(_ input: Input) {
    switch input {
    case .protectionChanged: for id in questions.keys { questions[id]?.isStale = true }
    case .completed(.protection(let id, let result)):
      guard let question = questions.removeValue(forKey: id), !question.isStale else { return }
      if case .success(let protection) = result { isProtected[question.place] = protection.isThere }
    default: break
    }
  }

  /// A message is sent to a place whose protection is demanded.
  func sends(to place: Endpoint) throws(Breach) {
    guard let isProtected = isProtected[place] else {
      throw Breach("sends to \(place) and has not asked whether it is protected")
    }
    guard isProtected || questions.values.contains(where: { $0.place == place }) else {
      throw Breach("sends to \(place), which is not protected")
    }
  }
}
