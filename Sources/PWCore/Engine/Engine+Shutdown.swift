/// The end: StopCCN to every peer, everything that was made taken down, and a limit to how long that may take.
extension Engine {
  /// Begins a shutdown; asked for a second time, it does not wait for acknowledgements any more.
  mutating func shutDown() {
    switch shutdown {
    case .none:
      let until = now + EngineLimits.shutdownAcknowledgementTime
      shutdown = .stopping(until: until)
      turn.schedule(until, .shutdown)
      // First of all: then each interface goes with its session, and those that are kept go meanwhile.
      releaseInterfaces()
      for listener in listeners { change(.closeSocket(listener.socket)) }
      listeners = []
      for tunnel in declaredTunnels { tunnels[tunnel].attempt = .none }
      for connection in connections.references where connections.contains(connection) {
        switch connections[connection].life {
        case .opening: abandon(connection, because: "pwmgr is stopping", isFailure: false, .stoppedHere)
        case .handshaking, .established: close(connection, StopResult(.shuttingDown))
        case .closing, .stopped: break
        }
      }
      changeLinks(.setBridges([]))
    case .stopping: removeEverything()
    case .removing, .done: break
    }
  }

  /// Goes on with a shutdown as far as it can now.
  mutating func finishShutdown() {
    if case .stopping(let until) = shutdown {
      let isWaiting = connections.references.contains { connections[$0].life.isClosing }
      if !isWaiting || until <= now { removeEverything() }
    }
    if case .removing(let until) = shutdown, turn.effects.count == 0 || until <= now {
      shutdown = .done
      for pseudowire in pseudowires.references { sumUp(pseudowire, isLast: true) }
      for tunnel in tunnels.references { sumUp(tunnel, isLast: true) }
      emit(.stopped)
    }
  }

  /// Nobody is waited for any more.
  private mutating func removeEverything() {
    for connection in connections.references {
      abandon(connection, because: "pwmgr is stopping", isFailure: false, .stoppedHere)
    }
    let until = now + (EngineLimits.shutdownTime - EngineLimits.shutdownAcknowledgementTime)
    shutdown = .removing(until: until)
    turn.schedule(until, .shutdown)
  }
}
