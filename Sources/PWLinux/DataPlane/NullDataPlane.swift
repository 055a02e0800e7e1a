public import PWCore

/// A data plane that carries nothing: sockets are real, so control messages pass; tunnels and sessions are accepted and forgotten.
/// For benchmarks of the other end, for tests, and for a look at a site without touching the machine's links.
public final class NullDataPlane: DataPlane {
  /// It is the null one.
  public let kind = DataPlaneKind.null
  /// What it tells the driver.
  public weak var delegate: (any DataPlaneDelegate)?

  private let sockets: ControlSockets

  /// A data plane on a loop.
  public init(loop: EventLoop) {
    sockets = ControlSockets(loop: loop)
    sockets.received = { [unowned self] in delegate?.dataPlaneReceived($0) }
    sockets.noticed = { [unowned self] in delegate?.dataPlaneNoticed($0) }
    sockets.unreached = { [unowned self] in delegate?.dataPlaneDidNotReach($0, $1) }
  }

  /// Performs the effects on sockets; those on tunnels and sessions are done at once.
  public func perform(_ effect: Effect, completion: @escaping (EffectResult) -> Void) {
    switch effect {
    case .listen(let id, let request):
      completion(sockets.listen(id, request))
    case .openSocket(let id, let request):
      completion(sockets.open(id, request))
    case .connectSocket(let id, let peer, let peerID):
      completion(sockets.connect(id, to: peer, peerID: peerID))
    case .closeSocket(let id), .deleteTunnel(_, let id):
      sockets.remove(id)?.descriptor.close()
      completion(.done)
    case .createTunnel, .createSession, .deleteSession:
      completion(.done)
    case .resolve, .setLinks, .setBridges:
      preconditionFailure("not an effect of a data plane")
    }
  }

  /// Sends a control message.
  public func send(_ transmission: Transmission) { sockets.send(transmission) }

  /// Binds its sockets again.
  public func bindAgain(toDevice name: String) { sockets.bindAgain(toDevice: name) }

  /// What has been sent.
  public var sentMessages: ControlMessageCounter { sockets.sentMessages }

  /// There are none.
  public func readCounters(completion: @escaping (DataPlaneCounters) -> Void) { completion(DataPlaneCounters()) }

  /// Closes every socket.
  public func stop() {
    for socket in sockets.removeAll() { socket.descriptor.close() }
  }
}
