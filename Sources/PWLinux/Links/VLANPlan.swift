import PWCore

/// A VLAN of a link.
struct VLANPlace: Hashable, Sendable {
  /// The link's name.
  var port: String
  /// The VLAN's tag on it.
  var tag: VLANTag

  /// `VLAN 111 of eth1`.
  var text: String { "VLAN \(tag.identifier) of \(port)" }
}

/// What a VLAN is used for.
struct VLANUse: Equatable, Sendable {
  /// Whose it is.
  var owner: LinkOwner
  /// The session's interface.
  var link: String
  /// What becomes of the priority bits on the way to the port.
  var priorities: TagPriorities
}

/// What we have done for a VLAN, or are about to: the journal's entry. What is on the session's interface goes with it.
struct VLANRecord: Equatable, Sendable {
  /// Which link the port was.
  var index: Int32
  /// Which link the session's interface was.
  var session: Int32
  /// As it was asked for.
  var priorities: TagPriorities
}

/// What to do for a VLAN, worked out from what is wanted, what is there and what we have done.
struct VLANPlan: Equatable {
  /// In their order; the first that fails ends it.
  var steps: [LinkStep] = []
  /// The journal's entry after them, and from before the first of them if there is one.
  var record: VLANRecord?

  /// Everything that the plan depends on.
  struct Situation {
    /// Which VLAN.
    var place: VLANPlace
    /// What is wanted; nil undoes what we did.
    var use: VLANUse?
    /// The port as it is.
    var port: LinkInfo
    /// Whether the port is prepared: its hook is there.
    var isPortReady: Bool
    /// The session's interface, when it is there.
    var session: LinkInfo?
    /// What we did.
    var record: VLANRecord?
    /// Whether the last attempt failed: what it was to make may be half there, whatever the record says.
    var hasFailed = false
  }

  /// The plan for a VLAN.
  static func make(_ situation: Situation) -> VLANPlan {
    let port = situation.port
    // An entry about another link that had the name is worth nothing.
    let record = situation.record.flatMap { $0.index == port.index ? $0 : nil }
    guard let use = situation.use else {
      return VLANPlan(steps: record == nil ? [] : [undo(situation.place, port)])
    }
    guard situation.isPortReady, let session = situation.session else { return VLANPlan(record: record) }
    let wanted = VLANRecord(index: port.index, session: session.index, priorities: use.priorities)
    var plan = VLANPlan(record: wanted)
    if record != wanted || situation.hasFailed {
      plan.steps = [
        .rewriteTags(
          session.index, name: session.name, to: situation.place.tag, use.priorities, port: port.index),
        .takeVLAN(situation.place.tag, from: port.index, name: port.name, to: session.index),
      ]
    }
    return plan
  }

  /// Leaves a VLAN to its port again.
  static func undo(_ place: VLANPlace, _ port: LinkInfo) -> LinkStep {
    .leaveVLAN(place.tag, to: port.index, name: port.name)
  }
}
