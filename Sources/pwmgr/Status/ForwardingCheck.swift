import FoundationEssentials
import Glibc
import PWCore

/// Looks at the status of a daemon again and again, until pseudowires are as they should be.
struct ForwardingCheck {
  /// How to ask the daemon.
  let client: ControlClient
  /// The state that is waited for.
  var goal = Goal.forwarding

  /// A state of a pseudowire.
  enum Goal: String, CaseIterable {
    /// Frames pass, as far as is known, but for what a spanning tree does.
    case forwarding
    /// There is a session.
    case established

    fileprivate func isReached(by status: PseudowireStatus) -> Bool {
      switch self {
      // A spanning tree takes half a minute, and may cut another loop than before.
      case .forwarding: status.isForwarding || status.forwarding.value.isCutBySpanningTree
      case .established: status.state.value == .established
      }
    }
  }

  /// A pseudowire that is not as it should be.
  struct Missing {
    /// Its tunnel's name and its own.
    let owner: LinkOwner
    /// The reasons, a line each.
    let reasons: [String]

    /// Both in one line.
    var text: String { "\(owner.tunnel)/\(owner.pseudowire): \(reasons.joined(separator: "; "))" }
  }

  /// The pseudowires that are as they should be now.
  func reached() throws -> Set<LinkOwner> {
    Set(try look().filter { goal.isReached(by: $0.value) }.keys)
  }

  /// The whole status.
  func document() throws -> StatusDocument { try StatusDocument(answer: client.ask(.status)) }

  /// Waits until all of them are as they should be, and still are a moment later: a change may have consequences that
  /// come after it.
  ///
  /// - Returns: those that are not when the time is over, in the order of their names.
  func wait(for owners: Set<LinkOwner>, atMost longest: Duration) throws -> [Missing] {
    let clock = ContinuousClock()
    let end = clock.now + longest
    var wereThere = false
    while true {
      let began = clock.now
      let missing: [Missing]
      do {
        missing = try self.missing(of: owners)
      } catch let failure as ControlFailure {
        // It may have its hands full for a moment.
        guard clock.now < end else { throw failure }
        Self.sleep(Self.interval)
        continue
      }
      if missing.isEmpty, wereThere || owners.isEmpty { return [] }
      if clock.now >= end, !missing.isEmpty { return missing }
      wereThere = missing.isEmpty
      // The status of thousands of sessions takes a while, and the daemon has other things to do.
      let pause = max(wereThere ? Self.settleTime : Self.interval, (clock.now - began) * 4)
      Self.sleep(wereThere ? pause : min(pause, max(end - clock.now, .zero)))
    }
  }

  /// Those that are not as they should be now, in the order of their names.
  func missing(of owners: Set<LinkOwner>) throws -> [Missing] {
    let known = try look()
    return owners.filter { owner in known[owner].map { !goal.isReached(by: $0) } ?? true }
      .sorted { ($0.tunnel, $0.pseudowire) < ($1.tunnel, $1.pseudowire) }
      .map { Missing(owner: $0, reasons: known[$0]?.whyNot ?? ["it is not there"]) }
  }

  private func look() throws -> [LinkOwner: PseudowireStatus] {
    let all = try document().site.tunnels.flatMap { tunnel in
      tunnel.pseudowires.map { pseudowire in
        var pseudowire = pseudowire
        if tunnel.state.value != .established, let error = tunnel.lastError { pseudowire.lastError = error }
        return (LinkOwner(tunnel: tunnel.name, pseudowire: pseudowire.name), pseudowire)
      }
    }
    return Dictionary(all) { first, _ in first }
  }

  /// Lets a while pass.
  static func sleep(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    var rest = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
    var left = timespec()
    while nanosleep(&rest, &left) != 0, errno == EINTR { rest = left }
  }

  /// Between two looks.
  static let interval = Duration.milliseconds(200)
  private static let settleTime = Duration.seconds(1)
}

extension PseudowireStatus {
  /// Why it does not forward, and the last error where that says more.
  fileprivate var whyNot: [String] {
    let reasons = forwarding.value.reasons
    guard let error = lastError?.value, !reasons.contains(where: { $0.contains(error) }) else { return reasons }
    return reasons + ["last error: \(error)"]
  }
}
