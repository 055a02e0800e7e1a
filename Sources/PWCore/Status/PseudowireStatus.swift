/// One declared pseudowire, and the session that it has.
public struct PseudowireStatus: Equatable, Sendable {
  /// The name in the tunnel.
  public var name: String
  /// The number of its type, as in the Pseudowire Type AVP (RFC 3931 section 5.4.4).
  public var type: PseudowireType
  /// The type as the site file says it; empty until the driver has said whose plugin it is.
  public var typeName: String
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
  /// The name of the network interface that its session has.
  public var interfaceName: String
  /// The attachment circuit on our side, in words: ``AttachmentCircuit/words``.
  public var attachment: String
  /// The state of the session.
  public var state: Since<State>
  /// A line of the operator's; nil where there is none.
  public var descriptionText: String?
  /// Why it is not carried out, its tunnel's reason before its own; nil where it is.
  public var disabled: Disablement?
  /// Whether frames pass, since when, and if not why not: one line each.
  public var forwarding: Since<Forwarding>
  /// Whether anything shows that the far end has the session: always if messages set it up; else data must have come,
  /// and without a control connection be watched for.
  public var isVerified = true
  /// The Session ID that we assigned; nil without a session.
  public var localID: SessionID?
  /// The Session ID that the peer assigned; nil until it has told us.
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
  /// The rate at which the peer says that its circuit transmits, in bit/s.
  public var peerTransmitSpeed: UInt64?
  /// The rate at which the peer says that its circuit receives, in bit/s.
  public var peerReceiveSpeed: UInt64?
  /// The errors of its circuit that the peer has counted in this session (WEN).
  public var peerErrors: CircuitErrors?
  /// Warnings for the operator though frames pass.
  public var warnings: [PseudowireWarning]
  /// How often the session has been established in this run.
  public var establishedCount: Int
  /// The last error, with its cause, and when.
  public var lastError: Since<String>?
  /// The traffic that it has carried, once the driver has said it.
  public var counters: TrafficCounters?
  /// The PPPoE client whose PPP it carries, once the driver has said it.
  public var client: ClientStatus?

  /// Whether the session is established and nothing is known that keeps frames from passing.
  public var isForwarding: Bool { forwarding.value == .yes }

  /// A pseudowire's status before anything has happened.
  public init(declaration: PseudowireDeclaration, at now: Instant) {
    name = declaration.name
    type = declaration.type
    typeName = ""
    remoteEndID = declaration.remoteEndID
    localEndID = declaration.localEndID
    attachmentGroup = declaration.attachmentGroup
    template = declaration.template
    calling = declaration.calling
    interfaceName = declaration.interfaceName
    attachment = AttachmentCircuit.none.words
    state = Since(.idle, since: now)
    forwarding = Since(.no(because: [ForwardingObstacle(.noSession, "the session is not established")]), since: now)
    receiveCookieLengthOctets = declaration.cookieLengthOctets
    transmitCookieLengthOctets = 0
    sublayer = declaration.sublayer
    isSequenced = declaration.isSequenced
    localCircuit = []
    warnings = []
    establishedCount = 0
  }

  /// Where a session is (RFC 3931 sections 7.3 and 7.4).
  public enum State: String, Codable, Sendable {
    /// Nothing is under way.
    case idle
    /// Waiting for the control connection.
    case waitControlConnection = "wait-control-conn"
    /// Our ICRQ is out, or ICRP has come and the data path is being made.
    case waitReply = "wait-reply"
    /// The peer has called: the data path is being made, or ICRP is out and ICCN has not come.
    case waitConnect = "wait-connect"
    /// OCRP is out; our circuit is not up, or the peer has not acknowledged OCCN.
    case waitAnswer = "wait-cs-answer"
    /// The set-up is complete; ``Forwarding`` says whether frames pass.
    case established
  }

  /// Whether frames pass, and the reasons where they do not.
  public enum Forwarding: Equatable, Sendable {
    /// The session is established, and nothing is known that keeps frames from passing.
    case yes
    /// They do not, and why, the nearest cause first.
    case no(because: [ForwardingObstacle])
  }
}

extension PseudowireStatus: Codable {
  /// Two lists with an entry for each obstacle: the words for people, and the codes for programs.
  private static let obstacles: StatusField<PseudowireStatus> = {
    let (words, codes) = (StatusKey("notForwardingBecause"), StatusKey("notForwardingCodes"))
    return StatusField(
      encode: { status, container in
        try container.encode(status.forwarding.value.reasons, forKey: words)
        try container.encode(status.forwarding.value.obstacles.map(\.code), forKey: codes)
      },
      decode: { status, container in
        let texts = try container.decode([String].self, forKey: words)
        // A daemon of a later version may know more codes: the words say what it is.
        let kinds = try container.decode([String].self, forKey: codes).map(ForwardingObstacle.Code.init(rawValue:))
        guard status.forwarding.value != .yes else { return }
        status.forwarding.value = .no(
          because: zip(kinds, texts).map { ForwardingObstacle($0 ?? ForwardingObstacle.usualCode, $1) })
      })
  }()

  /// Likewise for each warning.
  private static let warnings: StatusField<PseudowireStatus> = {
    let (words, codes) = (StatusKey("warnings"), StatusKey("warningCodes"))
    return StatusField(
      encode: { status, container in
        try container.encode(status.warnings.map(\.words), forKey: words)
        try container.encode(status.warnings.map(\.code), forKey: codes)
      },
      decode: { status, container in
        let texts = try container.decode([String].self, forKey: words)
        // A daemon of an older release has none.
        let kinds = try container.decodeIfPresent([String].self, forKey: codes) ?? []
        status.warnings = texts.enumerated().map { index, text in
          let code = kinds.indices.contains(index) ? PseudowireWarning.Code(rawValue: kinds[index]) : nil
          return PseudowireWarning(code ?? .other, text)
        }
      })
  }()

  private static let fields = StatusFields<PseudowireStatus>(
    .value("name", \.name), .value("type", \.typeName), .value("typeNumber", \.type),
    .text("endID", \.remoteEndID, .endID), .optionalText("localEndID", \.localEndID, .endID),
    .optionalText("attachmentGroup", \.attachmentGroup, .endID), .value("interface", \.interfaceName),
    .value("attachment", \.attachment), .value("state", \.state.value), .value("since", \.state.since),
    .optional("description", \.descriptionText), .optional("disabled", \.disabled),
    .value("forwarding", \.forwarding.value.isYes), .value("forwardingSince", \.forwarding.since), obstacles,
    .value("verified", \.isVerified), .optional("localSessionID", \.localID),
    .optional("peerSessionID", \.peerID), .value("receiveCookieLength", \.receiveCookieLengthOctets),
    .value("transmitCookieLength", \.transmitCookieLengthOctets), .text("sublayer", \.sublayer, .sublayer),
    .value("sequencing", \.isSequenced), .optional("mtu", \.mtuOctets),
    .optional("interfaceMTU", \.interfaceMTUOctets), .optional("peerInterfaceMTU", \.peerInterfaceMTUOctets),
    .value("addresses", \.addresses), .value("localCircuit", \.localCircuit), .optional("peerCircuit", \.peerCircuit),
    .optional("peerTransmitSpeed", \.peerTransmitSpeed), .optional("peerReceiveSpeed", \.peerReceiveSpeed),
    .optional("peerCircuitErrors", \.peerErrors), warnings,
    .value("establishedCount", \.establishedCount), .optional("lastError", \.lastError),
    .optional("counters", \.counters), .optional("client", \.client))

  /// Reads what was written; of which template it is one, and when it is called for, was not.
  public init(from decoder: any Decoder) throws {
    let blank = PseudowireDeclaration(
      name: "", type: .ethernet, remoteEndID: RemoteEndID(octets: []), interfaceName: "")
    let status = PseudowireStatus(declaration: blank, at: Instant(nanoseconds: 0))
    self = try Self.fields.read(status, from: decoder)
  }

  /// Writes every property under its key in the document.
  public func encode(to encoder: any Encoder) throws { try Self.fields.write(self, to: encoder) }
}

extension PseudowireStatus.Forwarding {
  fileprivate var isYes: Bool {
    get { self == .yes }
    set { self = newValue ? .yes : .no(because: obstacles) }
  }

  /// Why not, the nearest cause first: empty where frames pass.
  public var obstacles: [ForwardingObstacle] {
    switch self {
    case .yes: []
    case .no(let obstacles): obstacles
    }
  }

  /// Whether nothing but a spanning tree keeps frames from passing: it has cut a loop, as it was told to, or is about
  /// to find out whether there is one. Frames take the other way.
  public var isCutBySpanningTree: Bool { !obstacles.isEmpty && obstacles.allSatisfy { $0.code == .spanningTree } }

  /// The same in words.
  public var reasons: [String] { obstacles.map(\.words) }
}

extension CircuitStatus: Codable {
  private enum CodingKeys: CodingKey {
    case active, bits
  }

  /// Reads all 16 bits.
  public init(from decoder: any Decoder) throws {
    self.init(rawValue: try decoder.container(keyedBy: CodingKeys.self).decode(UInt16.self, forKey: .bits))
  }

  /// Writes whether the circuit is up, and all 16 bits.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(contains(.active), forKey: .active)
    try container.encode(rawValue, forKey: .bits)
  }
}
