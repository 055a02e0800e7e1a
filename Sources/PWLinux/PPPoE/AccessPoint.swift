import PPPoE
import PWCore

/// One declaration of clients that come by PPPoE: its concentrator, with the link that they are on and the sessions that they have.
final class AccessPoint {
  /// The declaration of these clients: tunnel, template, number of sessions, and the service offered.
  let declaration: PPPoEKeeper.Declaration
  /// The problem that keeps clients away, with the cure; nil when they can come.
  private(set) var problem: String? {
    didSet {
      if let problem, problem != oldValue { keeper.notice(.warning, declaration, nil, problem) }
    }
  }

  private unowned let keeper: PPPoEKeeper
  private var concentrator: AccessConcentrator
  private var socket: DiscoverySocket?
  private var link: LinkInfo?
  private var sessions: [Int: PPPoESession] = [:]

  init(_ declaration: PPPoEKeeper.Declaration, _ keeper: PPPoEKeeper) {
    self.declaration = declaration
    self.keeper = keeper
    concentrator = AccessConcentrator(
      service: declaration.service, sessions: declaration.sessions, secret: keeper.secret(),
      drawSessionID: { UInt16.random(in: 1..<0xFFFF) }, authenticator: keeper.authenticator)
  }

  /// When it wants to be looked at.
  var nextDeadline: Instant? { concentrator.nextDeadline }

  /// Whether its link is there and it should be listening, but is not.
  var isStuck: Bool { socket == nil && link?.isUp == true }

  /// Those who have a session, with its owner.
  var clients: [(owner: LinkOwner, client: ClientStatus)] {
    (0..<concentrator.placeCount).compactMap { place in
      guard let (client, since) = concentrator.client(of: place) else { return nil }
      return (
        owner(of: place),
        ClientStatus(
          address: client.station.description, sessionID: client.sessionID, serviceName: client.serviceText,
          since: since)
      )
    }
  }

  // MARK: The link

  /// Takes in what has become of the link: the kernel ends its PPPoE sessions when it goes down, or when its address or MTU changes.
  func follow(_ new: LinkInfo?) {
    let usable = new.flatMap { $0.isUp ? $0 : nil }
    if let old = link, let reason = AccessPoint.end(of: old, in: usable) {
      for place in 0..<concentrator.placeCount where concentrator.waiting(at: place) != nil { drop(place, reason) }
      socket?.close()
      socket = nil
    }
    link = usable
    guard let usable else {
      problem =
        new == nil
        ? "there is no link \(declaration.service.interface) (yet): PPPoE clients of '\(declaration.template)' are on it"
        : "\(declaration.service.interface) is down: set it up, or PPPoE clients of '\(declaration.template)' get no "
          + "answer"
      return
    }
    concentrator.linkPayloadOctets = max(0, usable.mtuOctets - AccessPoint.headerOctets)
    if socket == nil { listen() }
  }

  /// PPPoE's header, and PPP's protocol number (RFC 2516 section 7).
  private static let headerOctets = 8

  private static func end(of old: LinkInfo, in new: LinkInfo?) -> String? {
    guard let new, new.index == old.index else { return "the link \(old.name) is down" }
    if new.address != old.address || new.mtuOctets != old.mtuOctets { return "the link \(old.name) was changed" }
    return nil
  }

  /// Opens the socket; a failure is told, and tried again later.
  func listen() {
    guard let link else { return }
    do throws(StepFailure) {
      if let obstacle = PPPoESession.obstacle { throw StepFailure(message: obstacle) }
      guard link.address.count == MACAddress.octetCount else {
        throw StepFailure(
          message: "\(link.name) is not an Ethernet link; name a card, a VLAN device or a bridge in 'pppoe'")
      }
      do throws(SystemError) {
        socket = try DiscoverySocket(link, keeper.loop) { [unowned self] octets, station, isForUs in
          act(concentrator.receive(octets, from: station, isForUs: isForUs, at: keeper.loop.now))
        }
      } catch {
        throw StepFailure(message: "\(error)")
      }
      problem = nil
      keeper.notice(.info, declaration, nil, "listening for PPPoE clients on \(link.name)")
    } catch {
      problem = error.message
    }
  }

  // MARK: Sessions

  /// Takes in what the pseudowire of a place wants now.
  func setLinks(_ place: Int, _ requests: [LinkRequest], channel: PPPChannel?) {
    let carriage = requests.lazy.compactMap { request in
      if case .pppCarriage(let carriage) = request { carriage } else { nil }
    }.first
    guard let carriage else {
      close(place)
      return act(concentrator.ended(place, reason: "the network does not carry the session now; try again later"))
    }
    guard carriage.isUp else { return }
    guard let client = concentrator.waiting(at: place) else {
      // It has gone while the session came up.
      return keeper.ask(owner(of: place), .over(reason: "the PPPoE client has gone"))
    }
    if sessions[place] == nil {
      do throws(StepFailure) {
        guard let channel else {
          throw StepFailure(message: "the data plane carries no PPP; write 'data-plane: kernel'")
        }
        sessions[place] = try PPPoESession(with: client, on: declaration.service.interface, joinedTo: channel)
      } catch {
        keeper.notice(.warning, declaration, place, error.message)
        return drop(place, error.message)
      }
    }
    let isNew = concentrator.client(of: place) == nil
    act(concentrator.established(place, payloadOctets: carriage.payloadOctets, at: keeper.loop.now))
    if isNew { keeper.notice(.info, declaration, place, "PPPoE session \(client.sessionID) with \(client.station)") }
    keeper.report(LinkReport(owner: owner(of: place), mtuOctets: carriage.payloadOctets))
  }

  /// Those who have waited too long are told so.
  func expire() { act(concentrator.expire(at: keeper.loop.now)) }

  /// Whether there is anything that ``look()`` looks at.
  var hasSessions: Bool { !sessions.isEmpty }

  /// Gives up the sessions that the kernel has ended without our having heard of it.
  func look() {
    for (place, session) in sessions where !session.isConnected { drop(place, "the PPPoE session is gone") }
  }

  /// Ends all sessions, those of waiting clients too, and tells the clients why.
  func stop(because reason: String) {
    for place in 0..<concentrator.placeCount where concentrator.waiting(at: place) != nil {
      close(place)
      act(concentrator.ended(place, reason: reason))
    }
    socket?.close()
    socket = nil
  }

  /// A session that we cannot go on with: its client hears of it, and so does the peer.
  private func drop(_ place: Int, _ reason: String) {
    close(place)
    act(concentrator.ended(place, reason: reason))
    keeper.ask(owner(of: place), .over(reason: reason))
  }

  private func close(_ place: Int) {
    guard let session = sessions.removeValue(forKey: place) else { return }
    keeper.service.submit(.delete) { _ in
      session.close()
    } completion: {
    }
  }

  private func act(_ actions: [AccessConcentrator.Action]) {
    for action in actions {
      switch action {
      case .send(let packet, let station): send(packet, to: station)
      case .call(let place, let client):
        keeper.notice(.debug, declaration, place, "PPPoE client \(client.station) asks for a session")
        keeper.ask(owner(of: place), .wanted)
      case .hangUp(let place, let reason):
        close(place)
        keeper.ask(owner(of: place), .over(reason: reason))
      }
    }
    if !actions.isEmpty { keeper.schedule() }
  }

  private func send(_ packet: DiscoveryPacket, to station: MACAddress) {
    do throws(SystemError) {
      try socket?.send(packet, to: station)
    } catch {
      keeper.notice(.debug, declaration, nil, "\(error)")
    }
  }

  private func owner(of place: Int) -> LinkOwner { declaration.owner(of: place) }
}
