/// A search and the proof of its result, one after the other.
extension Engine.PathProbing {
  /// Whether there is nothing left to ask, or to wait for.
  var isOver: Bool {
    guard probe.outcome != nil else { return false }
    return proof.map { $0.verdict != nil } ?? (probe.claim == nil)
  }

  /// The probe to send now; nil where nothing is asked.
  var question: PathProbe.Question? {
    guard let proof else { return probe.question }
    return proof.question
  }

  /// Has the largest answer proven, once the search is over.
  mutating func beginProof() {
    guard proof == nil, probe.outcome != nil, let claim = probe.claim else { return }
    proof = ProbeProof(of: claim)
  }

  /// A message of ours has come between question and answer, or into a time of silence. The latter is long, and costs
  /// no probe: it has a count of its own.
  mutating func interrupted() {
    if proof != nil, question == nil { proof?.silenceBroken() } else { interruptions += 1 }
  }

  /// Whether messages of ours have come too often.
  var isInterruptedTooOften: Bool {
    interruptions > EngineLimits.pathProbeInterruptions
      || proof.map { $0.brokenSilences > EngineLimits.brokenSilences } ?? false
  }

  /// Whether a probe was sent that an answer, or a complaint, may still come for: for as long as the next one waits.
  func isProbeOut(at now: Instant) -> Bool {
    guard let probedAt else { return false }
    return now - probedAt <= patience * 2
  }

  /// An acknowledgement has come that may be the answer.
  mutating func answered() {
    if proof == nil { probe.answered() } else { proof?.answered() }
  }

  /// None has come in time.
  mutating func unanswered() {
    if proof == nil { probe.unanswered() } else { proof?.unanswered() }
  }
}
