import PWCore
import PWLinux
import Testing

/// Effects on a data plane, each waited for. An answer to something else fails the test.
extension EventLoop {
  func perform(_ change: PlaneChange, on plane: any DataPlane) throws -> EffectResult<Nothing> {
    let identifier = EffectID<Nothing>(rawValue: .random(in: 0 ... .max))
    let answer = try completion(of: .change(identifier, change), on: plane)
    guard case .changed(identifier, let result) = answer else { throw OddAnswer(answer: answer) }
    return result
  }

  func open(_ socket: SocketID, _ request: SocketRequest, on plane: any DataPlane) throws -> EffectResult<Endpoint> {
    let identifier = EffectID<Endpoint>(rawValue: .random(in: 0 ... .max))
    let answer = try completion(of: .openSocket(identifier, socket, request), on: plane)
    guard case .socketOpened(identifier, let result) = answer else { throw OddAnswer(answer: answer) }
    return result
  }

  func connect(
    _ socket: SocketID, to remote: Endpoint, peerID: ControlConnectionID = .unknown, on plane: any DataPlane
  ) throws -> EffectResult<SocketPath> {
    let identifier = EffectID<SocketPath>(rawValue: .random(in: 0 ... .max))
    let answer = try completion(of: .connectSocket(identifier, socket, to: remote, peerID: peerID), on: plane)
    guard case .socketConnected(identifier, let result) = answer else { throw OddAnswer(answer: answer) }
    return result
  }

  private func completion(of effect: PlaneEffect, on plane: any DataPlane) throws -> PlaneCompletion {
    try self.await { plane.perform(effect, completion: $0) }
  }
}

/// A data plane answered something else than it was asked for.
struct OddAnswer: Error {
  var answer: PlaneCompletion
}
