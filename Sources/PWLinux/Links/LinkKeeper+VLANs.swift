import PWCore

// VLANs of links that pseudowires share. The link itself, prepared for them, is a member like any other; it stays one until
// the last of its VLANs is left to it again.
extension LinkKeeper {
  /// What those who use a port's VLANs were told of it last.
  struct KnownPort: Equatable {
    var index: Int32?
    var problems: [String]
  }

  /// Wants a VLAN for a session's interface.
  func want(_ place: VLANPlace, _ use: VLANUse) {
    vlans[place] = use
    carried[place.port, default: []].insert(place)
    memberUses[place.port] = .vlans
    reportLink(place.port)
  }

  /// Takes back what an owner wanted.
  func retract(_ place: VLANPlace, of owner: LinkOwner) {
    if vlans[place]?.owner == owner { vlans[place] = nil }
  }

  func planVLAN(_ place: VLANPlace) -> Work {
    var work = Work()
    let use = vlans[place]
    let old = journal.entries.vlans[place]
    guard let port = monitor[place.port] else {
      note(.vlan(place, nil))
      return work
    }
    let plan = VLANPlan.make(
      .init(
        place: place, use: use, port: port, isPortReady: isReady(port), session: use.flatMap { monitor[$0.link] },
        record: old, hasFailed: jobs[.vlan(place)]?.failure != nil))
    work.steps = plan.steps
    guard !work.steps.isEmpty else {
      note(.vlan(place, plan.record))
      return work
    }
    work.before = .vlan(place, plan.record ?? old)
    work.succeeded = { [weak self] _ in self?.note(.vlan(place, plan.record)) }
    return work
  }

  /// Whether a port is prepared. Its own job may still be under way: the worker comes to it first.
  private func isReady(_ port: LinkInfo) -> Bool {
    let record = journal.entries.members[port.name]
    return record?.index == port.index && record?.carriesVLANs == true && refusals[port.name] == nil
      && jobs[.member(port.name)]?.failure == nil
  }

  /// A port came to rest: its VLANs look again if it is another than they knew.
  func refreshPort(_ name: String) {
    let link = monitor[name]
    let known = KnownPort(index: link.flatMap { isReady($0) ? $0.index : nil }, problems: problems(ofMember: name))
    guard knownPorts[name] != known else { return }
    knownPorts[name] = known
    for place in carried[name] ?? [] {
      touch(.vlan(place))
      if let use = vlans[place] { reportOwner(of: use.link) }
    }
  }

  /// A port is another link than before, has gone, or has another MTU.
  func portChanged(_ name: String) {
    for place in carried[name] ?? [] {
      touch(.vlan(place))
      if let use = vlans[place] { touch(.session(use.link)) }
    }
  }

  /// A VLAN is its port's again; with the last one the port is given back as well.
  func forget(_ place: VLANPlace) {
    carried[place.port]?.remove(place)
    guard carried[place.port]?.isEmpty == true else { return }
    carried[place.port] = nil
    knownPorts[place.port] = nil
    if memberUses[place.port] == .vlans { memberUses[place.port] = nil }
    touch(.member(place.port))
  }
}
