/// Effects that are under way, in a table for each kind of answer: none can be taken for another.
struct PendingEffects: Codable {
  /// Whose peer's name is asked for.
  private var names: SlotTable<PendingName>
  /// Whose socket is being opened.
  private var openings: SlotTable<ConnectionReference>
  /// Whose socket is being connected.
  private var connections: SlotTable<ConnectionReference>
  private var changes = SlotTable<PendingChange>(vacant: .unwatched)
  /// For whom links are being set; nil where nobody waits for it.
  private var links = SlotTable<PendingLinks?>(vacant: nil)
  /// Connections and messages that wait for an answer about the protection of packets.
  private var protections: SlotTable<PendingProtection>
  /// How many of these are connections that were half open when it was asked.
  private(set) var halfOpenQuestions = 0
  /// How many of these are messages.
  private(set) var messageQuestions = 0

  init() {
    names = SlotTable(vacant: PendingName(tunnel: TunnelReference(rawValue: 0), entry: 0))
    openings = SlotTable(vacant: ConnectionReference(rawValue: 0))
    connections = SlotTable(vacant: ConnectionReference(rawValue: 0))
    protections = SlotTable(
      vacant: .connection(
        ConnectionReference(rawValue: 0), place: Endpoint(address: .v4(0)), wasHalfOpen: false))
  }

  /// How many there are.
  var count: Int {
    names.count + openings.count + connections.count + changes.count + links.count + protections.count
  }

  mutating func addName(for pending: PendingName) -> EffectID<[IPAddress]> {
    EffectID(rawValue: names.insert(pending).rawValue)
  }

  mutating func addOpening(for connection: ConnectionReference) -> EffectID<Endpoint> {
    EffectID(rawValue: openings.insert(connection).rawValue)
  }

  mutating func addConnecting(for connection: ConnectionReference) -> EffectID<SocketPath> {
    EffectID(rawValue: connections.insert(connection).rawValue)
  }

  mutating func addChange(for pending: consuming PendingChange) -> EffectID<Nothing> {
    EffectID(rawValue: changes.insert(pending).rawValue)
  }

  /// Whether a tunnel without signalling is being removed that has this identifier.
  func areRemoving(_ identifier: ControlConnectionID) -> Bool {
    changes.references.contains { reference in
      if case .staticRemoval(identifier, _) = changes[reference] { true } else { false }
    }
  }

  mutating func addLinks(for pending: PendingLinks?) -> EffectID<Nothing> {
    EffectID(rawValue: links.insert(pending).rawValue)
  }

  mutating func addProtection(for pending: PendingProtection) -> EffectID<Protection> {
    countQuestion(pending, 1)
    return EffectID(rawValue: protections.insert(pending).rawValue)
  }

  // Each takes out what was asked for under an identifier; nil when it was answered before.

  mutating func takeName(_ id: EffectID<[IPAddress]>) -> PendingName? { names.remove(.init(rawValue: id.rawValue)) }

  mutating func takeOpening(_ id: EffectID<Endpoint>) -> ConnectionReference? {
    openings.remove(.init(rawValue: id.rawValue))
  }

  mutating func takeConnecting(_ id: EffectID<SocketPath>) -> ConnectionReference? {
    connections.remove(.init(rawValue: id.rawValue))
  }

  mutating func takeChange(_ id: EffectID<Nothing>) -> PendingChange? { changes.remove(.init(rawValue: id.rawValue)) }

  mutating func takeLinks(_ id: EffectID<Nothing>) -> PendingLinks? {
    links.remove(.init(rawValue: id.rawValue)) ?? nil
  }

  mutating func takeProtection(_ id: EffectID<Protection>) -> PendingProtection? {
    guard let pending = protections.remove(.init(rawValue: id.rawValue)) else { return nil }
    countQuestion(pending, -1)
    return pending
  }

  private mutating func countQuestion(_ pending: PendingProtection, _ change: Int) {
    switch pending {
    case .connection(_, _, let wasHalfOpen): if wasHalfOpen { halfOpenQuestions += change }
    case .message: messageQuestions += change
    }
  }
}

/// A name of a peer's.
struct PendingName: Codable {
  /// The tunnel whose peer has the name.
  var tunnel: TunnelReference
  /// Which of its entries the name is.
  var entry: Int
}

/// The purpose of a change of the data plane, by which its answer is acted on.
enum PendingChange: Codable {
  /// Its answer changes nothing.
  case unwatched
  /// A listener, by its socket.
  case listen(SocketID)
  /// A connection's data path.
  case createTunnel(ConnectionReference)
  /// A session's data path.
  case createSession(SessionReference)
  /// The end of data paths: these interface names can be used again after it.
  case removal(interfaces: [String])
  /// The same for the whole data path of a connection, its socket with it.
  case tunnelRemoval(ConnectionReference, interfaces: [String])
  /// The same of a tunnel without signalling, whose identifier can be used again after it.
  case staticRemoval(ControlConnectionID, interfaces: [String])
}

/// A connection or a message that waits for the machine to say whether its packets are protected.
enum PendingProtection: Codable {
  /// A connection whose peer is at a place, and whether it was half open when the question was asked.
  case connection(ConnectionReference, place: Endpoint, wasHalfOpen: Bool)
  /// An answer to somebody who has no connection.
  case message(Transmission)
}

/// Links that a session waits for.
struct PendingLinks: Codable {
  var session: SessionReference
  /// Where the session was.
  var phase: PluginQuestion.Phase
}

/// A question that a plugin has not answered yet.
struct PendingConsultation: Codable {
  /// The session that the question is about.
  var session: SessionReference
  /// Where the session was.
  var phase: PluginQuestion.Phase
  /// When it was asked.
  var askedAt: Instant
}

/// A deadline in the heap. Entries are not taken out when a deadline moves; what has come is checked against what is.
struct TimerEntry: Comparable, Codable {
  var deadline: Instant
  var target: Target

  /// The object that a deadline is for.
  enum Target: Codable {
    /// A tunnel's next attempt.
    case tunnel(TunnelReference)
    /// Anything of a connection.
    case connection(ConnectionReference)
    /// A session's next attempt.
    case pseudowire(PseudowireReference)
    /// The next line that sums up events of a pseudowire.
    case lines(PseudowireReference)
    /// The next lines that sum up events of a tunnel.
    case tunnelLines(TunnelReference)
    /// A listener's next attempt.
    case listener(SocketID)
    /// The next line about what was short.
    case shortages
    /// The end of a shutdown's patience.
    case shutdown
  }

  /// Whether `left` comes first.
  static func < (left: TimerEntry, right: TimerEntry) -> Bool { left.deadline < right.deadline }
  /// Whether both come at once.
  static func == (left: TimerEntry, right: TimerEntry) -> Bool { left.deadline == right.deadline }
}
