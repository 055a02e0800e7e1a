/// Effects that the engine asks for, and their results: the object that asked goes on, if it is still there.
extension Engine {
  mutating func resolve(_ request: consuming NameRequest, for pending: PendingName) {
    perform(.name(turn.effects.addName(for: pending), request))
  }

  mutating func openSocket(_ request: consuming SocketRequest, for connection: ConnectionReference) {
    perform(.plane(.openSocket(turn.effects.addOpening(for: connection), connections[connection].socket.id, request)))
  }

  mutating func connectSocket(of connection: ConnectionReference) {
    perform(
      .plane(
        .connectSocket(
          turn.effects.addConnecting(for: connection), connections[connection].socket.id,
          to: connections[connection].remote,
          peerID: connections[connection].channel.peerID)))
  }

  mutating func change(_ change: consuming PlaneChange, for pending: consuming PendingChange = .unwatched) {
    perform(.plane(.change(turn.effects.addChange(for: pending), change)))
  }

  mutating func changeLinks(_ effect: consuming LinkEffect, for pending: PendingLinks? = nil) {
    perform(.links(turn.effects.addLinks(for: pending), effect))
  }

  mutating func askProtection(_ question: consuming ProtectionQuestion, for pending: consuming PendingProtection) {
    perform(.protection(turn.effects.addProtection(for: pending), question))
  }

  private mutating func perform(_ effect: consuming Effect) {
    turn.emit(.perform(effect))
  }

  mutating func complete(_ completion: consuming Completion) {
    switch consume completion {
    case .name(let identifier, let result):
      if let pending = turn.effects.takeName(identifier) { resolved(pending, result) }
    case .plane(.socketOpened(let identifier, let result)):
      if let connection = turn.effects.takeOpening(identifier) { socketOpened(connection, result) }
    case .plane(.socketConnected(let identifier, let result)):
      if let connection = turn.effects.takeConnecting(identifier) { socketConnected(connection, result) }
    case .plane(.changed(let identifier, let result)):
      if let pending = turn.effects.takeChange(identifier) { changed(pending, result) }
    case .links(let identifier, let result):
      if let pending = turn.effects.takeLinks(identifier) { linksSet(pending, result) }
    case .protection(let identifier, let result):
      if let pending = turn.effects.takeProtection(identifier) { protectionAnswered(pending, result) }
    }
  }

  private mutating func changed(_ pending: consuming PendingChange, _ result: EffectResult<Nothing>) {
    switch consume pending {
    case .unwatched: break
    case .listen(let socket): listened(socket, result)
    case .createTunnel(let connection): dataPathMade(connection, result)
    case .createSession(let session): sessionMade(session, result)
    case .removal(let interfaces): removed(interfaces)
    case .tunnelRemoval(let connection, let interfaces):
      removed(interfaces)
      reopenSocket(connection)
    case .staticRemoval(let identifier, let interfaces):
      removed(interfaces)
      staticRemoved(identifier)
    }
  }
}
