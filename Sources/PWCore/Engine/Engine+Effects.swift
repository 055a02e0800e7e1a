extension Engine {
  /// What became of an effect: whoever asked for it goes on, if it is still there.
  mutating func complete(_ identifier: EffectID, _ result: EffectResult) {
    guard let pending = effects.remove(.init(rawValue: identifier.rawValue)) else { return }
    switch pending {
    case .unwatched: break
    case .resolve(let tunnel): resolved(tunnel, result)
    case .listen(let socket): listened(socket, result)
    case .openSocket(let connection): socketOpened(connection, result)
    case .connectSocket(let connection): socketConnected(connection, result)
    case .createTunnel(let connection): dataPathMade(connection, result)
    case .createSession(let pseudowire, let attempt): sessionMade(pseudowire, attempt: attempt, result)
    case .setLinks(let pseudowire, let attempt, let phase):
      linksSet(pseudowire, attempt: attempt, phase: phase, result)
    case .removal(let interfaces): removed(interfaces)
    case .tunnelRemoval(let connection, let interfaces):
      removed(interfaces)
      reopenSocket(connection)
    }
  }
}
