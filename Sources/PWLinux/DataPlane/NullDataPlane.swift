public import PWCore

/// A data plane that carries nothing: sockets are real, so control messages pass; tunnels and sessions are accepted and forgotten.
/// For benchmarks of the other end, for tests, and for a look at a site without touching the machine's links.
public final class NullDataPlane: DataPlane {
  /// Always `null`; the status and the log show it.
  public let kind = DataPlaneKind.null
  /// The driver, told of control messages and of unreachable peers.
  public weak var delegate: (any DataPlaneDelegate)?

  private let sockets: ControlSockets

  /// A data plane on a loop.
  public init(loop: EventLoop) {
    sockets = ControlSockets(loop: loop)
    sockets.received = { [unowned self] in delegate?.dataPlaneReceived($0) }
    sockets.noticed = { [unowned self] in delegate?.dataPlaneNoticed($0) }
    sockets.unreached = { [unowned self] in delegate?.dataPlaneDidNotReach($0, $1) }
    sockets.strayed = { [unowned self] in delegate?.dataPlaneReceivedStray($0) }
  }

  /// Performs the effects on sockets; those on tunnels and sessions are done at once.
  public func perform(_ effect: PlaneEffect, completion: @escaping (PlaneCompletion) -> Void) {
    switch effect {
    case .openSocket(let effect, let id, let request):
      completion(.socketOpened(effect, sockets.open(id, request)))
    case .connectSocket(let effect, let id, let peer, let peerID):
      completion(.socketConnected(effect, sockets.connect(id, to: peer, peerID: peerID)))
    case .change(let effect, let change):
      completion(.changed(effect, perform(change)))
    }
  }

  private func perform(_ change: PlaneChange) -> EffectResult<Nothing> {
    switch change {
    case .listen(let id, let request): return sockets.listen(id, request)
    case .closeSocket(let id), .deleteTunnel(_, let id):
      sockets.remove(id)?.descriptor.close()
      return .done
    case .createTunnel, .createSession, .deleteSession, .releaseInterfaces: return .done
    }
  }

  /// Sends a control message.
  public func send(_ transmission: Transmission) { sockets.send(transmission) }

  /// Binds its sockets again.
  public func bindAgain(toDevice name: String) { sockets.bindAgain(toDevice: name) }

  /// The control messages sent so far, counted.
  public var sentMessages: ControlMessageCounter { sockets.sentMessages }

  /// Reports empty counters at once, because nothing is carried.
  public func readCounters(completion: @escaping (DataPlaneCounters) -> Void) { completion(DataPlaneCounters()) }

  /// Closes the sockets of all control connections and listeners.
  public func stop() {
    for socket in sockets.removeAll() { socket.descriptor.close() }
  }
}
