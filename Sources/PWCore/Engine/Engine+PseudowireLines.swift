/// Lines of the log about pseudowires. A peer reports its circuit up and down, and calls and hangs up, as often as it
/// likes (``LineLimit``).
extension Engine {
  /// Tells people of an event of a pseudowire, unless there have been too many of them lately.
  mutating func note(
    _ level: Event.Level, _ kind: EventKind, of pseudowire: PseudowireReference,
    fields: @autoclosure () -> [EventField] = [], _ message: @autoclosure () -> String
  ) {
    emit(limitedLevel(level, of: pseudowire), kind, of: pseudowire, fields: fields(), message())
  }

  /// Tells of a change of forwarding.
  mutating func noteForwarding(_ pseudowire: PseudowireReference) {
    guard Event.Level.notice.rawValue >= leastEventLevel.rawValue else { return }
    let level = limitedLevel(.notice, of: pseudowire)
    guard level == .debug || forwardingNotes.allows(at: now) else { return }
    let (kind, fields, words) = forwardingWords(pseudowire)
    emit(level, kind, of: pseudowire, fields: fields, words)
  }

  /// Sums up the events that were not told, if there are any, and says how the pseudowire is now.
  ///
  /// - Parameter isLast: whether the pseudowire goes.
  mutating func sumUp(_ pseudowire: PseudowireReference, isLast: Bool = false) {
    for limit in [\Pseudowire.lines, \Pseudowire.warnings] {
      guard let sum = pseudowires[pseudowire][keyPath: limit].sum(at: now, isLast: isLast) else { continue }
      let (kind, fields, words) = forwardingWords(pseudowire)
      emit(
        sum.level, kind, of: pseudowire, fields: fields + [.number(.leftOut, sum.count)],
        "\(sum.words); now \(words)")
    }
  }

  /// The importance that is left to an event: those that are too many are for somebody who is looking for a fault. Of
  /// warnings, which are told once, none is lost because something else comes often.
  private mutating func limitedLevel(_ level: Event.Level, of pseudowire: PseudowireReference) -> Event.Level {
    guard level != .debug, !isAnsweringShortage, level.rawValue >= leastEventLevel.rawValue else { return level }
    let limit = level.isWarning ? \Pseudowire.warnings : \Pseudowire.lines
    switch pseudowires[pseudowire][keyPath: limit].add(level, at: now) {
    case .told: return level
    case .counted: break
    case .firstCounted(let sumAt, let isSudden):
      turn.schedule(sumAt, .lines(pseudowire))
      guard isSudden else { break }
      emit(
        .warning, .pseudowireWarning, of: pseudowire,
        LineLimit.words(ofTooMany: level.isWarning ? "warnings" : "changes")
          + "; until then 'pwmgr status' shows how it is")
    }
    return .debug
  }

  private mutating func emit(
    _ level: Event.Level, _ kind: EventKind, of pseudowire: PseudowireReference,
    fields: @autoclosure () -> [EventField] = [], _ message: @autoclosure () -> String
  ) {
    let name = pseudowires[pseudowire].declaration.name
    note(
      level, kind, tunnel: pseudowires[pseudowire].tunnel, pseudowireName: name, fields: fields(), message())
  }

  /// Whether frames pass, as an event tells it.
  private func forwardingWords(
    _ pseudowire: PseudowireReference
  ) -> (kind: EventKind, fields: [EventField], words: String) {
    guard !pseudowires[pseudowire].isForwarding else { return (.forwarding, [], "forwarding") }
    let obstacles = obstacles(to: pseudowire, at: now)
    return (
      .notForwarding, [EventField(.reasons, .texts(obstacles.map(\.code.rawValue)))],
      "not forwarding: \(obstacles.map(\.words).joined(separator: "; "))"
    )
  }
}
