import PWCore

/// Undoes, before anything is done, what a run of the same site and instance left when it was killed.
struct Recovery {
  /// The table of the machine's links, to see what the last run left.
  let monitor: LinkMonitor
  /// The mark of this instance, by which its things are known.
  let mark: LinkMark

  /// Undoes what the state file tells and what carries our mark. Entries that cannot be undone are left in the state
  /// file; those that do not agree with the marks on the links are struck out of it, and nothing is done for them.
  ///
  /// - Returns: what was struck out, and why, in words.
  func run(_ stateFile: StateFile) throws(SystemError) -> [String] {
    let sockets = NetlinkSockets()
    let contradictions = contradictions(in: stateFile.entries)
    for (change, _) in contradictions { try stateFile.write(change) }
    for (place, record) in stateFile.entries.vlans {
      let port = monitor.links[record.index]
      let steps = port?.name == place.port ? port.map { [VLANPlan.undo(place, $0)] } ?? [] : []
      if isDone(steps, sockets) { try stateFile.write(.vlan(place, nil)) }
    }
    for (name, record) in stateFile.entries.members {
      let link = monitor.links[record.index]
      let steps = link?.name == name ? link.map { MemberPlan.undo($0, record).plan.steps } ?? [] : []
      if isDone(steps, sockets) { try stateFile.write(.member(name, nil)) }
    }
    for (name, entry) in stateFile.entries.bridges {
      let steps = steps(toUndo: entry, name)
      if isDone(steps, sockets) { try stateFile.write(.bridge(name, nil)) }
    }
    for link in monitor.links.values where mark.matches(link.alias) { _ = isDone(steps(toRemove: link), sockets) }
    return contradictions.map(\.words)
  }

  private func steps(toUndo entry: StateEntries.BridgeEntry, _ name: String) -> [LinkStep] {
    BridgePlan.make(
      .init(
        name: name, declaration: nil, link: monitor[name], entry: entry, alias: mark.bridgeAlias, address: [],
        hasIPv6: false)
    ).steps
  }

  /// A bridge with our mark is removed; a session's interface is on its way out by itself, and must not forward
  /// meanwhile.
  private func steps(toRemove link: LinkInfo) -> [LinkStep] {
    if link.kind == "bridge" { return [.delete(link.index, name: link.name)] }
    var settings = LinkSettings()
    settings.isUp = false
    settings.master = 0
    return [.set(link.index, name: link.name, settings)]
  }

  private func isDone(_ steps: [LinkStep], _ sockets: NetlinkSockets) -> Bool {
    do throws(StepFailure) {
      _ = try LinkStep.perform(steps, sockets)
      return true
    } catch {
      return false
    }
  }
}
