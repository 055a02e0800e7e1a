import PWCore

// The states of bridges' ports: in all but one of them no frame passes, however good the link is.
extension LinkKeeper {
  /// Why no frame passes between a session's port and the LAN of its bridge, as far as the states of ports tell.
  func portObstacles(_ session: String, in bridge: String) -> [ForwardingObstacle] {
    guard let master = monitor[bridge] else { return [] }
    var obstacles: [ForwardingObstacle] = []
    if let port = monitor[session], let obstacle = portObstacle(port, in: master) { obstacles.append(obstacle) }
    let members = (bridges[bridge]?.declaration?.members ?? []).compactMap { monitor[$0] }
    let blocked = members.compactMap { portObstacle($0, in: master) }
    // One way into the LAN is enough: a port that nobody declares is one, too.
    guard !blocked.isEmpty, !hasForwardingPort(master) else { return obstacles }
    return obstacles + blocked
  }

  /// Members that pass nothing, and not to cut a loop: what is wrong with a bridge even if another member
  /// forwards.
  func blockedMembers(_ declaration: BridgeDeclaration) -> [String] {
    guard let master = monitor[declaration.name] else { return [] }
    let obstacles = declaration.members.compactMap { monitor[$0].flatMap { portObstacle($0, in: master) } }
    return obstacles.filter { $0.code == .portBlocked }.map(\.words)
  }

  private func hasForwardingPort(_ bridge: LinkInfo) -> Bool {
    (monitor.ports[bridge.index] ?? []).contains { index in
      guard let port = monitor.links[index], !isPseudowire(port) else { return false }
      return port.isUp && port.hasCarrier && port.portState == .forwarding
    }
  }

  /// Why a port that is up passes no frames; nil where it does, or where something else is wrong with it or its bridge.
  private func portObstacle(_ port: LinkInfo, in bridge: LinkInfo) -> ForwardingObstacle? {
    guard let state = port.standstill(in: bridge) else { return nil }
    if state == .disabled, !disabledPorts.contains(port.index) { return nil }
    let (name, words) = (bridge.name, "\(port.name) is in state \(state.word) in \(bridge.name)")
    guard bridge.spanningTree == true else {
      return ForwardingObstacle(
        .portBlocked,
        "\(words), though it runs no spanning tree, and passes no frames; `bridge link set dev \(port.name) state "
          + "forwarding`")
    }
    switch state {
    case .forwarding: return nil
    case .blocking:
      return ForwardingObstacle(
        .spanningTree, "\(name)'s spanning tree blocks \(port.name), to cut a loop: frames take the other way")
    case .learning:
      return ForwardingObstacle(
        .spanningTree, "\(name)'s spanning tree is still learning at \(port.name), for the bridge's forward delay")
    case .listening:
      return ForwardingObstacle(
        .spanningTree,
        "\(name)'s spanning tree is still listening at \(port.name), for the bridge's forward delay; where it stays "
          + "so, a root guard (`bridge -d link show dev \(port.name)`) sees BPDUs of a better root bridge there")
    case .disabled:
      // While the kernel's spanning tree runs, it refuses any other state (EBUSY).
      return ForwardingObstacle(
        .portBlocked,
        "\(words), and passes no frames: has a BPDU guard taken it out (`bridge -d link show dev \(port.name)`)? Look "
          + "for BPDUs there, or `bridge link set dev \(port.name) guard off`; then `ip link set \(port.name) down; "
          + "ip link set \(port.name) up`")
    }
  }

  // MARK: Changes

  /// A port has come into another state or bridge, or is up or down: whoever uses it hears of it.
  func portStateChanged(_ link: LinkInfo) {
    noteDisabled(link)
    awaitDisabledPorts()
    guard let bridge = bridgeNames[link.master], !isPseudowire(link) else { return }
    reportUsers(of: bridge)
  }

  /// A bridge of the site appeared, or is up or down: its ports look again, since nobody tells of one that was disabled
  /// before.
  func portStatesChanged(in bridge: LinkInfo) {
    for port in monitor.ports[bridge.index] ?? [] {
      if let link = monitor.links[port] { noteDisabled(link) }
    }
    awaitDisabledPorts()
  }

  private func noteDisabled(_ link: LinkInfo) {
    let bridge = bridgeNames[link.master] == nil ? nil : monitor.links[link.master]
    let isDisabled = bridge.map { link.standstill(in: $0) == .disabled } ?? false
    disabledPorts.note(link.index, isDisabled: isDisabled, at: loop.now)
  }

  private func awaitDisabledPorts() {
    // Whatever is noted later is ripe later as well.
    guard !isAwaitingDisabledPorts, stopping == nil, let next = disabledPorts.next else { return }
    isAwaitingDisabledPorts = true
    let timer = portTimer ?? loop.makeTimer { [weak self] in self?.tellDisabledPorts() }
    portTimer = timer
    loop.setTimer(timer, at: next)
  }

  private func tellDisabledPorts() {
    isAwaitingDisabledPorts = false
    let masters = disabledPorts.takeRipe(at: loop.now).compactMap { monitor.links[$0]?.master }
    for bridge in Set(masters).compactMap({ bridgeNames[$0] }) { reportUsers(of: bridge) }
    awaitDisabledPorts()
  }

  /// Reports on a bridge, and on every pseudowire whose session joins it.
  func reportUsers(of bridge: String) {
    reportBridge(bridge)
    for session in bridges[bridge]?.sessions ?? [] { reportOwner(of: session) }
  }
}

extension LinkInfo {
  /// The state in which a port of a bridge passes no frames though both are up; nil where frames pass, or where nothing
  /// can be said of it.
  fileprivate func standstill(in bridge: LinkInfo) -> PortState? {
    guard master == bridge.index, bridge.isUp, isUp, hasCarrier, let state = portState, state != .forwarding else {
      return nil
    }
    return state
  }
}
