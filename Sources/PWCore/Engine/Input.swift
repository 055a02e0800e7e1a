/// A control datagram as it arrived.
public struct Datagram: Equatable, Sendable {
  /// From the flags word on (over IP the four zero octets are already gone).
  public var octets: [UInt8]
  /// The address and port that it was sent from.
  public var source: Endpoint
  /// The address and port that it was sent to.
  public var local: Endpoint
  /// The encapsulation that it came in: UDP or IP.
  public var encapsulation: Encapsulation
  /// The socket that it arrived on: a hint only, the kernel may deliver a stranger's SCCRQ anywhere.
  public var socket: SocketID

  /// A datagram that arrived on a socket.
  public init(octets: [UInt8], source: Endpoint, local: Endpoint, encapsulation: Encapsulation, socket: SocketID) {
    self.octets = octets
    self.source = source
    self.local = local
    self.encapsulation = encapsulation
    self.socket = socket
  }
}

/// Everything that can happen to the engine.
public enum Input: Equatable, Codable, Sendable {
  /// A control message arrived.
  case datagram(Datagram)
  /// `nextDeadline` has come.
  case deadline
  /// The declared state changed (SIGHUP): the engine works out the difference. With it come the shared secrets of its
  /// tunnels, by their names.
  case site(Site, secrets: [String: TunnelSecrets])
  /// The result of an effect.
  case completed(Completion)
  /// The answer of a plugin to the question of this identifier.
  case answered(ConsultationID, PluginAnswer)
  /// The state of a link that is a member of some attachment circuit; also sent when it appears or goes.
  case link(LinkState)
  /// The attachment circuit of a pseudowire wants a session, or none any more.
  case circuit(LinkOwner, CircuitDemand)
  /// The result of a pseudowire's link requests.
  case links(LinkReport)
  /// Why a bridge is not as declared; empty when it is.
  case bridge(name: String, problems: [String])
  /// Data packets arrived in a tunnel since the last such input: no HELLO is due (RFC 3931 section 4.4).
  case dataReceived(ControlConnectionID)
  /// A sample of a session's numbered data packets (RFC 4719 section 5); told where some were lost, or had been in the sample before.
  case dataLoss(ControlConnectionID, SessionID, PacketLoss)
  /// Data packets of a session arrived of which none was passed on since the last reading; or some are passed on again
  /// after that was told.
  case dataDiscarded(ControlConnectionID, SessionID, DiscardedPackets)
  /// A data packet of a session came from or to another port than its control connection's.
  case dataStrayed(StrayPacket)
  /// The MTU of the path to a peer as the routes give it; that of the interface which it begins with, and that
  /// interface and the router there, if they are known.
  case pathMTU(ControlConnectionID, octets: Int, firstLinkOctets: Int? = nil, firstHop: FirstHop? = nil)
  /// A message that was sent through a socket did not get to the peer.
  case unreachable(SocketID, Unreachable)
  /// An interface that tunnels are bound to passes nothing: what is said of it in a sentence ("is gone"); nil when it
  /// passes packets again, or nobody is bound to it any more.
  case boundDevice(name: String, problem: String?)
  /// Something has changed that the protection of packets depends on: each answer about it may be another one now.
  case protectionChanged
  /// The data plane lost a tunnel or a session without being asked.
  case dataPathLost(ControlConnectionID, SessionID?, reason: String)
  /// An earlier run of the same site, on this machine and since it was started, ended without a word to its peers.
  case crashedBefore
  /// Send CDN and StopCCN, take everything down; `Output.stopped` follows.
  case shutdown
}

/// Names a question to a plugin, so that its answer finds its way back; never used twice in a run.
public struct ConsultationID: RawRepresentable, Hashable, Codable, Sendable {
  /// A number that only the engine makes.
  public var rawValue: UInt64
  /// The identifier of this number.
  public init(rawValue: UInt64) { self.rawValue = rawValue }
}
