import PWCore

/// VLANs of a bridge's port that are alike, as the kernel tells of them (`struct bridge_vlan_info`, linux/if_bridge.h).
struct PortVLANRange: Hashable, Sendable {
  /// The VLAN identifiers of the range.
  var identifiers: ClosedRange<UInt16>
  /// Whether untagged frames that arrive belong to it: the port has one such at most.
  var isForUntagged = false
  /// Whether its frames leave without their tag.
  var leavesUntagged = false
}

/// The VLANs of a bridge's port, one by one.
struct PortVLANTable: Equatable, Sendable {
  /// The treatment of a VLAN at the port: whether untagged frames enter it, and whether its own leave untagged.
  struct Role: Hashable, Sendable {
    var isForUntagged = false
    var leavesUntagged = false

    /// Tagged in both directions.
    static let tagged = Role()
    /// Untagged in both directions: untagged frames that arrive belong to the VLAN, and its frames leave without a tag.
    static let untagged = Role(isForUntagged: true, leavesUntagged: true)
  }

  /// By the VLAN's identifier.
  private(set) var roles: [UInt16: Role] = [:]

  /// The table of the VLANs that the kernel reports.
  init(_ ranges: [PortVLANRange]) {
    for range in ranges {
      for identifier in range.identifiers {
        roles[identifier] = Role(isForUntagged: range.isForUntagged, leavesUntagged: range.leavesUntagged)
      }
    }
  }

  /// The table of the VLANs that a site wants of a port.
  ///
  /// - Parameter usual: the VLAN that the bridge gives its ports' untagged frames (`vlan_default_pvid`); nil is none.
  init(_ wanted: PortVLANs, usual: UInt16?) {
    switch wanted.untagged {
    case .asGiven: if let usual { roles[usual] = .untagged }
    case .none: break
    case .vlan(let identifier): roles[identifier] = .untagged
    }
    for range in wanted.tagged.ranges {
      for identifier in range { roles[identifier] = .tagged }
    }
  }

  /// The identifiers of all VLANs that the port belongs to.
  var identifiers: Set<UInt16> { Set(roles.keys) }

  /// The VLANs to add to, or to change in, another table to make it this one.
  func additions(to other: PortVLANTable) -> [PortVLANRange] {
    PortVLANTable.ranges(roles.filter { other.roles[$0.key] != $0.value })
  }

  /// The VLANs to take out of another table to make it this one.
  func removals(from other: PortVLANTable) -> [PortVLANRange] {
    PortVLANTable.ranges(other.roles.filter { roles[$0.key] == nil }.mapValues { _ in .tagged })
  }

  private static func ranges(_ roles: [UInt16: Role]) -> [PortVLANRange] {
    var ranges: [PortVLANRange] = []
    for (identifier, role) in roles.sorted(by: { $0.key < $1.key }) {
      if let last = ranges.last, last.identifiers.upperBound + 1 == identifier, role == .tagged,
        !last.isForUntagged, !last.leavesUntagged
      {
        ranges[ranges.count - 1].identifiers = last.identifiers.lowerBound...identifier
      } else {
        ranges.append(
          PortVLANRange(
            identifiers: identifier...identifier, isForUntagged: role.isForUntagged, leavesUntagged: role.leavesUntagged
          ))
      }
    }
    return ranges
  }
}
