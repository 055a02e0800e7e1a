/// Reports of the keeper of links about the site's bridges.
extension Engine {
  /// A bridge is not as declared, or is again: each change is one line, for nobody looks at `status` all the time.
  mutating func bridgeReported(_ name: String, _ problems: [String]) {
    let before = bridgeProblems[name] ?? []
    bridgeProblems[name] = problems.isEmpty ? nil : problems
    guard problems != before, forwardingNotes.allows(at: now) else { return }
    for problem in problems where !before.contains(problem) {
      note(
        .warning, .bridgeFault, tunnel: nil, fields: [.text(.bridge, name)], "bridge \(name): \(problem)")
    }
    if problems.isEmpty {
      note(
        .notice, .bridgeRestored, tunnel: nil, fields: [.text(.bridge, name)], "bridge \(name) is as declared again")
    }
  }
}
