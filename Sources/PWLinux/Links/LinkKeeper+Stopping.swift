public import PWCore

// The end: everything is undone, however long the kernel takes for it.
extension LinkKeeper {
  /// A stop that is under way.
  struct Stopping {
    let timer: EventLoop.TimerID
    let completion: () -> Void
    /// How much was left when it was looked at last, and how often that was no less than before.
    var left = Int.max
    var looksInVain = 0
  }

  /// How often a stop that takes long is looked at.
  private static let lookInterval = Duration.seconds(5)
  /// Looks that see no progress before a stop is given up: the kernel hangs, and the next start tries again.
  private static let looksInVainLimit = 12
  /// How many failures are told of at the end; of thousands the others are mostly the same.
  private static let failuresTold = 8

  /// Undoes everything that was done, then calls back: when it is done, when the kernel refuses, after ``giveUp()``, or
  /// when nothing has gone on for a minute.
  ///
  /// - Parameters:
  ///   - expected: when it should be done; from then on the delegate hears what is left.
  ///   - completion: called once.
  public func stop(expectedAt expected: Instant, completion: @escaping () -> Void) {
    letSessionsGo()
    let timer = loop.makeTimer { [weak self] in self?.lookAtStop() }
    loop.setTimer(timer, at: expected)
    for owner in Array(owners.keys) { setLinks(owner, []) {} }
    setBridges([]) {}
    stopping = Stopping(timer: timer, completion: completion)
    stepStopping()
  }

  /// Leaves what is not undone yet to the next start: the request that the kernel is at is the last one.
  public func giveUp() {
    isGivenUp.set()
    stepStopping()
  }

  /// Ends a stop if nothing can be done any more.
  func stepStopping() {
    guard stopping != nil, jobs.busyCount == 0 else { return }
    let isLeft = stateFile.entries.count > 0
    if isLeft, !isGivenUp.value, jobs.failed.isEmpty { return }
    finishStopping(isComplete: !isLeft)
  }

  private func lookAtStop() {
    guard var state = stopping else { return }
    let bridges = stateFile.entries.bridges.keys.sorted().map { ($0, ports(of: monitor[$0]).count) }
    let left = bridges.reduce(stateFile.entries.members.count + stateFile.entries.vlans.count) { $0 + 1 + $1.1 }
    state.looksInVain = left < state.left ? 0 : state.looksInVain + 1
    state.left = left
    stopping = state
    guard state.looksInVain < LinkKeeper.looksInVainLimit else { return finishStopping(isComplete: false) }
    let names =
      bridges.map { "bridge \($0) with \($1) ports" }
      + stateFile.entries.members.keys.sorted().map { "member \($0)" } + stateFile.entries.vlanTexts
    delegate?.linkBackendTold(.stopping(left: names))
    loop.setTimer(state.timer, after: LinkKeeper.lookInterval)
  }

  private func finishStopping(isComplete: Bool) {
    guard let state = stopping else { return }
    stopping = nil
    loop.removeTimer(state.timer)
    if isComplete {
      stateFile.remove()
    } else {
      let entries = stateFile.entries
      let names =
        entries.bridges.keys.sorted().map { "bridge \($0)" } + entries.members.keys.sorted().map { "member \($0)" }
        + entries.vlanTexts
      let failures = jobs.failures.sorted().prefix(LinkKeeper.failuresTold)
      let message =
        "not undone, the next start tries again: \(names.joined(separator: ", ")): "
        + (failures.isEmpty ? "the kernel has not removed or restored it yet" : failures.joined(separator: "; "))
      notice(Event(.warning, .linkLeftover, message))
    }
    state.completion()
  }
}
