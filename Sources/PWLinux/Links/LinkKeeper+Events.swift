import PWCore

// Changes of the machine's links, as the kernel tells them, brought to those whom they concern.
extension LinkKeeper {
  /// Takes in one change.
  func linkChanged(_ change: LinkChange) {
    switch change {
    case .changed(let old, let new):
      if let old, old.name != new.name {
        affect(old.name)
        sessionChanged(old.name)
      }
      affect(new.name)
      if isPortOtherwise(new, than: old) { portStateChanged(new) }
      if old?.index != new.index || old?.name != new.name { sessionChanged(new.name) }
      if old?.index != new.index || old?.name != new.name || old?.mtuOctets != new.mtuOctets { portChanged(new.name) }
      if old?.master != new.master || old?.mtuOctets != new.mtuOctets { lanChanged(of: new, before: old) }
    case .removed(let link):
      attained.forget(index: link.index)
      disabledPorts.forget(link.index)
      if placedAddresses[link.name]?.index == link.index { placedAddresses[link.name] = nil }
      affect(link.name)
      sessionChanged(link.name)
      portChanged(link.name)
      lanChanged(of: nil, before: link)
      if let name = bridgeNames.removeValue(forKey: link.index) { touch(.bridge(name)) }
    case .addressed(let link):
      affect(link.name)
    }
  }

  private func isPortOtherwise(_ new: LinkInfo, than old: LinkInfo?) -> Bool {
    old?.portState != new.portState || old?.master != new.master || old?.isUp != new.isUp
      || old?.hasCarrier != new.hasCarrier
  }

  /// Looks at whatever stands under a name.
  private func affect(_ name: String) {
    if let wish = sessions[name] {
      touch(.session(name))
      if let state = owners[wish.owner], state.vlans.isEmpty, let member = state.member { touch(.member(member)) }
    }
    if let use = memberUses[name] {
      touch(.member(name))
      if case .pointToPoint(_, let link, _, _) = use { touch(.session(link)) }
    } else if stateFile.entries.members[name] != nil {
      touch(.member(name))
    }
    if bridges[name] != nil { touch(.bridge(name)) }
    reportLink(name)
  }

  /// A port came, went or changed its MTU: the LAN of its bridge may be another.
  private func lanChanged(of link: LinkInfo?, before old: LinkInfo?) {
    guard let either = link ?? old, !isPseudowire(either) else { return }
    for master in Set([link?.master, old?.master].compactMap { $0 }) where master != 0 {
      if let bridge = bridgeNames[master] { refreshLAN(bridge) }
    }
  }

  func isPseudowire(_ link: LinkInfo) -> Bool {
    sessions[link.name] != nil || link.alias.flatMap(LinkMark.site(inAlias:)) != nil
  }

  private func refreshLAN(_ name: String) {
    guard let state = bridges[name] else { return }
    var lan: [String: Int] = [:]
    if let bridge = monitor[name] {
      for index in monitor.ports[bridge.index] ?? [] {
        if let port = monitor.links[index], !isPseudowire(port) { lan[port.name] = port.mtuOctets }
      }
    }
    guard lan != state.lan else { return }
    bridges[name]?.lan = lan
    for session in state.sessions {
      touch(.session(session))
      reportOwner(of: session)
    }
  }

  /// A bridge appeared, went, or was switched on or off: those who join it look again.
  func refreshBridge(_ name: String) {
    guard let state = bridges[name] else { return }
    let known = view(of: name).map {
      BridgeState.Known(
        index: $0.link.index, isUp: $0.link.isUp, spanningTree: $0.link.spanningTree,
        filtersVLANs: $0.link.filtersVLANs, usualVLAN: $0.link.usualVLAN)
    }
    guard known != state.known else { return }
    bridges[name]?.known = known
    if known?.index != state.known?.index {
      if let old = state.known { bridgeNames[old.index] = nil }
      if let known { bridgeNames[known.index] = name }
      bridges[name]?.isAddressFixed = false
      bridges[name]?.isMTUFixed = false
      refreshLAN(name)
    }
    if let bridge = monitor[name] { portStatesChanged(in: bridge) }
    for member in state.declaration?.members ?? [] { touch(.member(member)) }
    for session in state.sessions {
      touch(.session(session))
      reportOwner(of: session)
    }
  }
}
