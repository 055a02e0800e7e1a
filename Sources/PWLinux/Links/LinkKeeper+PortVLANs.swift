import PWCore

// The VLANs of ports of bridges that filter by VLAN: those of our own ports as the site wants them, and what others' ports
// have that ours has not.
extension LinkKeeper {
  /// The VLANs of a session's port, as wanted and as they are; nil where its bridge filters none, or the site says nothing.
  func vlanPlan(_ wish: SessionWish?, _ link: LinkInfo, in bridge: BridgeView?) -> PortVLANPlan? {
    guard let wanted = wish?.vlans, let bridge, bridge.link.filtersVLANs == true else { return nil }
    return PortVLANPlan(
      target: PortVLANTable(wanted, usual: bridge.link.usualVLAN),
      current: PortVLANTable(monitor.portVLANs[link.index] ?? []))
  }

  /// The warnings to the operator about VLANs that do not pass a session's port.
  func vlanWarnings(_ session: String, _ wish: SessionWish) -> [String] {
    guard let name = wish.bridge, let bridge = monitor[name], let port = monitor[session] else { return [] }
    let isFiltering = bridge.filtersVLANs == true
    if wish.vlans != nil {
      return isFiltering
        ? [] : ["\(name) does not filter by VLAN: `vlans` and `untagged-vlan` have no effect, and all VLANs pass"]
    }
    guard isFiltering, port.master == bridge.index else { return [] }
    let own = PortVLANTable(monitor.portVLANs[port.index] ?? []).identifiers
    var others: Set<UInt16> = []
    for index in monitor.ports[bridge.index] ?? [] where index != port.index {
      guard let other = monitor.links[index], !isPseudowire(other) else { continue }
      others.formUnion(PortVLANTable(monitor.portVLANs[index] ?? []).identifiers)
    }
    let missing = others.subtracting(own)
    guard !missing.isEmpty else { return [] }
    let text = VLANSet(missing.map { $0...$0 }).text
    return [
      "\(name) filters by VLAN, and VLANs \(text) of its other ports do not pass \(session); write `vlans: \(text)` in "
        + "the pseudowire, or `vlans: none` if they should not"
    ]
  }

  /// The VLANs of a port are others than before.
  func portVLANsChanged(of link: LinkInfo) {
    if sessions[link.name] != nil { touch(.session(link.name)) }
    guard let name = bridgeNames[link.master], monitor[name]?.filtersVLANs == true else { return }
    for session in bridges[name]?.sessions ?? [] { reportOwner(of: session) }
  }
}

/// The change to make to the VLANs of a port.
struct PortVLANPlan: Equatable {
  /// The VLANs that the port shall have.
  var target: PortVLANTable
  /// The VLANs that the port has now, as the kernel reports them.
  var current: PortVLANTable

  /// The steps, in their order: what goes leaves its place to what comes.
  func steps(_ index: Int32, name: String) -> [LinkStep] {
    let (removals, additions) = (target.removals(from: current), target.additions(to: current))
    guard !removals.isEmpty || !additions.isEmpty else { return [] }
    return [.setPortVLANs(index, name: name, removals: removals, additions: additions)]
  }
}
