/// Something that keeps the frames of a pseudowire from passing.
public struct ForwardingObstacle: Equatable, Sendable {
  /// Which kind of obstacle it is, for programs.
  public var code: Code
  /// The same for people: what is wrong, and the cure.
  public var words: String

  /// An obstacle.
  public init(_ code: Code, _ words: String) {
    self.code = code
    self.words = words
  }

  /// The kinds. Programs rely on these names: a kind may be added, and none is renamed.
  public enum Code: String, CaseIterable, Codable, Sendable {
    /// The site file, or an operator, has put the tunnel or the pseudowire down.
    case disabled
    /// The control connection is not established.
    case noControlConnection = "no-control-connection"
    /// The packets would not be protected, so that there is no control connection.
    case unprotected
    /// The pseudowire is for clients, and none asks for a session.
    case noClient = "no-client"
    /// The peer has to call, and has not.
    case peerHasNotCalled = "peer-has-not-called"
    /// The peer has asked for a call, which waits for our attachment circuit.
    case awaitsCircuit = "awaits-circuit"
    /// The last attempt at a session has failed; another one follows.
    case sessionFailed = "session-failed"
    /// The session is being set up.
    case noSession = "no-session"
    /// The device that the tunnel's socket is bound to does not pass packets.
    case device
    /// The peer does not answer.
    case peerSilent = "peer-silent"
    /// The system reports that the peer cannot be reached.
    case peerUnreachable = "peer-unreachable"
    /// All data packets that arrive are discarded.
    case discarded
    /// Data packets arrive from an address or a port that is not the peer's.
    case stray
    /// The path loses large frames.
    case largeFramesLost = "large-frames-lost"
    /// The peer reports its attachment circuit down or in standby.
    case peerCircuit = "peer-circuit"
    /// Our attachment circuit is down.
    case circuit
    /// The spanning tree of the bridge keeps a port from forwarding: it has cut a loop, or has not decided yet.
    case spanningTree = "spanning-tree"
    /// A port of the bridge is in a state in which it passes no frames, and not by a spanning tree.
    case portBlocked = "port-blocked"
    /// A link of the pseudowire is not as declared.
    case links
    /// The links of the pseudowire are being set up.
    case linksPending = "links-pending"
  }
}

extension ForwardingObstacle: CodedWords {
  /// Whatever the keeper of links has not told apart.
  public static var usualCode: Code { .links }
}
