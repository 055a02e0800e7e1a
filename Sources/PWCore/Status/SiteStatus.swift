/// What the engine knows of a site at a moment; the daemon adds the data plane's counters and prints it.
public struct SiteStatus: Equatable, Sendable {
  /// Every declared tunnel, in the order of the file.
  public var tunnels: [TunnelStatus]
  /// What is wrong with bridges, by name.
  public var bridges: [BridgeStatus]
  /// Listeners that are not open, and why: one line each.
  public var listenerProblems: [String]
  /// Messages that led to nothing, since the start.
  public var dropped: DroppedMessages
  /// Connections that have answered an SCCRQ and wait for SCCCN.
  public var halfOpenConnections: Int

  /// A site's status.
  public init(
    tunnels: [TunnelStatus], bridges: [BridgeStatus], listenerProblems: [String],
    dropped: DroppedMessages = DroppedMessages(), halfOpenConnections: Int = 0
  ) {
    self.tunnels = tunnels
    self.bridges = bridges
    self.listenerProblems = listenerProblems
    self.dropped = dropped
    self.halfOpenConnections = halfOpenConnections
  }
}

/// A bridge and what is wrong with it.
public struct BridgeStatus: Equatable, Sendable {
  /// The interface name.
  public var name: String
  /// One line each, with the cure; empty when it is as declared.
  public var problems: [String]

  /// A bridge's status.
  public init(name: String, problems: [String]) {
    self.name = name
    self.problems = problems
  }
}

/// A state, and since when.
public struct Since<Value: Equatable & Sendable>: Equatable, Sendable {
  /// The state.
  public var value: Value
  /// Since when.
  public var since: Instant

  /// A state since a moment.
  public init(_ value: Value, since: Instant) {
    self.value = value
    self.since = since
  }
}

/// One control connection.
public struct TunnelStatus: Equatable, Sendable {
  /// The name in the site.
  public var name: String
  /// The state of the control connection.
  public var state: Since<State>
  /// The peer as declared: address, name or `any`.
  public var peer: String
  /// Where the peer is, once known.
  public var remote: Endpoint?
  /// Our end, once known.
  public var local: Endpoint?
  /// UDP or IP.
  public var encapsulation: Encapsulation
  /// Our identifier.
  public var localID: ControlConnectionID?
  /// The peer's.
  public var peerID: ControlConnectionID?
  /// Which of the peer's addresses `remote` is, counted from 1; nil where it has one alone.
  public var peerAddressNumber: Int?
  /// How many there are.
  public var peerAddressCount: Int?
  /// The Host Name that the peer presented.
  public var peerHostName: String?
  /// The Router ID that the peer presented.
  public var peerRouterID: UInt32?
  /// The path's MTU in octets, outer IP header included.
  public var pathMTUOctets: Int?
  /// Whether that was probed; else it is what the routes say.
  public var isPathMTUProbed = false
  /// What our packets are marked with; nil for nothing.
  public var dscp: DSCP?
  /// Whether the peer has said that it marks its own so (RFC 3308).
  public var peerUsesDSCP = false
  /// The digest that messages carry on the connection; nil for none.
  public var digest: Authentication.Digest?
  /// Whether the peer has answered the challenge that we gave it; nil where none is declared (RFC 2661).
  public var isChallengeAnswered: Bool?
  /// The secret that the peer has used last, by its file's name; nil without a secret, and until the peer has used one.
  public var secret: String?
  /// Which AVPs we hide on the connection.
  public var hiding = Authentication.Hiding.none
  /// Whether the peer has hidden any on it.
  public var peerHides = false
  /// Which AVPs are spoken; `automatic` as long as the peer has not shown which.
  public var compatibility = Compatibility.rfc
  /// Whether the peer has shown it, and not the declaration said so.
  public var isCompatibilityLearned = false
  /// How often the connection has been established in this run.
  public var establishedCount: Int
  /// The last error, with its cause, and when.
  public var lastError: Since<String>?
  /// SCCRQs of the attempt under way that have had no answer.
  public var unansweredRequests: Int?
  /// When the next attempt is due, or the next SCCRQ of the one under way, while waiting for it.
  public var nextAttempt: Instant?
  /// Every declared pseudowire, in the order of the file.
  public var pseudowires: [PseudowireStatus]

  /// A tunnel's status before anything has happened.
  public init(name: String, state: Since<State>, peer: String, encapsulation: Encapsulation) {
    self.name = name
    self.state = state
    self.peer = peer
    self.encapsulation = encapsulation
    establishedCount = 0
    pseudowires = []
  }

  /// Where a control connection is.
  public enum State: String, Sendable {
    /// Waiting for the next attempt, or for the peer's.
    case idle
    /// A name is being resolved, a socket opened.
    case preparing
    /// SCCRQ is out.
    case waitReply = "wait-ctl-reply"
    /// SCCRP is out.
    case waitConnected = "wait-ctl-conn"
    /// Established.
    case established
    /// StopCCN is out and not acknowledged yet.
    case closing
  }
}

/// One pseudowire.
public struct PseudowireStatus: Equatable, Sendable {
  /// The name in the tunnel.
  public var name: String
  /// Its type.
  public var type: PseudowireType
  /// Its Remote End ID.
  public var remoteEndID: RemoteEndID
  /// The Local End ID that we are called by, if it is another one (RFC 4667).
  public var localEndID: RemoteEndID?
  /// The Attachment Group Identifier, if it is not the default one (RFC 4667).
  public var attachmentGroup: RemoteEndID?
  /// The name of the declaration that it is one of, where that stands for many.
  public var template: String?
  /// When we call for a session.
  public var calling: PseudowireDeclaration.Calling
  /// Its interface.
  public var interfaceName: String
  /// What stands behind it on our side.
  public var attachmentCircuit: AttachmentCircuit
  /// The state of the session.
  public var state: Since<State>
  /// Whether frames pass, since when, and if not why not: one line each.
  public var forwarding: Since<Forwarding>
  /// Our identifier.
  public var localID: SessionID?
  /// The peer's.
  public var peerID: SessionID?
  /// Octets of the cookie that we assigned, and that the peer did.
  public var receiveCookieLengthOctets: Int
  /// Octets of the cookie that the peer assigned.
  public var transmitCookieLengthOctets: Int
  /// The sublayer in use.
  public var sublayer: PseudowireDeclaration.Sublayer
  /// Whether data packets are sequenced.
  public var isSequenced: Bool
  /// The MTU of its interface in octets.
  public var mtuOctets: Int?
  /// The Interface MTU that we tell the peer, in octets (RFC 4667).
  public var interfaceMTUOctets: UInt16?
  /// The Interface MTU that the peer has told us.
  public var peerInterfaceMTUOctets: UInt16?
  /// The addresses that were agreed on with the peer, as people read them.
  public var addresses: [String] = []
  /// Our circuit status as last sent or to be sent.
  public var localCircuit: CircuitStatus
  /// The peer's, once it said so.
  public var peerCircuit: CircuitStatus?
  /// What the peer says that its circuit transmits, in bit/s.
  public var peerTransmitSpeed: UInt64?
  /// What the peer says that its circuit receives, in bit/s.
  public var peerReceiveSpeed: UInt64?
  /// The errors of its circuit that the peer has counted in this session (WEN).
  public var peerErrors: CircuitErrors?
  /// What the operator should know though frames pass.
  public var warnings: [String]
  /// How often the session has been established in this run.
  public var establishedCount: Int
  /// The last error, with its cause, and when.
  public var lastError: Since<String>?

  /// A pseudowire's status before anything has happened.
  public init(declaration: PseudowireDeclaration, at now: Instant) {
    name = declaration.name
    type = declaration.type
    remoteEndID = declaration.remoteEndID
    localEndID = declaration.localEndID
    attachmentGroup = declaration.attachmentGroup
    template = declaration.template
    calling = declaration.calling
    interfaceName = declaration.interfaceName
    attachmentCircuit = .none
    state = Since(.idle, since: now)
    forwarding = Since(.no(because: ["the session is not established"]), since: now)
    receiveCookieLengthOctets = declaration.cookieLengthOctets
    transmitCookieLengthOctets = 0
    sublayer = declaration.sublayer
    isSequenced = declaration.isSequenced
    localCircuit = []
    warnings = []
    establishedCount = 0
  }

  /// Where a session is (RFC 3931 sections 7.3 and 7.4).
  public enum State: String, Sendable {
    /// Nothing is under way.
    case idle
    /// Waiting for the control connection.
    case waitControlConnection = "wait-control-conn"
    /// ICRQ is out.
    case waitReply = "wait-reply"
    /// ICRP is out.
    case waitConnect = "wait-connect"
    /// OCRP is out; our circuit is not up, or the peer has not acknowledged OCCN.
    case waitAnswer = "wait-cs-answer"
    /// Established.
    case established
  }

  /// Whether frames pass.
  public enum Forwarding: Equatable, Sendable {
    /// They do.
    case yes
    /// They do not, and why: what is wrong and the cure.
    case no(because: [String])
  }
}
