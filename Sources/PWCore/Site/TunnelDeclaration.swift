/// One peer of a site: how its control connection is made and which pseudowires run over it.
public struct TunnelDeclaration: Equatable, Codable, Sendable {
  /// The name in the file, unique in the site.
  public var name: String
  /// Which of the two sides opens the control connection: one of them, or either.
  public var role: Role
  /// The peer's address or addresses, names to resolve, or any of some or all addresses (told by host name, router id
  /// and a secret).
  public var peer: Peer
  /// Our address; nil lets the route decide.
  public var local: IPAddress?
  /// The interface that the sockets are bound to (SO_BINDTODEVICE).
  public var bindDevice: String?
  /// UDP or IP protocol 115.
  public var encapsulation: Encapsulation
  /// Which family a name is resolved to; nil takes either.
  public var family: AddressFamily?
  /// The same, `local` counted: no other one can be reached from it.
  var wantedFamily: AddressFamily? { family ?? local?.family }
  /// The initiator's UDP source port; nil is an ephemeral one.
  public var localPort: UInt16?
  /// The peer's UDP port for an SCCRQ.
  public var peerPort: UInt16
  /// The UDP port that we listen on for the peer's SCCRQ; nil is L2TP's.
  public var listenPort: UInt16?
  /// The UDP port that we answer from as responder, if not the one that was asked: nil is the listening port.
  public var answerPort: UInt16?
  /// The Host Name that the peer must present; nil accepts any.
  public var peerHostName: String?
  /// The Router ID that the peer must present; nil accepts any.
  public var peerRouterID: UInt32?
  /// The code point that control and data packets are marked with, and that the peer is asked to mark its own with (RFC
  /// 3308); nil is neither.
  public var dscp: DSCP?
  /// The TTL or Hop Limit of control and data packets; nil leaves it to the kernel.
  public var hopLimit: UInt8?
  /// Control message authentication; nil is none.
  public var authentication: Authentication?
  /// Which AVPs are spoken with the peer.
  public var compatibility: Compatibility
  /// Silence before a HELLO (RFC 3931 section 4.4); zero switches HELLO off.
  public var helloInterval: Duration
  // Nil is as it was before there was such a key, so that older recordings are still read.
  private var isPathProbed: Bool?
  /// Whether the path's MTU is probed by repeated HELLOs of chosen lengths.
  public var probesPath: Bool {
    get { isPathProbed ?? false }
    set { isPathProbed = newValue ? true : nil }
  }
  private var isDSCPCopied: Bool?
  /// Whether data packets are marked as the packets inside of them are; then there is no `dscp`.
  public var copiesDSCP: Bool {
    get { isDSCPCopied ?? false }
    set { isDSCPCopied = newValue ? true : nil }
  }
  private var demandedProtection: ProtectionDemand?
  /// Whether its packets have to be protected below L2TP.
  public var protection: ProtectionDemand {
    get { demandedProtection ?? .none }
    set { demandedProtection = newValue == .none ? nil : newValue }
  }
  /// The identifiers of a tunnel without signalling, whose `role` is `initiate` and whose pseudowires have a
  /// ``PseudowireDeclaration/staticSession`` each; nil where a control connection agrees on them.
  public var staticConnection: StaticConnection?
  private var areSessionsDeclared: Bool?
  /// Whether both ends have declared the sessions of its control connection, which sets none up: each pseudowire has a
  /// ``PseudowireDeclaration/staticSession``.
  public var declaresSessions: Bool {
    get { areSessionsDeclared ?? false }
    set { areSessionsDeclared = newValue ? true : nil }
  }
  /// How it and its sessions come about.
  public var signalling: Signalling {
    if staticConnection != nil { return .none }
    return declaresSessions ? .keepalive : .full
  }
  /// Of a tunnel without signalling: the time without a packet after which the peer is taken for silent; nil where
  /// silence says nothing.
  public var liveness: Duration?
  /// A line of the operator's, for people; nil where there is none.
  public var descriptionText: String?
  /// Why it is not carried out; nil where it is.
  public var disabled: Disablement?
  /// Reliable delivery (RFC 3931 section 4.2).
  public var reliability: Reliability
  /// How soon a lost or refused connection is tried again.
  public var reconnection: Reconnection
  /// The pseudowires that run over it, in the order of the file.
  public var pseudowires: [PseudowireDeclaration]

  /// A tunnel with the defaults of RFC 3931.
  public init(name: String, peer: Peer, encapsulation: Encapsulation = .udp, role: Role = .both) {
    self.name = name
    self.role = role
    self.peer = peer
    self.encapsulation = encapsulation
    local = nil
    bindDevice = nil
    family = nil
    localPort = nil
    peerPort = 1701
    listenPort = nil
    answerPort = nil
    peerHostName = nil
    peerRouterID = nil
    dscp = nil
    authentication = nil
    compatibility = .rfc
    helloInterval = .seconds(60)
    reliability = Reliability()
    reconnection = Reconnection()
    pseudowires = []
  }

  /// Which of the two sides sends SCCRQ: one of them, or either.
  public enum Role: String, Codable, Sendable, CaseIterable {
    /// Only we send SCCRQ.
    case initiate
    /// Only the peer sends SCCRQ.
    case accept
    /// Either may; a tie ends in one connection (RFC 3931 section 5.4.3, Tie Breaker).
    case both
  }

  /// The peer or peers that a tunnel talks to.
  public enum Peer: Equatable, Codable, Sendable {
    /// One peer, at a fixed address.
    case address(IPAddress)
    /// A name, resolved at each attempt.
    case name(String)
    /// Several of these, all of one peer's, in the order in which they are tried; two at least.
    case list([PeerHost])
    /// Any peer that calls from these addresses and presents what else is declared.
    case prefix(IPPrefix)
    /// Any peer that presents the right Host Name or Router ID, and the secret.
    case any

    /// Whether the declaration says who the peer is, and so whom to call; else the first that fits is.
    public var isOneHost: Bool {
      switch self {
      case .address, .name, .list: true
      case .prefix, .any: false
      }
    }

    /// As the file has it, names in lower case: equal for equal peers.
    public var text: String {
      switch self {
      case .address, .name, .list: hosts.map(\.text).joined(separator: ", ")
      case .prefix(let prefix): prefix.description
      case .any: "any"
      }
    }
  }
}

/// Which AVPs are spoken with a peer: those of RFC 3931, or those that Cisco's routers had before it, too.
public enum Compatibility: String, Codable, Sendable, CaseIterable {
  /// RFC 3931's alone.
  case rfc
  /// Cisco's (Vendor ID 9) beside them.
  case cisco
  /// As the peer's first message does.
  case automatic = "auto"
}

/// Control message authentication (RFC 3931 section 4.3).
public struct Authentication: Equatable, Codable, Sendable {
  /// The digest that we send.
  public var digest: Digest
  /// Where the shared secret is read from; nil is the integrity check with the empty secret.
  public var secretFile: String?
  /// Where the secret is read from that `secretFile` replaces; as long as it is declared both are accepted and used.
  public var previousSecretFile: String?
  /// Which AVPs we hide (RFC 3931 section 5.3); without a secret none can be. The peer's are read whatever this says.
  public var hiding: Hiding
  // Nil is as it was before there was such a key, so that older recordings are still read.
  private var usesChallenge: Bool?
  /// How the two ends show each other that they have the secret. With a challenge there is one, and nothing else
  /// counts.
  public var method: Method {
    get { usesChallenge == true ? .challenge : .digest }
    set { usesChallenge = newValue == .challenge ? true : nil }
  }

  /// A digest keyed from a file.
  public init(
    digest: Digest = .sha1, secretFile: String? = nil, previousSecretFile: String? = nil, hiding: Hiding = .none
  ) {
    self.digest = digest
    self.secretFile = secretFile
    self.previousSecretFile = previousSecretFile
    self.hiding = hiding
  }

  /// The names of the secrets, newer first: those of their files.
  var secretLabels: [String] {
    [secretFile, previousSecretFile].compactMap { path in
      path.map { String($0[($0.lastIndex(of: "/").map($0.index(after:)) ?? $0.startIndex)...]) }
    }
  }

  /// Whether a connection goes on when its declaration becomes the other one: with a secret before and after it, whichever.
  func allowsReplacement(by other: Authentication) -> Bool {
    var changed = self
    guard secretFile != nil, other.secretFile != nil else { return self == other }
    (changed.secretFile, changed.previousSecretFile) = (other.secretFile, other.previousSecretFile)
    return changed == other
  }

  /// How the two ends show each other that they have the secret.
  public enum Method: String, Codable, Sendable, CaseIterable {
    /// By a digest in every message (RFC 3931 section 4.3).
    case digest
    /// By responses to challenges in the set-up (RFC 2661 section 5.1.1), which RFC 3931 does not have any more.
    case challenge
  }

  /// Digest Type of the Message Digest AVP (RFC 3931 section 5.4.1).
  public enum Digest: UInt8, Codable, Sendable {
    /// HMAC-MD5, 16 octets.
    case md5 = 0
    /// HMAC-SHA-1, 20 octets.
    case sha1 = 1
  }

  /// Which AVPs we hide of those that may be hidden.
  public enum Hiding: String, Codable, Sendable, CaseIterable {
    /// No AVP is hidden.
    case none
    /// AVPs that tell whose pseudowire it is, or what its data packets must carry: Assigned Cookie, Remote End ID,
    /// Local End ID, Attachment Group Identifier.
    case sensitive
    /// Every AVP that may be hidden.
    case all
  }
}

/// Times and counts of reliable delivery (RFC 3931 section 4.2).
public struct Reliability: Equatable, Codable, Sendable {
  /// Time to the first retransmission; each further one waits twice as long.
  public var initialTimeout = Duration.seconds(1)
  /// The longest wait between two retransmissions.
  public var maximumTimeout = Duration.seconds(8)
  /// Retransmissions before the peer is given up.
  public var maximumRetransmissions = 10
  /// Retransmissions of SCCRQ before an attempt is given up.
  public var maximumRequestRetransmissions = 10
  /// The Receive Window Size that we advertise, in messages.
  public var receiveWindow: UInt16 = 16
  /// How long a request waits for its answer or its completion before it is given up (a set-up that hangs).
  public var setupTimeout = Duration.seconds(120)

  /// The defaults of RFC 3931.
  public init() {}
}

/// Exponential back-off between attempts.
public struct Reconnection: Equatable, Codable, Sendable {
  /// The wait after the first failure, before jitter; it doubles with each further failure.
  public var initialDelay = Duration.seconds(1)
  /// The longest wait, before jitter, however many attempts have failed.
  public var maximumDelay = Duration.seconds(60)

  /// One second, doubling to a minute.
  public init() {}
}
