import ArgumentParser
import PWConfig
import PWCore

/// `pwmgr wait`: waits until pseudowires forward, and says which do not.
struct WaitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "wait",
    abstract: "Wait until pseudowires forward; if they do not in time, say why.",
    discussion: """
      TUNNEL is all pseudowires of a tunnel, TUNNEL/PSEUDOWIRE is one; without a name, all of the site. A daemon that \
      does not answer yet is waited for, too.

      Exit status: 0 if all of them are as they should be, 1 if there is none of that \
      name, or nothing to wait for, 3 if the time is over, 64 \
      for a usage error, 69 if no daemon answers in time.
      """)

  @Argument(help: ArgumentHelp("Tunnels, or single pseudowires.", valueName: "tunnel[/pseudowire]"))
  var names: [String] = []

  @Option(name: .customLong("for"), help: ArgumentHelp("What to wait for.", valueName: "state"))
  var goal = ForwardingCheck.Goal.forwarding

  @Option(
    help: ArgumentHelp("How long to wait, like 500ms or 2m; 30s if left out.", valueName: "duration"),
    transform: DurationOption.read)
  var timeout = Duration.seconds(30)

  @OptionGroup var socket: ControlSocketOption

  func run() throws {
    let clock = ContinuousClock()
    let end = clock.now + timeout
    while true {
      do {
        return try look(until: end - clock.now)
      } catch let failure as ControlFailure {
        guard clock.now < end else { throw failure.exit }
        ForwardingCheck.sleep(ForwardingCheck.interval)
      }
    }
  }

  private func look(until longest: Duration) throws {
    let check = ForwardingCheck(client: ControlClient(path: socket.controlSocket), goal: goal)
    let owners = try owners(among: check.document().site.tunnels)
    let missing = try check.wait(for: owners, atMost: longest)
    guard missing.isEmpty else {
      let verb = goal == .forwarding ? "forward" : "have a session"
      StandardError.write(
        "pwmgr: \(missing.count) of \(owners.count) pseudowires do not \(verb) after \(DurationText.text(timeout)):")
      for pseudowire in missing { StandardError.write("pwmgr: \(pseudowire.text)") }
      throw ExitStatus.notForwarding.exit
    }
  }

  /// The pseudowires that are named; where a name is not one, the command ends and says so.
  private func owners(among tunnels: [TunnelStatus]) throws -> Set<LinkOwner> {
    let named = tunnels.flatMap { tunnel in
      tunnel.pseudowires.map { pseudowire in
        let owner = LinkOwner(tunnel: tunnel.name, pseudowire: pseudowire.name)
        return (names: [tunnel.name, "\(tunnel.name)/\(pseudowire.name)"], owner: owner, status: pseudowire)
      }
    }
    for name in names where !named.contains(where: { $0.names.contains(name) }) {
      guard !tunnels.contains(where: { $0.name == name }) else {
        throw failure("tunnel '\(name)' has no pseudowire to wait for now")
      }
      let known = tunnels.map(\.name) + named.map { $0.names[1] }
      let hint = Spelling.hint(for: name, among: known, otherwise: "; see 'pwmgr status'")
      throw failure("there is no tunnel or pseudowire '\(name)'\(hint)")
    }
    let all = named.filter { names.isEmpty || $0.names.contains(where: names.contains) }
    // To wait for those that the site file disables is in vain: they are left out, unless one is meant.
    if let single = all.first(where: { $0.status.disabled == .siteFile && names.contains($0.names[1]) }) {
      let reasons = single.status.forwarding.value.reasons.joined(separator: "; ")
      throw failure("\(single.names[1]) does not come up: \(reasons)")
    }
    let owners = Set(all.filter { $0.status.disabled != .siteFile }.map(\.owner))
    guard !owners.isEmpty || all.isEmpty else {
      throw failure("the site file disables all of them: nothing to wait for")
    }
    return owners
  }

  private func failure(_ reason: String) -> any Error {
    StandardError.write("pwmgr: \(reason)")
    return ExitStatus.failure.exit
  }
}

extension ForwardingCheck.Goal: ExpressibleByArgument {}
