/// Connections that have answered an SCCRQ and wait for SCCCN, and the places that there are for them.
///
/// Anybody can send an SCCRQ in anybody's name, so places are counted by the address that it came from, and addresses that the
/// site names do not share theirs with strangers. When the places that an SCCRQ may have are taken, the oldest connection there
/// gives way whose peer has not answered: a genuine peer answers within a round trip, a forger never does.
struct HalfOpenTable: Codable {
  /// Where an SCCRQ came from.
  struct Origin: Hashable, Codable {
    var address: IPAddress
    /// Whether it is the peer's of a tunnel, as declared or resolved; else whoever has the tunnel's secret may call.
    var isDeclared: Bool
  }

  /// Whether one more connection may be made.
  enum Room: Equatable {
    /// There is a free place.
    case free
    /// It may when this one gives way.
    case inPlaceOf(ConnectionReference)
    /// All places are taken, and no connection can give way.
    case none
  }

  /// The places of one origin.
  private struct Places: Codable {
    /// How many are taken.
    var count = 0
    /// Those of them whose peer has not answered, oldest first.
    var unanswered: [ConnectionReference] = []
  }

  private var places: [Origin: Places] = [:]
  /// Those of undeclared addresses whose peer has not answered, oldest first.
  private var unansweredStrangers: [ConnectionReference] = []
  private var strangers = 0
  private var declared = 0

  /// How many there are.
  var count: Int { strangers + declared }

  /// How many addresses there are from which any is.
  var originCount: Int { places.count }

  /// Whether there is a place for one more from there.
  func room(for origin: Origin) -> Room {
    let own = places[origin] ?? Places()
    guard own.count < EngineLimits.halfOpenConnectionsPerAddress else { return Self.giveWay(own.unanswered.first) }
    guard origin.isDeclared else {
      return strangers < EngineLimits.halfOpenConnections ? .free : Self.giveWay(unansweredStrangers.first)
    }
    if own.count < EngineLimits.halfOpenConnectionsKept || declared < EngineLimits.halfOpenConnectionsOfPeers {
      return .free
    }
    return Self.giveWay(own.unanswered.first)
  }

  private static func giveWay(_ oldest: ConnectionReference?) -> Room {
    oldest.map { .inPlaceOf($0) } ?? .none
  }

  /// Gives a connection a place.
  mutating func insert(_ connection: ConnectionReference, from origin: Origin) {
    places[origin, default: Places()].count += 1
    places[origin]?.unanswered.append(connection)
    if origin.isDeclared {
      declared += 1
    } else {
      strangers += 1
      unansweredStrangers.append(connection)
    }
  }

  /// Its peer has acknowledged something of ours: it is where it says it is, and the connection gives way to nobody.
  mutating func answered(_ connection: ConnectionReference, from origin: Origin) {
    if let index = places[origin]?.unanswered.firstIndex(of: connection) {
      places[origin]?.unanswered.remove(at: index)
    }
    guard !origin.isDeclared, let index = unansweredStrangers.firstIndex(of: connection) else { return }
    unansweredStrangers.remove(at: index)
  }

  /// Takes a connection, which is there, out: it is half open no more.
  mutating func remove(_ connection: ConnectionReference, from origin: Origin) {
    answered(connection, from: origin)
    if origin.isDeclared { declared -= 1 } else { strangers -= 1 }
    guard let left = places[origin]?.count, left > 1 else {
      places[origin] = nil
      return
    }
    places[origin]?.count = left - 1
  }
}
