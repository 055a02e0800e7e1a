import PWCore

// The state file against the marks. Anybody who could write into the file would have us undo what we never did; and an
// index may be another link's by now. A link that we have made tells by its alias whose it is, so it is asked first.
extension Recovery {
  /// Entries that say of a link that it is ours, or leads to one of ours, when it carries no mark of ours.
  ///
  /// Of a link that is not there any more nothing can be said, and a link that we only found has no mark: there the
  /// state file is all that there is.
  func contradictions(in entries: StateEntries) -> [(change: StateChange, words: String)] {
    var found: [(change: StateChange, words: String)] = []
    for (name, entry) in entries.bridges {
      guard let reason = objection(to: entry, name) else { continue }
      found.append((.bridge(name, nil), "bridge \(name): \(reason)"))
    }
    for (name, record) in entries.members {
      guard let reason = objection(to: record, entries) else { continue }
      found.append((.member(name, nil), "member \(name): \(reason)"))
    }
    for (place, record) in entries.vlans {
      guard let reason = objection(toSession: record.session) else { continue }
      found.append((.vlan(place, nil), "\(place.text): \(reason)"))
    }
    return found.sorted { $0.words < $1.words }
  }

  /// A bridge that we made is removed only if it is marked as ours. It may have been left before it was marked: then it
  /// has no alias at all, and the address that we gave it.
  private func objection(to entry: StateEntries.BridgeEntry, _ name: String) -> String? {
    guard entry.isCreated, let link = monitor[name], link.kind == "bridge", link.alias != mark.bridgeAlias else {
      return nil
    }
    if link.alias == nil, let address = entry.address, link.address == address { return nil }
    return "it should be a bridge that this pwmgr made, but \(marks(link))"
  }

  /// A member is taken out of a bridge that the state file knows, and its redirection ended only where that led to one
  /// of ours.
  private func objection(to record: MemberRecord, _ entries: StateEntries) -> String? {
    if let target = record.redirect, let reason = objection(toSession: target) { return reason }
    guard let index = record.bridge, let bridge = monitor.links[index] else { return nil }
    if bridge.alias == mark.bridgeAlias || entries.bridges[bridge.name] != nil { return nil }
    return "it should be in a bridge of this site, but \(bridge.name) is not one: \(marks(bridge))"
  }

  /// A session's interface without any alias may have been left before it was marked.
  private func objection(toSession index: Int32) -> String? {
    guard let link = monitor.links[index], link.alias != nil, !mark.matches(link.alias) else { return nil }
    return "its frames should go to a session's interface of this site, but \(link.name) is not one: \(marks(link))"
  }

  private func marks(_ link: LinkInfo) -> String {
    link.alias.map { "its alias is '\($0)'" } ?? "it has no alias"
  }
}
