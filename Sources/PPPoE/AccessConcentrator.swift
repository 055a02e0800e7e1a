public import PWCore

/// A PPPoE access concentrator (RFC 2516) for one service on one link: it answers who looks for it, and hands those who choose it on
/// to whoever makes sessions. A value: packets, times and what became of sessions go in, packets and wishes come out.
///
/// Until a client has shown, by the cookie that it was sent, that it is where it says, nothing of it is kept; afterwards it holds one
/// of a fixed number of places. So what a stranger sends costs no memory, and a bounded number of packets a second.
public struct AccessConcentrator: Sendable {
  /// PADIs that are answered in any second, of all clients together.
  public static let offersPerSecond = 200
  /// PADRs with the right cookie that are looked at in any second.
  public static let requestsPerSecond = 200
  /// How long a client that asked for a session waits for it. Clients ask again meanwhile, and hear nothing.
  public static let setupTime = Duration.seconds(20)
  /// Octets of Host-Uniq that are sent back; a PADI with more is passed over, because the answer might fit no frame.
  public static let maximumHostUniqueOctets = 256
  /// Octets of Relay-Session-Id (RFC 2516 appendix A has at most 12).
  public static let maximumRelayOctets = 12
  /// The payload that fits into a frame without RFC 4638: 1500 octets less PPPoE's and PPP's headers.
  public static let usualPayloadOctets = 1492
  /// PPPoE's header and PPP's protocol number.
  static let headerOctets = 8

  /// The service that clients are offered, as the site declares it.
  public let service: PPPoEService
  /// How many packets led to nothing, and why.
  public private(set) var dropped = Dropped()
  /// The largest PPP payload that the link takes, in octets; 0 while it is not known.
  public var linkPayloadOctets = 0

  /// The places, in the order of their numbers.
  var places: [Place]
  var byClient: [ClientKey: Int] = [:]
  var countByStation: [MACAddress: Int] = [:]
  var byStation: [SessionKey: Int] = [:]
  private let secret: [UInt8]
  private let authenticator: any MessageAuthenticator
  private let drawSessionID: @Sendable () -> UInt16
  private var offers = RateLimit(perSecond: AccessConcentrator.offersPerSecond)
  private var requests = RateLimit(perSecond: AccessConcentrator.requestsPerSecond)

  /// A concentrator without clients.
  ///
  /// - Parameters:
  ///   - service: what it offers.
  ///   - sessions: how many there can be at once.
  ///   - secret: 16 octets or more that nobody can guess, another one in each run: what cookies are made with.
  ///   - drawSessionID: a number that nobody can guess: who does not see what others are told is not to end their sessions.
  ///   - authenticator: HMAC.
  public init(
    service: PPPoEService, sessions: Int, secret: [UInt8], drawSessionID: @escaping @Sendable () -> UInt16,
    authenticator: any MessageAuthenticator
  ) {
    precondition(sessions >= 1 && sessions <= PseudowireTemplate.maximumSessions, "no number of sessions: \(sessions)")
    self.service = service
    self.secret = secret
    self.authenticator = authenticator
    places = Array(repeating: Place(), count: sessions)
    self.drawSessionID = drawSessionID
  }

  /// A consequence of a packet or a call, for the caller to carry out.
  public enum Action: Equatable, Sendable {
    /// Send a packet to a station.
    case send(DiscoveryPacket, to: MACAddress)
    /// A client wants a session: the place that it gets; then ``AccessConcentrator/established(_:payloadOctets:at:)`` or
    /// ``AccessConcentrator/ended(_:reason:)``.
    case call(place: Int, Client)
    /// The session of a place is over: its client does not want it any more.
    case hangUp(place: Int, reason: String)
  }

  /// Packets that led to nothing.
  public struct Dropped: Equatable, Sendable {
    /// They cannot be read, or are not as they must be.
    public var malformed = 0
    /// For another concentrator, service or session.
    public var notOurs = 0
    /// PADRs without the cookie that their sender was given.
    public var withoutCookie = 0
    /// Beyond the limit of a second.
    public var rateLimited = 0

    /// Begins with all counts at zero.
    public init() {}
  }
}

// MARK: - Packets that arrive

extension AccessConcentrator {
  /// Takes a packet that arrived on the link.
  ///
  /// - Parameters:
  ///   - octets: what follows its Ethernet header.
  ///   - source: whom it is from.
  ///   - isForUs: whether it was sent to us alone, and not to all stations.
  ///   - now: the moment.
  public mutating func receive(
    _ octets: [UInt8], from source: MACAddress, isForUs: Bool, at now: Instant
  ) -> [Action] {
    if let sessionID = DiscoveryPacket.terminatedSession(octets.span) {
      guard source.isOneInterface, isForUs else {
        dropped.notOurs += 1
        return []
      }
      return termination(of: sessionID, from: source)
    }
    let packet: DiscoveryPacket
    do throws(DiscoveryFault) {
      packet = try DiscoveryPacket(octets.span)
    } catch {
      dropped.malformed += 1
      return []
    }
    guard source.isOneInterface else {
      dropped.malformed += 1
      return []
    }
    switch packet.code {
    case .initiation: return initiation(packet, from: source, at: now)
    case .request where isForUs: return request(packet, from: source, at: now)
    case .offer, .request, .confirmation, .termination:
      // Ours alone say PADO and PADS, and what is said to all is for nobody.
      dropped.notOurs += 1
      return []
    }
  }

  private mutating func initiation(
    _ packet: DiscoveryPacket, from source: MACAddress, at now: Instant
  ) -> [Action] {
    guard packet.sessionID == 0, let wanted = packet.first(.serviceName), echoes(of: packet) != nil else {
      dropped.malformed += 1
      return []
    }
    // A concentrator that cannot serve does not answer (RFC 2516 section 5.2): another one may.
    guard serves(wanted), places.contains(where: { $0.client == nil }) else {
      dropped.notOurs += 1
      return []
    }
    guard offers.allows(at: now) else {
      dropped.rateLimited += 1
      return []
    }
    var tags = [
      DiscoveryPacket.Tag(.concentratorName, Array(service.concentratorName.utf8)),
      DiscoveryPacket.Tag(.serviceName, wanted),
    ]
    if wanted.isEmpty { tags += service.serviceNames.map { DiscoveryPacket.Tag(.serviceName, Array($0.utf8)) } }
    tags.append(DiscoveryPacket.Tag(.cookie, cookie(for: source)))
    if let payload = payload(wantedBy: packet, limit: linkPayloadOctets) { tags.append(Self.tag(payload: payload)) }
    tags += echoes(of: packet) ?? []
    return [.send(DiscoveryPacket(.offer, tags: tags), to: source)]
  }

  private mutating func request(
    _ packet: DiscoveryPacket, from source: MACAddress, at now: Instant
  ) -> [Action] {
    guard packet.sessionID == 0, let wanted = packet.first(.serviceName), let echoes = echoes(of: packet) else {
      dropped.malformed += 1
      return []
    }
    guard let cookie = packet.first(.cookie), authenticator.isEqual(cookie, self.cookie(for: source)) else {
      dropped.withoutCookie += 1
      return []
    }
    guard requests.allows(at: now) else {
      dropped.rateLimited += 1
      return []
    }
    let key = ClientKey(station: source, hostUnique: packet.first(.hostUnique) ?? [])
    if let place = byClient[key] { return repeated(place, from: source) }
    var client = Client(station: source, serviceName: wanted, echoes: echoes, key: key)
    client.wantedPayloadOctets = payload(wantedBy: packet, limit: linkPayloadOctets)
    guard serves(wanted) else {
      return [refusal(of: client, .serviceNameError, "no such service here")]
    }
    guard countByStation[source, default: 0] < service.sessionsPerClient else {
      let number = service.sessionsPerClient
      return [
        refusal(of: client, .systemError, "this address has its \(number) session\(number == 1 ? "" : "s") already")
      ]
    }
    guard let place = freePlace(for: source), let sessionID = freeSessionID(for: source) else {
      return [refusal(of: client, .systemError, "all sessions are in use")]
    }
    client.sessionID = sessionID
    occupy(place, client, at: now)
    return [.call(place: place, client)]
  }

  /// The same client asks again: it has not heard from us yet, or our answer was lost.
  private func repeated(_ place: Int, from source: MACAddress) -> [Action] {
    guard let client = places[place].client, places[place].isEstablished else { return [] }
    return [.send(confirmation(of: client), to: source)]
  }

  private mutating func termination(of sessionID: UInt16, from source: MACAddress) -> [Action] {
    guard let place = byStation[SessionKey(station: source, sessionID: sessionID)] else {
      dropped.notOurs += 1
      return []
    }
    leave(place)
    return [.hangUp(place: place, reason: "the PPPoE client ended it")]
  }

  private func serves(_ name: [UInt8]) -> Bool {
    name.isEmpty || service.serviceNames.isEmpty || service.serviceNames.contains { Array($0.utf8) == name }
  }

  /// The tags that are sent back as they came; nil where there is not enough room for them.
  private func echoes(of packet: DiscoveryPacket) -> [DiscoveryPacket.Tag]? {
    var tags: [DiscoveryPacket.Tag] = []
    for (type, limit) in [
      (DiscoveryPacket.TagType.hostUnique, Self.maximumHostUniqueOctets), (.relaySessionID, Self.maximumRelayOctets),
    ] {
      guard let value = packet.first(type) else { continue }
      guard value.count <= limit else { return nil }
      tags.append(DiscoveryPacket.Tag(type, value))
    }
    // A name that nobody has declared goes back, too.
    guard (packet.first(.serviceName)?.count ?? 0) <= Self.maximumServiceNameOctets else { return nil }
    return tags
  }

  /// Octets of a Service-Name that are sent back.
  static let maximumServiceNameOctets = 256

  /// Bound to the client's address alone, and not to the service: the client may choose another one of those that it was offered.
  private func cookie(for station: MACAddress) -> [UInt8] {
    authenticator.authenticationCode(.sha1, key: secret, prefix: [], message: station.octets.span)
  }

  /// The payload that a client is granted (RFC 4638 section 4): what it asks for, as far as it passes; nil where that is no more than
  /// every client has.
  private func payload(wantedBy packet: DiscoveryPacket, limit: Int) -> Int? {
    guard let value = packet.first(.maximumPayload), value.count == 2 else { return nil }
    let octets = min(Int(value[0]) << 8 | Int(value[1]), limit)
    return octets > Self.usualPayloadOctets ? octets : nil
  }

  static func tag(payload octets: Int) -> DiscoveryPacket.Tag {
    DiscoveryPacket.Tag(.maximumPayload, [UInt8(truncatingIfNeeded: octets >> 8), UInt8(truncatingIfNeeded: octets)])
  }

  /// A SESSION_ID that the client does not have: neither 0 nor 0xFFFF (RFC 2516 section 4).
  private func freeSessionID(for station: MACAddress) -> UInt16? {
    var sessionID = drawSessionID()
    for _ in 0...places.count {
      if sessionID == 0 || sessionID == 0xFFFF { sessionID = 1 }
      if byStation[SessionKey(station: station, sessionID: sessionID)] == nil { return sessionID }
      sessionID &+= 1
    }
    return nil
  }
}
