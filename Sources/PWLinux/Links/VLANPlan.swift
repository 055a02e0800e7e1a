import PWCore

/// A VLAN of a link.
struct VLANPlace: Hashable, Sendable {
  /// The interface name of the link that the VLAN is taken from.
  var port: String
  /// The VLAN's tag on it.
  var tag: VLANTag

  /// `VLAN 111 of eth1`.
  var text: String { "VLAN \(tag.identifier) of \(port)" }
}

/// The use of a VLAN: the pseudowire and the interface that it is joined to.
struct VLANUse: Equatable, Sendable {
  /// The pseudowire that carries the VLAN.
  var owner: LinkOwner
  /// The name of the session's interface.
  var link: String
  /// The treatment of the priority bits on the way to the port.
  var priorities: TagPriorities
  /// Whether it is one of several that leave the interface as they are; else every tag becomes this one.
  var isOfTrunk = false
}

/// The changes that we have made for a VLAN, or are about to make: the state file's entry. Those on the session's
/// interface go with it.
struct VLANRecord: Equatable, Sendable {
  /// Which link the port was.
  var index: Int32
  /// Which link the session's interface was.
  var session: Int32
  /// As it was asked for.
  var priorities: TagPriorities
  /// Whether it is one of several.
  var isOfTrunk = false

  /// Whether another one differs in nothing but the priorities.
  func isLike(_ other: VLANRecord) -> Bool {
    index == other.index && session == other.session && isOfTrunk == other.isOfTrunk
  }
}

/// The steps for a VLAN, worked out from what is wanted, what is there and what we have done.
struct VLANPlan: Equatable {
  /// In their order; the first that fails ends it.
  var steps: [LinkStep] = []
  /// The state file's entry after them, and from before the first of them if there is one.
  var record: VLANRecord?

  /// Everything that the plan depends on.
  struct Situation {
    /// The port that the VLAN is taken from, and its tag.
    var place: VLANPlace
    /// The use that is wanted; nil undoes what we did.
    var use: VLANUse?
    /// The port as it is.
    var port: LinkInfo
    /// Whether the port is prepared: its hook is there.
    var isPortReady: Bool
    /// The session's interface, when it is there.
    var session: LinkInfo?
    /// The one that the record speaks of, when it is there and does not go by itself.
    var formerSession: LinkInfo?
    /// The state file's entry for what was done for the VLAN so far; nil when there is nothing to undo.
    var record: VLANRecord?
    /// Whether the last attempt failed: what it was to make may be half there, whatever the record says.
    var hasFailed = false
  }

  /// The plan for a VLAN.
  static func make(_ situation: Situation) -> VLANPlan {
    let port = situation.port
    // An entry about another link that had the name is worth nothing.
    var record = situation.record.flatMap { $0.index == port.index ? $0 : nil }
    // After a failure, filters of the priorities before may still be there.
    if situation.hasFailed { record?.priorities = .allChanged }
    let tag = situation.place.tag
    guard let use = situation.use else {
      guard let record else { return VLANPlan() }
      return VLANPlan(steps: [undo(situation.place, port)] + dismissal(tag, record, from: situation.formerSession))
    }
    guard situation.isPortReady, let session = situation.session else {
      return VLANPlan(record: situation.record.flatMap { $0.index == port.index ? $0 : nil })
    }
    let wanted = VLANRecord(
      index: port.index, session: session.index, priorities: use.priorities, isOfTrunk: use.isOfTrunk)
    var plan = VLANPlan(record: wanted)
    guard record != wanted || situation.hasFailed else { return plan }
    if let record, !situation.hasFailed, record.isLike(wanted) {
      plan.steps = [
        .changePriorities(
          tag, record.priorities, to: use.priorities, from: session.index, name: session.name, port: port.index,
          isOfTrunk: use.isOfTrunk)
      ]
      return plan
    }
    if let record { plan.steps += dismissal(tag, record, from: situation.formerSession) }
    if use.isOfTrunk {
      plan.steps.append(.makeTrunk(session.index, name: session.name))
      plan.steps.append(.admitVLAN(tag, use.priorities, from: session.index, name: session.name, to: port.index))
    } else {
      plan.steps.append(
        .rewriteTags(session.index, name: session.name, to: tag, use.priorities, port: port.index))
    }
    plan.steps.append(.takeVLAN(tag, from: port.index, name: port.name, to: session.index))
    return plan
  }

  /// Lets a trunk's VLAN pass from its session's interface no more; the others do.
  private static func dismissal(_ tag: VLANTag, _ record: VLANRecord, from session: LinkInfo?) -> [LinkStep] {
    guard record.isOfTrunk, let session, session.index == record.session else { return [] }
    return [.dismissVLAN(tag, record.priorities, from: session.index, name: session.name)]
  }

  /// Leaves a VLAN to its port again.
  static func undo(_ place: VLANPlace, _ port: LinkInfo) -> LinkStep {
    .leaveVLAN(place.tag, to: port.index, name: port.name)
  }
}
