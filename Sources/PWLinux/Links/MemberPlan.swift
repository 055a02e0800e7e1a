import PWCore

/// The role of an attachment circuit's member: a bridge's port, one end of a link to a session, or a port of VLANs.
enum MemberUse: Equatable, Sendable {
  /// A port of a bridge of the site.
  case bridge(String)
  /// Joined to a session's interface, end to end. VLANs of it may be joined to others
  /// (`MemberPlan.Situation.carriesVLANs`): then the rest is.
  case pointToPoint(LinkOwner, link: String, passesFault: Bool, isForwarding: Bool)
  /// A port some of whose VLANs are joined to sessions' interfaces; each of them is a subject of its own.
  case vlans
}

/// The changes that we have made to a member that we found, or are about to make: the state file's entry, undone at the
/// end.
struct MemberRecord: Equatable, Sendable {
  /// Which link it was.
  var index: Int32
  /// The bridge that we put it into.
  var bridge: Int32?
  /// Whether it was down before us.
  var wasRaised = false
  /// Whether we hold it down for its neighbour to notice.
  var isHeldDown = false
  /// Whether we made it take in frames for others.
  var isPromiscuous = false
  /// The link that it is redirected to.
  var redirect: Int32?
  /// Whether it is prepared for VLANs to be taken out of it.
  var carriesVLANs = false
  /// Whether the hook that holds the filters may be ours.
  var mayOwnHook = false
}

extension MemberRecord {
  /// Whether a member is still where we put it for a use that is not the wanted one: then that is undone first. Else we
  /// would refuse a port because it belongs to a bridge, when the bridge is our own.
  fileprivate func isOfAnotherUse(than situation: MemberPlan.Situation) -> Bool {
    let isInBridge = bridge.map { $0 == situation.link.master } ?? false
    switch situation.use {
    case nil: return false
    case .bridge: return redirect != nil || carriesVLANs || isInBridge && bridge != situation.bridge?.link.index
    case .pointToPoint: return carriesVLANs && redirect == nil && !situation.carriesVLANs || isInBridge
    case .vlans: return isInBridge
    }
  }
}

/// The steps for a member, worked out from what is wanted, what is there and what we have done.
struct MemberPlan: Equatable {
  /// The steps and what they do to the bridge.
  var plan = LinkPlan()
  /// The entry after them; before them the state file holds this and the old one together.
  var record: MemberRecord?
  /// Why the member is not used, with the cure.
  var refusal: String?

  /// Everything that the plan depends on.
  struct Situation {
    /// The use that is wanted; nil undoes what we did.
    var use: MemberUse?
    /// The member as the kernel reports it now.
    var link: LinkInfo
    /// The state file's entry for what was done to the member so far; nil when there is nothing to undo.
    var record: MemberRecord?
    /// The wanted bridge, when it is there.
    var bridge: BridgeView?
    /// The session's interface, when it is there.
    var session: LinkInfo?
    /// Whether the member carries addresses other than link-local ones.
    var hasAddresses: Bool
    /// The name of the link that the member is a port of.
    var masterName: String?
    /// The peers of the site.
    var peers: [IPAddress]
    /// Whether the last attempt failed: what it was to make may be half there, whatever the record says.
    var hasFailed = false
    /// Whether VLANs of it are joined to sessions' interfaces, whatever else it is used for.
    var carriesVLANs = false
  }

  /// The plan for a member.
  static func make(_ situation: Situation) -> MemberPlan {
    // An entry about another link that had the name is worth nothing.
    var record = situation.record.flatMap { $0.index == situation.link.index ? $0 : nil }
    if let other = record, other.isOfAnotherUse(than: situation) {
      let undone = undo(situation.link, other)
      guard undone.plan.steps.isEmpty else { return undone }
      record = nil
    }
    switch situation.use {
    case nil: return undo(situation.link, record)
    case .bridge: return join(situation, record)
    case .pointToPoint(_, _, let passesFault, let isForwarding):
      return connect(situation, record, isHeldDown: passesFault && !isForwarding)
    case .vlans: return carry(situation, record)
    }
  }

  /// Gives a member back as it was found. The member is looked at again after it: another use follows then.
  static func undo(_ link: LinkInfo, _ record: MemberRecord?) -> MemberPlan {
    guard let record else { return MemberPlan() }
    var plan = LinkPlan()
    if record.redirect != nil {
      plan.steps.append(.removeRedirect(link.index, name: link.name, withHook: record.mayOwnHook))
    }
    if record.carriesVLANs, record.mayOwnHook { plan.steps.append(.removeHook(link.index, name: link.name)) }
    var settings = LinkSettings()
    if let bridge = record.bridge, link.master == bridge { settings.master = 0 }
    if record.isPromiscuous { settings.isPromiscuous = false }
    if record.wasRaised, link.isUp { settings.isUp = false }
    if record.isHeldDown, !record.wasRaised, !link.isUp { settings.isUp = true }
    if !settings.isEmpty { plan.steps.append(.set(link.index, name: link.name, settings)) }
    return MemberPlan(plan: plan)
  }

  private static func join(_ situation: Situation, _ old: MemberRecord?) -> MemberPlan {
    let link = situation.link
    guard let bridge = situation.bridge else { return MemberPlan(record: old) }
    // A port that the bridge had before us is not ours to change.
    if link.master == bridge.link.index { return MemberPlan(record: old) }
    if let refusal = refusal(situation) { return MemberPlan(record: old, refusal: refusal) }
    var record = old ?? MemberRecord(index: link.index)
    record.bridge = bridge.link.index
    var plan = LinkPlan()
    plan.steps.append(.requireNoRoute(link.index, name: link.name, peers: situation.peers))
    plan.fix(bridge, joiningAddress: link.address, joiningMTU: link.mtuOctets)
    var settings = LinkSettings()
    settings.master = bridge.link.index
    if !link.isUp, old == nil {
      settings.isUp = true
      record.wasRaised = true
    }
    plan.steps.append(.set(link.index, name: link.name, settings))
    return MemberPlan(plan: plan, record: record)
  }

  private static func connect(_ situation: Situation, _ old: MemberRecord?, isHeldDown: Bool) -> MemberPlan {
    let link = situation.link
    guard let session = situation.session else {
      // Its VLANs do not wait for the session that has the rest.
      return situation.carriesVLANs ? carry(situation, old) : MemberPlan(record: old)
    }
    if let refusal = refusal(situation) { return MemberPlan(record: old, refusal: refusal) }
    var record = old ?? MemberRecord(index: link.index)
    var plan = LinkPlan()
    var settings = LinkSettings()
    // The hook of the redirection holds their filters as well.
    record.carriesVLANs = situation.carriesVLANs
    if record.redirect != session.index || situation.hasFailed {
      plan.steps.append(.requireNoRoute(link.index, name: link.name, peers: situation.peers))
      plan.steps.append(.redirect(session.index, name: session.name, to: link.index))
      plan.steps.append(.redirect(link.index, name: link.name, to: session.index))
      record.redirect = session.index
      if old == nil { record.mayOwnHook = true }
    }
    if !record.isPromiscuous, !link.isPromiscuous {
      settings.isPromiscuous = true
      record.isPromiscuous = true
    }
    if isHeldDown {
      if link.isUp { settings.isUp = false }
      record.isHeldDown = true
    } else if record.isHeldDown || (old == nil && !link.isUp) {
      if !link.isUp { settings.isUp = true }
      if old == nil { record.wasRaised = true }
      record.isHeldDown = false
    }
    if !settings.isEmpty { plan.steps.append(.set(link.index, name: link.name, settings)) }
    return MemberPlan(plan: plan, record: record)
  }

  /// Prepares a port for VLANs: what holds the filters, all stations' frames taken in (a card drops those of VLANs that
  /// it was not told of otherwise), and the link up.
  private static func carry(_ situation: Situation, _ old: MemberRecord?) -> MemberPlan {
    let link = situation.link
    if let refusal = refusal(situation, mayHaveAddresses: true) { return MemberPlan(record: old, refusal: refusal) }
    var record = old ?? MemberRecord(index: link.index)
    var plan = LinkPlan()
    if record.redirect != nil {
      plan.steps.append(.removeRedirect(link.index, name: link.name, withHook: false))
      record.redirect = nil
    }
    if !record.carriesVLANs || situation.hasFailed {
      plan.steps.append(.hook(link.index, name: link.name))
      record.carriesVLANs = true
      if old == nil { record.mayOwnHook = true }
    }
    var settings = LinkSettings()
    if !record.isPromiscuous, !link.isPromiscuous {
      settings.isPromiscuous = true
      record.isPromiscuous = true
    }
    if old == nil, !link.isUp {
      settings.isUp = true
      record.wasRaised = true
    }
    if !settings.isEmpty { plan.steps.append(.set(link.index, name: link.name, settings)) }
    return MemberPlan(plan: plan, record: record)
  }

  /// Why a link cannot be a member, with the cure; nil when it can.
  private static func refusal(_ situation: Situation, mayHaveAddresses: Bool = false) -> String? {
    let link = situation.link
    if link.isLoopback { return "\(link.name) is the loopback; take it out of the members" }
    if link.kind == "bridge" { return "\(link.name) is a bridge itself; name its ports instead" }
    if link.master != 0 {
      let master = situation.masterName ?? "another link"
      return
        "\(link.name) belongs to \(master) already; `ip link set \(link.name) nomaster`, or take it out of the members"
    }
    if situation.hasAddresses, !mayHaveAddresses {
      return
        "\(link.name) has IP addresses, which could not be reached while it is a member; move them to the bridge, or "
        + "take it out of the members"
    }
    return nil
  }
}
