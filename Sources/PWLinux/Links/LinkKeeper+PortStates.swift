import PWCore

// The states of bridges' ports: in all but one of them no frame passes, however good the link is.
extension LinkKeeper {
  /// How long a port has to be disabled before that is told: between the moment at which a link is up and the one at
  /// which its bridge takes notice, every port is.
  private static let disabledDelay = Duration.seconds(1)

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

  /// Members that pass nothing though no spanning tree runs: what is wrong with a bridge even if another member
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
    let name = bridge.name
    if bridge.spanningTree == true {
      switch state {
      case .blocking:
        return ForwardingObstacle(
          .spanningTree, "\(name)'s spanning tree blocks \(port.name), to cut a loop: frames take the other way")
      case .listening, .learning:
        return ForwardingObstacle(
          .spanningTree,
          "\(name)'s spanning tree is still \(state.word) at \(port.name), for the bridge's forward delay twice at most"
        )
      case .disabled, .forwarding: break
      }
    }
    if state == .disabled, !disabledPorts.contains(port.index) { return nil }
    let cause = bridge.spanningTree == true ? "not by its spanning tree" : "though it runs no spanning tree"
    return ForwardingObstacle(
      .portBlocked,
      "\(port.name) is in state \(state.word) in \(name), \(cause), and passes no frames; `bridge link set dev "
        + "\(port.name) state forwarding`")
  }

  // MARK: Changes

  /// A port has come into another state: whoever uses it hears of it.
  func portStateChanged(_ link: LinkInfo) {
    if link.portState == .disabled { awaitDisabledPorts() } else { disabledPorts.remove(link.index) }
    guard let bridge = bridgeNames[link.master], !isPseudowire(link) else { return }
    reportUsers(of: bridge)
  }

  private func awaitDisabledPorts() {
    guard !isAwaitingDisabledPorts, stopping == nil else { return }
    isAwaitingDisabledPorts = true
    let timer = portTimer ?? loop.makeTimer { [weak self] in self?.tellDisabledPorts() }
    portTimer = timer
    loop.setTimer(timer, after: LinkKeeper.disabledDelay)
  }

  private func tellDisabledPorts() {
    isAwaitingDisabledPorts = false
    for (index, name) in bridgeNames {
      guard let bridge = monitor.links[index] else { continue }
      let found = (monitor.ports[index] ?? []).filter {
        monitor.links[$0]?.standstill(in: bridge) == .disabled && !disabledPorts.contains($0)
      }
      guard !found.isEmpty else { continue }
      disabledPorts.formUnion(found)
      reportUsers(of: name)
    }
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
