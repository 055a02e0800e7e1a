import Foundation

/// What `pwmgr status --json` prints, and what travels over the control socket. Keys are stable; new ones may be added.
struct StatusDocument: Codable, Equatable {
  /// The site's name.
  var site: String
  /// The version of the daemon.
  var version: String
  /// The process that answers.
  var processID: Int32
  /// When the daemon started.
  var started: Date
  /// When this was written.
  var now: Date
  /// What carries the traffic, and why that.
  var dataPlane: DataPlane
  /// Every declared tunnel, in the order of the site file.
  var tunnels: [Tunnel]
  /// Every declared bridge.
  var bridges: [Bridge]
  /// What is wrong with the site as a whole: listeners that are not open, a site file that was refused.
  var problems: [String]
  /// Control messages that this daemon has sent, by name, retransmissions included.
  var controlMessagesSent: [String: Int]
  /// Control messages that led to nothing since the start, by why.
  var controlMessagesDropped: Dropped
  /// Connections that have answered an SCCRQ and wait for SCCCN.
  var halfOpenConnections: Int
  /// The plugins in other processes that the site uses.
  var plugins: [Plugin] = []

  /// A plugin in another process.
  struct Plugin: Codable, Equatable {
    /// What the site file's `type:` calls it.
    var name: String
    /// Its executable.
    var path: String
    /// `starting`, `running`, `waiting` to be started again, or `stopped`.
    var state: String
    /// Since when.
    var since: Date
    /// Its own version.
    var version: String?
    /// Its process.
    var processID: Int32?
    /// How often it has been started again.
    var restarts: Int
    /// What is wrong, one line each.
    var problems: [String]
    /// What it has said last, for the log.
    var messages: [Failure]
    /// When it is started again, while it waits for that.
    var nextStart: Date?
  }

  /// Why control messages led to nothing.
  struct Dropped: Codable, Equatable {
    /// They cannot be read, or not taken as they are.
    var malformed = 0
    /// SCCRQs of L2TPv2 without what version 3 wants.
    var l2tpv2 = 0
    /// Their digest is missing or wrong.
    var unauthentic = 0
    /// SCCRQs that no tunnel takes.
    var notAllowed = 0
    /// SCCRQs beyond the limit of those that are read in a second.
    var rateLimited = 0
    /// SCCRQs for which no half-open connection could be made.
    var noPlace = 0
    /// Half-open connections that gave way to a newer SCCRQ.
    var displaced = 0
    /// They are for a control connection that is not ours, or not their sender's.
    var misaddressed = 0
  }

  /// The data plane in use.
  struct DataPlane: Codable, Equatable {
    /// `kernel`, `userspace` or `null`.
    var kind: String
    /// Why it was chosen.
    var reason: String
  }

  /// A bridge and what is wrong with it.
  struct Bridge: Codable, Equatable {
    /// The interface name.
    var name: String
    /// One line each; empty when it is as declared.
    var problems: [String]
  }

  /// Something that went wrong.
  struct Failure: Codable, Equatable {
    /// What, and what to do.
    var message: String
    /// When.
    var at: Date
  }

  /// One control connection.
  struct Tunnel: Codable, Equatable {
    /// The name in the site file.
    var name: String
    /// The state of the control connection.
    var state: String
    /// Since when.
    var since: Date
    /// The peer as declared.
    var peer: String
    /// Where the peer is.
    var remote: String?
    /// Which of its addresses that is, counted from 1; absent where it has one alone.
    var peerAddressNumber: Int?
    /// How many there are.
    var peerAddressCount: Int?
    /// Our end.
    var local: String?
    /// `udp` or `ip`.
    var encapsulation: String
    /// Our Control Connection ID.
    var localConnectionID: UInt32?
    /// The peer's.
    var peerConnectionID: UInt32?
    /// The Host Name that the peer presented.
    var peerHostName: String?
    /// The Router ID that the peer presented, dotted.
    var peerRouterID: String?
    /// The path's MTU in octets.
    var pathMTU: Int?
    /// Whether that was probed; else it is what the routes say.
    var pathMTUProbed: Bool?
    /// The DSCP that our packets are marked with.
    var dscp: Int?
    /// Whether the peer has said that it marks its own so.
    var peerUsesDscp: Bool = false
    /// The digest on its messages: `md5`, `sha1`, or none.
    var digest: String?
    /// Whether the peer has answered our challenge; absent where none is declared.
    var challengeAnswered: Bool?
    /// The secret that the peer has used last, by its file's name.
    var secret: String?
    /// Which AVPs we hide on it: `none`, `sensitive` or `all`.
    var hiding: String
    /// Whether the peer has hidden any.
    var peerHides: Bool
    /// Which AVPs are spoken with the peer: `rfc`, `cisco`, or `auto` as long as the peer has not shown which.
    var compatibility: String
    /// Whether the peer has shown it.
    var compatibilityLearned: Bool
    /// How often it has been established in this run.
    var establishedCount: Int
    /// The last error.
    var lastError: Failure?
    /// When the next attempt is due.
    var nextAttempt: Date?
    /// SCCRQs of the attempt under way that have had no answer.
    var unansweredRequests: Int?
    /// Packets and octets of all its sessions.
    var counters: Counters?
    /// The declarations that stand for many pseudowires.
    var templates: [Template] = []
    /// Every declared pseudowire, those of templates that wait to be asked for left out.
    var pseudowires: [Pseudowire]
  }

  /// A declaration that stands for many pseudowires.
  struct Template: Codable, Equatable {
    /// The name in the site file.
    var name: String
    /// What stands behind them on our side.
    var attachment: String
    /// How many there are.
    var sessions: Int
    /// How many of these nobody has asked for.
    var idle: Int
    /// The last error of one that is idle.
    var lastError: Failure?
  }

  /// A PPPoE client.
  struct Client: Codable, Equatable {
    /// Its MAC address.
    var address: String
    /// Its SESSION_ID.
    var sessionID: UInt16
    /// The Service-Name that it asked for; empty for any.
    var serviceName: String
    /// Since when it has its session.
    var since: Date
  }

  /// One pseudowire.
  struct Pseudowire: Codable, Equatable {
    /// The name in the site file.
    var name: String
    /// The plugin's name for the type.
    var type: String
    /// The pseudowire type's number.
    var typeNumber: UInt16
    /// The Remote End ID as one would write it in the site file.
    var endID: String
    /// Our own Local End ID, if it is another one.
    var localEndID: String?
    /// The Attachment Group Identifier, if it is not the default one.
    var attachmentGroup: String?
    /// Its interface.
    var interface: String
    /// What stands behind it on our side: `bridge br-lan`, `member eth1`, `vlan 111 of eth1`, `vlans 1-50,100 of eth1`,
    /// `none`.
    var attachment: String
    /// The state of the session.
    var state: String
    /// Since when.
    var since: Date
    /// Whether frames pass.
    var forwarding: Bool
    /// Since when they do, or do not.
    var forwardingSince: Date
    /// Why they do not.
    var notForwardingBecause: [String]
    /// Our Session ID.
    var localSessionID: UInt32?
    /// The peer's.
    var peerSessionID: UInt32?
    /// Octets of cookie that we require in what we receive.
    var receiveCookieLength: Int
    /// Octets of cookie that we put into what we send.
    var transmitCookieLength: Int
    /// `none` or `default`.
    var sublayer: String
    /// Whether data packets are sequenced.
    var sequencing: Bool
    /// The interface's MTU in octets.
    var mtu: Int?
    /// The Interface MTU that we tell the peer.
    var interfaceMTU: Int?
    /// The Interface MTU that the peer has told us.
    var peerInterfaceMTU: Int?
    /// The addresses that were agreed on with the peer (PPP), as `OURS peer THEIRS`.
    var addresses: [String]
    /// Our circuit.
    var localCircuit: Circuit
    /// The peer's, once it said so.
    var peerCircuit: Circuit?
    /// What the peer says that its circuit transmits, in bit/s.
    var peerTransmitSpeed: UInt64?
    /// What the peer says that its circuit receives, in bit/s.
    var peerReceiveSpeed: UInt64?
    /// The errors that the peer has counted on its circuit.
    var peerCircuitErrors: CircuitErrors?
    /// What to know though frames pass.
    var warnings: [String]
    /// How often it has been established in this run.
    var establishedCount: Int
    /// The last error.
    var lastError: Failure?
    /// Packets and octets.
    var counters: Counters?
    /// The PPPoE client whose PPP it carries.
    var client: Client?
  }

  /// The Circuit Status of one end (RFC 3931 section 5.4.5, RFC 5641).
  struct Circuit: Codable, Equatable {
    /// The A bit.
    var active: Bool
    /// All 16 bits.
    var bits: UInt16
  }

  /// The counters of WEN (RFC 3931 section 5.4.5), since the session came up.
  struct CircuitErrors: Codable, Equatable {
    /// Frames with a wrong checksum.
    var crc: UInt32 = 0
    /// Frames that were no frames.
    var framing: UInt32 = 0
    /// Receive buffers that were full, in the hardware.
    var hardwareOverruns: UInt32 = 0
    /// Buffers that were full.
    var bufferOverruns: UInt32 = 0
    /// Times that ran out.
    var timeouts: UInt32 = 0
    /// Frames that were not aligned.
    var alignment: UInt32 = 0
  }

  /// What the data plane counted.
  struct Counters: Codable, Equatable {
    /// Packets that we sent.
    var transmittedPackets: UInt64
    /// Octets that we sent.
    var transmittedOctets: UInt64
    /// Packets that could not be sent.
    var transmitErrors: UInt64
    /// Packets that we received.
    var receivedPackets: UInt64
    /// Octets that we received.
    var receivedOctets: UInt64
    /// Packets with a fault.
    var receiveErrors: UInt64
    /// Packets whose cookie was wrong.
    var cookieDiscards: UInt64
    /// Packets that were out of sequence.
    var sequenceDiscards: UInt64
    /// Sequence numbers that were missing when a later one came; nil where nobody counts them.
    var missingPackets: UInt64?
  }
}

extension StatusDocument {
  /// The document as JSON, keys in snake_case and sorted, dates in ISO 8601.
  func json() throws -> Data {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.dateEncodingStrategy = .iso8601
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(self)
  }

  /// A document from its JSON.
  init(json: Data) throws {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .custom { path in StatusKey(snakeCase: path.last?.stringValue ?? "") }
    decoder.dateDecodingStrategy = .iso8601
    self = try decoder.decode(StatusDocument.self, from: json)
  }
}

/// Turns `local_session_id` back into `localSessionID`: Foundation's own strategy would make it `localSessionId`.
private struct StatusKey: CodingKey {
  let stringValue: String
  let intValue: Int? = nil

  init(snakeCase: String) {
    let initialisms: Set<Substring> = ["id", "mtu"]
    let words = snakeCase.split(separator: "_")
    stringValue = words.enumerated().map { index, word in
      if index == 0 { return String(word) }
      return initialisms.contains(word) ? word.uppercased() : word.prefix(1).uppercased() + word.dropFirst()
    }.joined()
  }

  init?(stringValue: String) {
    self.stringValue = stringValue
  }

  init?(intValue: Int) {
    return nil
  }
}
