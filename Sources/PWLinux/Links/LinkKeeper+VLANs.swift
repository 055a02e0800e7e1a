import PWCore

// VLANs of links that pseudowires share. The link itself, prepared for them, is a member like any other; it stays one
// until the last of its VLANs is left to it again.
extension LinkKeeper {
  /// The state of a port that the users of its VLANs were told last.
  struct KnownPort: Equatable {
    var index: Int32?
    var problems: [String]
  }

  /// Which VLANs of one pseudowire failed. There may be thousands.
  struct FailedVLANs {
    private var places: Set<VLANPlace> = []
    /// The one that the report tells of.
    private(set) var told: VLANPlace?
    /// Whether there are others.
    var areSeveral: Bool { places.count > 1 }

    /// A VLAN was tried, or is not tried any more.
    mutating func note(_ place: VLANPlace, hasFailed: Bool) {
      if hasFailed { places.insert(place) } else { places.remove(place) }
      if told.map(places.contains) != true { told = places.first }
    }

    /// Forgets those that are not wanted any more.
    mutating func keep(_ wanted: [VLANPlace]) {
      if places.isEmpty { return }
      places.formIntersection(wanted)
      if told.map(places.contains) != true { told = places.first }
    }
  }

  /// Wants a VLAN for a session's interface.
  func want(_ place: VLANPlace, _ use: VLANUse) {
    vlans[place] = use
    carried[place.port, default: []].insert(place)
    if case .pointToPoint = memberUses[place.port] {} else { memberUses[place.port] = .vlans }
    reportLink(place.port)
  }

  /// Whether VLANs of a link are joined to sessions' interfaces, or have been and are not its own again yet.
  func carriesVLANs(_ name: String) -> Bool { carried[name]?.isEmpty == false }

  /// Takes back what an owner wanted.
  func retract(_ place: VLANPlace, of owner: LinkOwner) {
    if vlans[place]?.owner == owner { vlans[place] = nil }
  }

  func planVLAN(_ place: VLANPlace) -> Work {
    var work = Work()
    let use = vlans[place]
    let old = stateFile.entries.vlans[place]
    guard let port = monitor[place.port] else {
      note(.vlan(place, nil))
      return work
    }
    let plan = VLANPlan.make(
      .init(
        place: place, use: use, port: port, isPortReady: isReady(port), session: use.flatMap { monitor[$0.link] },
        formerSession: areSessionsGone.value ? nil : old.flatMap { monitor.links[$0.session] }, record: old,
        hasFailed: jobs.failure(of: .vlan(place)) != nil))
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
    let record = stateFile.entries.members[port.name]
    return record?.index == port.index && record?.carriesVLANs == true && refusals[port.name] == nil
      && jobs.failure(of: .member(port.name)) == nil
  }

  /// A port came to rest: its VLANs look again if it is another than they knew.
  func refreshPort(_ name: String) {
    let link = monitor[name]
    let known = KnownPort(index: link.flatMap { isReady($0) ? $0.index : nil }, problems: problems(ofMember: name))
    guard knownPorts[name] != known else { return }
    knownPorts[name] = known
    let places = carried[name] ?? []
    for place in places { touch(.vlan(place)) }
    for link in Set(places.compactMap { vlans[$0]?.link }) { reportOwner(of: link) }
  }

  /// A VLAN came to rest. Its pseudowire's report is another only where it tells of this one's failure, now or before.
  func reportVLAN(_ place: VLANPlace) {
    guard let use = vlans[place] else { return }
    let (told, areSeveral) = (owners[use.owner]?.failedVLANs.told, owners[use.owner]?.failedVLANs.areSeveral)
    owners[use.owner]?.failedVLANs.note(place, hasFailed: jobs.failure(of: .vlan(place)) != nil)
    guard let failed = owners[use.owner]?.failedVLANs else { return }
    if told == place || failed.told != told || failed.areSeveral != areSeveral { reportOwner(of: use.link) }
  }

  /// How loud a subject's failure is: a trunk's VLANs mostly fail together, and one of them says it for all. A
  /// session's link goes with the session, whatever was to be done with it: where it is still wanted, its report says
  /// that it is not there.
  func level(of failure: StepFailure, _ subject: Subject) -> Event.Level {
    if case .session = subject, failure.isLinkGone { return .debug }
    guard case .vlan(let place) = subject, let use = vlans[place] else { return .warning }
    guard let told = owners[use.owner]?.failedVLANs.told else {
      // It is told of from now on, though it may be tried again before its report: the next one is not to say it again.
      owners[use.owner]?.failedVLANs.note(place, hasFailed: true)
      return .warning
    }
    return told == place ? .warning : .debug
  }

  /// The session's interface of some VLANs is another link than before, or has gone.
  func sessionChanged(_ name: String) {
    guard let wish = sessions[name], let places = owners[wish.owner]?.vlans else { return }
    for place in places { touch(.vlan(place)) }
  }

  /// A port is another link than before, has gone, or has another MTU.
  func portChanged(_ name: String) {
    let places = carried[name] ?? []
    for place in places { touch(.vlan(place)) }
    for link in Set(places.compactMap { vlans[$0]?.link }) { touch(.session(link)) }
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
