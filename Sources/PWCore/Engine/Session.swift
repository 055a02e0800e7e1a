typealias SessionReference = SlotTable<Session>.Reference

/// One session, of our call or the peer's: it begins when it gets its identifier, and all that is known of it goes with
/// it. An answer that comes back for it names it by its reference, which finds nothing once it is gone.
struct Session: Codable {
  /// The pseudowire that it is of.
  let pseudowire: PseudowireReference
  /// The connection that it runs over.
  let connection: ConnectionReference
  /// The Session ID that we assigned.
  var localID = SessionID.unknown
  /// The peer's identifier, once it has told it.
  var peerID = SessionID.unknown
  /// The cookie that we assigned.
  var receiveCookie = Cookie()
  /// The cookie that the peer assigned.
  var transmitCookie = Cookie()
  /// The tie breaker of our ICRQ.
  var tieBreaker: UInt64 = 0
  /// The Ns of our ICRP or OCRP, once it is queued.
  var answerNs: UInt16?
  /// Whether it counts among the connection's calls that wait for ICRP.
  var isCallInProgress = false
  /// Attempts under other identifiers.
  var identifierAttempts: UInt8 = 0
  /// How far its data path has been made.
  var dataPath = DataPath.none
  /// The state of its links.
  var links = Links.none
  /// Whether its links have been there since it was established.
  var hasHadLinks = false
  /// Whether an SLI waits for room in the queue.
  var isCircuitStatusQueued = false
  /// The status of our circuit that we sent last.
  var sentCircuit: CircuitStatus = []
  /// The status of its circuit that the peer sent last; nil while it has sent none.
  var peerCircuit: CircuitStatus?
  /// The PHB code that the peer asked for, or answered with (RFC 3308).
  var peerPHB: UInt16?
  /// The MTU of the peer's circuit as it says, in octets (RFC 4667).
  var peerMTUOctets: UInt16?
  /// The question that the plugin has not answered yet; answers to earlier ones are passed over.
  var consultation: ConsultationID?
  /// The losses of its path, if they are worth telling.
  var loss: PathLoss?
  /// From the last report; nil while there is none.
  var report: LinkReportContent?
  /// Why no data packet of it is passed on, while it is established.
  @Boxed var discarded: DiscardedPackets? = nil
  /// The last data packet of it that went past its data path; nil once data comes as it should.
  @Boxed var stray: StrayPacket? = nil
  /// Other remarks of the peer about it.
  @Boxed var remarks: PeerRemarks? = nil

  /// A session of which nothing is known yet.
  init(of pseudowire: PseudowireReference, over connection: ConnectionReference) {
    self.pseudowire = pseudowire
    self.connection = connection
  }

  /// The placeholder in free slots of the table.
  static var vacant: Session {
    Session(of: PseudowireReference(rawValue: 0), over: ConnectionReference(rawValue: 0))
  }

  /// The data path of a session.
  enum DataPath: UInt8, Codable {
    case none
    /// It waits for the tunnel's, or for the interface name to be free.
    case waiting
    /// It is being made.
    case making
    case made
  }

  /// The state of a session's links.
  enum Links: UInt8, Codable {
    /// No links have been asked for.
    case none
    /// The set for a session that is being set up is asked for or done.
    case connecting
    /// The set for an established session is asked for.
    case establishing
    /// The set for an established session is done.
    case established
  }

  /// The losses of a path among the data packets that the peer numbers.
  struct PathLoss: Equatable, Codable {
    /// Lost of a thousand packets of the last sample.
    var permille: UInt16
    /// Samples in a row that had lost more than is declared to be too much.
    var samplesAboveLimit: UInt16 = 0
  }

  /// Whether the peer's circuit takes frames. A peer that never said is taken at its best: the AVP is required, so it
  /// has not answered yet.
  var isPeerCircuitActive: Bool {
    peerCircuit?.contains(.active) != false && peerCircuit?.contains(.standby) != true
  }
}

/// The content of a link report that has any.
struct LinkReportContent: Equatable, Codable {
  /// Why frames do not pass.
  var problems: [ForwardingObstacle]
  /// Oddities that the operator should know though they do.
  var warnings: [PseudowireWarning]
  /// The interface's MTU.
  var mtuOctets: Int?
}

/// Statements of a session's peer about its circuit besides the status, and what it has agreed to: for people, nothing
/// is decided by them.
struct PeerRemarks: Equatable, Codable {
  /// AVP 74, bit/s.
  var transmitSpeed: UInt64?
  /// AVP 75, bit/s.
  var receiveSpeed: UInt64?
  /// AVP 34 of the last WEN: counters since the session came up.
  var errors: CircuitErrors?
  /// The addresses that were agreed on with it, as people read them (PPP).
  var addresses: [String] = []
  /// The AVPs that its plugin has sent to ours.
  var avps: [PluginAVP] = []
}
