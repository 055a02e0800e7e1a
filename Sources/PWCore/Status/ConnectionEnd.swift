/// The kind of reason for which a control connection ends. Programs rely on these names: a kind may be added, and none
/// is renamed.
public enum ConnectionEnd: String, CaseIterable, Codable, CodingKeyRepresentable, Sendable {
  /// This end stopped it: it stops, or the site was changed.
  case stoppedHere = "stopped-here"
  /// Something failed on this machine.
  case localFault = "local-fault"
  /// The peer sent what cannot be accepted.
  case protocolFault = "protocol-fault"
  /// The peer may not have this tunnel: its Host Name, its Router ID or its secret is another one.
  case notAuthorised = "not-authorised"
  /// The set-up took too long.
  case setupTimedOut = "set-up-timed-out"
  /// The peer stopped it because it shuts down (StopCCN with result 6).
  case peerShutDown = "peer-shut-down"
  /// The peer stopped it for another reason.
  case peerStopped = "peer-stopped"
  /// The peer does not answer any more.
  case peerSilent = "peer-silent"
  /// The system reports that the peer cannot be reached.
  case peerUnreachable = "peer-unreachable"
  /// The peer has lost its state of the connection.
  case peerLostState = "peer-lost-state"
  /// The peer has started again, or another peer has taken the tunnel.
  case replaced
  /// Both ends began a connection at once, and this one gave way.
  case crossed
  /// Its packets were not protected any more, as the site demands (`protection: required`).
  case unprotected
}

extension ConnectionEnd {
  /// Whether the peer ended it or has begun anew. Of any other end it knows as soon as it acknowledges our StopCCN.
  var isKnownToPeer: Bool { [.peerShutDown, .peerStopped, .peerLostState, .replaced].contains(self) }

  /// The kind, where this end stops a connection with a result.
  init(stoppingWith result: StopResult) {
    self =
      switch result.code {
      case .shuttingDown, .generalRequest: .stoppedHere
      case .generalError where result.error == .insufficientResources: .localFault
      case .alreadyExists: .crossed
      case .notAuthorised: .notAuthorised
      default: .protocolFault
      }
  }
}
