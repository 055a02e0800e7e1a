/// The control connection of one declared tunnel, and the tunnel's pseudowires.
public struct TunnelStatus: Equatable, Sendable {
  /// The name in the site.
  public var name: String
  /// The state of the control connection.
  public var state: Since<State>
  /// A line of the operator's; nil where there is none.
  public var descriptionText: String?
  /// Why it is not carried out; nil where it is.
  public var disabled: Disablement?
  /// How it and its sessions come about.
  public var signalling = Signalling.full
  /// Whether there is a control connection.
  public var isSignalled: Bool { signalling != .none }
  /// The peer as declared: address, name or `any`.
  public var peer: String
  /// Where the peer is, once known.
  public var remote: Endpoint?
  /// Our end, once known.
  public var local: Endpoint?
  /// UDP or IP.
  public var encapsulation: Encapsulation
  /// The Control Connection ID that we assigned; nil without a connection.
  public var localID: ControlConnectionID?
  /// The Control Connection ID that the peer assigned; nil until it has told us.
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
  /// The code point that our packets are marked with; nil for none.
  public var dscp: DSCP?
  /// Whether the peer has said that it marks its own so (RFC 3308).
  public var peerUsesDSCP = false
  /// Whether data packets are marked as the packets inside of them are.
  public var copiesDSCP = false
  /// The TTL or Hop Limit of our packets; nil leaves it to the kernel.
  public var hopLimit: UInt8?
  /// The protection of its packets below L2TP; nil where the site does not ask for it.
  public var protection: ProtectionStatus?
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
  /// How often a connection that served the tunnel has ended in this run, by the kind of reason.
  public var losses: [ConnectionEnd: Int] = [:]
  /// How often the connection has been established in this run.
  public var establishedCount: Int
  /// The last error, with its cause, and when.
  public var lastError: Since<String>?
  /// SCCRQs of the attempt under way that have had no answer.
  public var unansweredRequests: Int?
  /// When the next attempt is due, or the next SCCRQ of the one under way, while waiting for it.
  public var nextAttempt: Instant?
  /// When the peer was last heard on the connection that is there: a message, or data.
  public var lastHeard: Instant?
  /// The traffic that its sessions have carried together, once the driver has said it.
  public var counters: TrafficCounters?
  /// The declarations that stand for many pseudowires, once these have been counted.
  public var templates: [TemplateStatus] = []
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
  public enum State: String, Codable, Sendable {
    /// Waiting for the next attempt, or for the peer's.
    case idle
    /// A name is being resolved, a socket opened.
    case preparing
    /// Our SCCRQ is out, and the peer has not answered it.
    case waitReply = "wait-ctl-reply"
    /// Our SCCRP is out, and SCCCN has not come.
    case waitConnected = "wait-ctl-conn"
    /// The set-up is complete, and sessions can be signalled.
    case established
    /// StopCCN is out and not acknowledged yet.
    case closing
  }
}

extension TunnelStatus: Codable {
  /// Every kind of reason has its count, so that a reader sees which kinds there are.
  private static let losses: StatusField<TunnelStatus> = {
    let key = StatusKey("losses")
    return StatusField(
      encode: { status, container in
        let counts = ConnectionEnd.allCases.map { ($0, status.losses[$0] ?? 0) }
        try container.encode(Dictionary(uniqueKeysWithValues: counts), forKey: key)
      },
      decode: { status, container in
        status.losses = try container.decode([ConnectionEnd: Int].self, forKey: key).filter { $0.value > 0 }
      })
  }()

  private static let fields = StatusFields<TunnelStatus>(
    .value("name", \.name), .value("state", \.state.value), .value("since", \.state.since),
    .optional("description", \.descriptionText), .optional("disabled", \.disabled),
    .value("signalling", \.signalling), .value("peer", \.peer),
    .optionalText("remote", \.remote, .endpoint), .optionalText("local", \.local, .endpoint),
    .text("encapsulation", \.encapsulation, .encapsulation),
    .optional("localConnectionID", \.localID), .optional("peerConnectionID", \.peerID),
    .optional("peerAddressNumber", \.peerAddressNumber), .optional("peerAddressCount", \.peerAddressCount),
    .optional("peerHostName", \.peerHostName), .optionalText("peerRouterID", \.peerRouterID, .routerID),
    .optional("pathMTU", \.pathMTUOctets), .optional("pathMTUProbed", \.pathMTUProbed),
    .optional("dscp", \.dscp), .value("peerUsesDscp", \.peerUsesDSCP),
    .value("dscpInherited", \.copiesDSCP), .optional("ttl", \.hopLimit),
    .optional("protection", \.protection),
    .optionalText("digest", \.digest, .digest), .optional("challengeAnswered", \.isChallengeAnswered),
    .optional("secret", \.secret),
    .value("hiding", \.hiding), .value("peerHides", \.peerHides),
    .value("compatibility", \.compatibility), .value("compatibilityLearned", \.isCompatibilityLearned),
    .value("establishedCount", \.establishedCount), losses, .optional("lastError", \.lastError),
    .optional("unansweredRequests", \.unansweredRequests), .optional("nextAttempt", \.nextAttempt),
    .optional("lastHeard", \.lastHeard),
    .optional("counters", \.counters), .value("templates", \.templates), .value("pseudowires", \.pseudowires))

  /// Reads what was written.
  public init(from decoder: any Decoder) throws {
    let idle = Since(State.idle, since: Instant(nanoseconds: 0))
    self = try Self.fields.read(TunnelStatus(name: "", state: idle, peer: "", encapsulation: .udp), from: decoder)
  }

  /// Writes every property under its key in the document.
  public func encode(to encoder: any Encoder) throws { try Self.fields.write(self, to: encoder) }

  /// Null as long as there is no MTU that could have been probed.
  private var pathMTUProbed: Bool? {
    get { pathMTUOctets.map { _ in isPathMTUProbed } }
    set { isPathMTUProbed = newValue ?? false }
  }
}
