/// The time limit of questions to plugins. It is the same for all of them: one that is compiled in answers before the next input
/// and is never waited for, one in another process may answer late, wrongly, or never.
///
/// There is no timer for a question: all have the same time, so that the oldest one tells when to look next.
extension Engine {
  /// A question is going to be asked: remembers when, if there is no older one.
  @inline(__always)
  mutating func noteConsultation() {
    if consultations.count == 0 { consultationsDue = now.advanced(nanoseconds: Self.answerNanoseconds) }
  }

  /// When the next question that has no answer runs out of time, at the earliest; nil while there is none.
  @inline(__always)
  var consultationDeadline: Instant? { consultations.count == 0 ? nil : consultationsDue }

  /// Ends the sessions whose plugin has not answered in time: the peer hears CDN, and they are tried again after the back-off.
  mutating func expireConsultations() {
    let expired = consultations.references.filter { now - consultations[$0].askedAt >= EngineLimits.answerTime }
    for consultation in expired { expire(consultation) }
    let oldest = consultations.references.map { consultations[$0].askedAt }.min()
    // However many there are: they are looked through once in a while, and each time those that are due go.
    consultationsDue = max(
      (oldest ?? now) + EngineLimits.answerTime, now + EngineLimits.consultationInterval)
  }

  private mutating func expire(_ consultation: SlotTable<PendingConsultation>.Reference) {
    guard let pending = consultations.remove(consultation) else { return }
    guard sessions.contains(pending.session),
      sessions[pending.session].consultation == ConsultationID(rawValue: consultation.rawValue)
    else { return }
    // The question stays the session's until its links are taken down, so that the plugin hears that it is over.
    endSession(
      sessions[pending.session].pseudowire,
      CallResult(
        .noFacilitiesTemporary,
        text: "the plugin has not answered within \(EngineLimits.answerTime.components.seconds) s"))
  }

  private static let answerNanoseconds = EngineLimits.answerTime.wholeNanoseconds
}
