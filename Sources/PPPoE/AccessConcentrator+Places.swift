public import PWCore

/// A client that has, or waits for, a session.
public struct Client: Equatable, Sendable {
  /// The MAC address of the client's interface.
  public let station: MACAddress
  /// The Service-Name that it asked for; empty for any.
  public let serviceName: [UInt8]
  /// Its SESSION_ID.
  public internal(set) var sessionID: UInt16 = 0
  /// The PPP payload that the link lets it have (RFC 4638), in octets; nil where it did not ask for more than usual.
  public internal(set) var wantedPayloadOctets: Int?
  /// The tags of its packet that go back with every answer.
  let echoes: [DiscoveryPacket.Tag]
  let key: ClientKey

  init(station: MACAddress, serviceName: [UInt8], echoes: [DiscoveryPacket.Tag], key: ClientKey) {
    self.station = station
    self.serviceName = serviceName
    self.echoes = echoes
    self.key = key
  }

  /// The Service-Name for people.
  public var serviceText: String {
    String(decoding: serviceName.map { (0x20...0x7E).contains($0) ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
  }
}

/// The key that tells one client of a station from another: RFC 2516's Host-Uniq, the same in each of its packets.
struct ClientKey: Hashable, Sendable {
  var station: MACAddress
  var hostUnique: [UInt8]
}

/// The key of a session on a link: the same Session ID may be in use with two stations.
struct SessionKey: Hashable, Sendable {
  var station: MACAddress
  var sessionID: UInt16
}

/// A place for a session.
struct Place: Sendable {
  /// The client that has the place; nil when it is free.
  var client: Client?
  /// Whether PADS has said so.
  var isEstablished = false
  /// Since when it has been as it is.
  var since = Instant(nanoseconds: 0)
  /// Until when its client waits for a session.
  var deadline: Instant?
  /// The station that had it last: the client that comes again gets what it had, an address for instance, while nobody
  /// else needs it.
  var lastStation: MACAddress?
}

// MARK: - Sessions and places

extension AccessConcentrator {
  /// The session of a place is there, and frames pass.
  ///
  /// - Parameters:
  ///   - place: as ``Action/call(place:_:)`` named it.
  ///   - payloadOctets: the largest PPP payload that the way to the far end takes in one piece.
  ///   - now: the moment.
  public mutating func established(_ place: Int, payloadOctets: Int, at now: Instant) -> [Action] {
    guard var client = places[place].client, !places[place].isEstablished else { return [] }
    client.wantedPayloadOctets = client.wantedPayloadOctets.map { min($0, payloadOctets) }
    places[place].client = client
    places[place].isEstablished = true
    places[place].since = now
    places[place].deadline = nil
    return [.send(confirmation(of: client), to: client.station)]
  }

  /// The session of a place is over, or could not be: its client is told, if it is there still.
  public mutating func ended(_ place: Int, reason: String) -> [Action] {
    guard let client = places[place].client else { return [] }
    let wasEstablished = places[place].isEstablished
    leave(place)
    guard wasEstablished else { return [refusal(of: client, .systemError, reason)] }
    let tags = [DiscoveryPacket.Tag(.genericError, Self.text(reason))] + client.echoes
    return [.send(DiscoveryPacket(.termination, sessionID: client.sessionID, tags: tags), to: client.station)]
  }

  /// Refuses those who have waited in vain.
  public mutating func expire(at now: Instant) -> [Action] {
    var actions: [Action] = []
    for place in places.indices {
      guard let deadline = places[place].deadline, deadline <= now else { continue }
      let reason = "no session within \(Self.setupTime.components.seconds) s"
      actions += ended(place, reason: reason)
      actions.append(.hangUp(place: place, reason: reason))
    }
    return actions
  }

  /// When ``expire(at:)`` has something to do; nil while nobody waits.
  public var nextDeadline: Instant? { places.lazy.compactMap(\.deadline).min() }

  /// The client of a place, and since when it has its session; nil while it has none.
  public func client(of place: Int) -> (client: Client, since: Instant)? {
    guard places[place].isEstablished, let client = places[place].client else { return nil }
    return (client, places[place].since)
  }

  /// The client that asks, or has asked, for the session of a place.
  public func waiting(at place: Int) -> Client? { places.indices.contains(place) ? places[place].client : nil }

  /// How many places there are.
  public var placeCount: Int { places.count }

  /// The place that a station had before, else one that nobody had, else any that is free.
  func freePlace(for station: MACAddress) -> Int? {
    var best: Int?
    for place in places.indices where places[place].client == nil {
      if places[place].lastStation == station { return place }
      if let known = best, isBetter(known, than: place) { continue }
      best = place
    }
    return best
  }

  /// Of two free places: one that nobody comes back to, else the one that was taken longer ago.
  private func isBetter(_ one: Int, than other: Int) -> Bool {
    if places[one].lastStation == nil { return true }
    return places[other].lastStation != nil && places[one].since <= places[other].since
  }

  mutating func occupy(_ place: Int, _ client: Client, at now: Instant) {
    places[place] = Place(client: client, since: now, deadline: now + Self.setupTime, lastStation: client.station)
    byClient[client.key] = place
    byStation[SessionKey(station: client.station, sessionID: client.sessionID)] = place
    countByStation[client.station, default: 0] += 1
  }

  mutating func leave(_ place: Int) {
    guard let client = places[place].client else { return }
    places[place].client = nil
    places[place].isEstablished = false
    places[place].deadline = nil
    byClient[client.key] = nil
    byStation[SessionKey(station: client.station, sessionID: client.sessionID)] = nil
    let left = countByStation[client.station, default: 1] - 1
    countByStation[client.station] = left > 0 ? left : nil
  }

  /// PADS with a session.
  func confirmation(of client: Client) -> DiscoveryPacket {
    var tags = [DiscoveryPacket.Tag(.serviceName, client.serviceName)]
    if let octets = client.wantedPayloadOctets, octets > Self.usualPayloadOctets {
      tags.append(Self.tag(payload: octets))
    }
    return DiscoveryPacket(.confirmation, sessionID: client.sessionID, tags: tags + client.echoes)
  }

  /// PADS without one (RFC 2516 section 5.4).
  func refusal(of client: Client, _ error: DiscoveryPacket.TagType, _ reason: String) -> Action {
    let tags =
      [DiscoveryPacket.Tag(.serviceName, client.serviceName), DiscoveryPacket.Tag(error, Self.text(reason))]
      + client.echoes
    return .send(DiscoveryPacket(.confirmation, tags: tags), to: client.station)
  }

  /// Octets of a reason that are told.
  static let maximumReasonOctets = 200

  private static func text(_ reason: String) -> [UInt8] {
    reason.utf8.prefix(maximumReasonOctets).map { (0x20...0x7E).contains($0) ? $0 : UInt8(ascii: "?") }
  }
}
