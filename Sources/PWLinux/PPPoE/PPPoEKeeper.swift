internal import PPPoE
public import PWCore

/// Keeps the PPPoE access concentrators that a site declares: clients come by discovery packets, which it answers; their sessions are
/// the kernel's, and so is the way of their frames into the pseudowires. It holds a socket for each session, and they all go with it.
public final class PPPoEKeeper: LinkBackend {
  /// How soon a link that could not be listened on is tried again.
  private static let retryDelay = Duration.seconds(10)
  /// How often it is looked whether the kernel has all sessions still.
  private static let lookInterval = Duration.seconds(5)
  /// Lines of one second that go into the log: anybody on the link can cause some.
  private static let linesPerSecond = 50

  /// Told of clients and of what is for the log; not kept alive.
  public weak var delegate: (any LinkBackendDelegate)?

  let loop: EventLoop
  let service: NetlinkService
  let authenticator: any MessageAuthenticator
  private var points: [Name: AccessPoint] = [:]
  private var places: [LinkOwner: (point: AccessPoint, place: Int)] = [:]
  private var timer: EventLoop.TimerID?
  private var nextLook: Instant?
  private var lines = RateLimit(perSecond: PPPoEKeeper.linesPerSecond)

  private struct Name: Hashable {
    var tunnel: String
    var template: String
  }

  /// The declaration of a site: the clients of one template.
  public struct Declaration: Equatable, Sendable {
    /// The name of the tunnel that carries the clients' sessions.
    public var tunnel: String
    /// The name of the pseudowire declaration that the clients share.
    public var template: String
    /// How many pseudowires it stands for.
    public var sessions: Int
    /// The service that is offered, and the link that it is offered on.
    public var service: PPPoEService

    /// The pseudowire of a place, counted from 0.
    func owner(of place: Int) -> LinkOwner {
      LinkOwner(tunnel: tunnel, pseudowire: PseudowireTemplate.name(template, number: place + 1))
    }

    /// The declarations of a site.
    public static func all(in site: Site) -> [Declaration] {
      var found: [Declaration] = []
      var enabled: [Int] = []
      for tunnel in site.tunnels where tunnel.disabled == nil {
        for pseudowire in tunnel.pseudowires {
          guard let template = pseudowire.template, case .pppoe(let service) = pseudowire.circuit else { continue }
          if let last = found.indices.last, found[last].tunnel == tunnel.name, found[last].template == template {
            found[last].sessions += 1
          } else {
            found.append(Declaration(tunnel: tunnel.name, template: template, sessions: 1, service: service))
            enabled.append(0)
          }
          if pseudowire.disabled == nil { enabled[enabled.count - 1] += 1 }
        }
      }
      // A concentrator that cannot serve does not answer (RFC 2516 section 5.2).
      return zip(found, enabled).filter { $0.1 > 0 }.map(\.0)
    }
  }

  /// A keeper of nobody yet.
  ///
  /// - Parameters:
  ///   - loop: whose thread everything here is called on.
  ///   - service: the thread and the table of links that it shares with others.
  ///   - authenticator: HMAC, for the cookies that clients send back.
  public init(loop: EventLoop, service: NetlinkService, authenticator: any MessageAuthenticator) {
    self.loop = loop
    self.service = service
    self.authenticator = authenticator
    service.monitor.observe { [weak self] in self?.linkChanged($0) }
    timer = loop.makeTimer { [weak self] in self?.timerFired() }
  }

  /// Replaces what is declared: what is the same in both goes on, with its clients.
  public func apply(_ declarations: [Declaration]) {
    var old = points
    points = [:]
    places = [:]
    for declaration in declarations {
      let name = Name(tunnel: declaration.tunnel, template: declaration.template)
      if let point = old[name], point.declaration == declaration {
        old[name] = nil
        points[name] = point
      } else {
        points[name] = AccessPoint(declaration, self)
      }
    }
    for point in old.values { point.stop(because: "the service is no longer offered") }
    for point in points.values {
      for place in 0..<point.declaration.sessions { places[point.declaration.owner(of: place)] = (point, place) }
      point.follow(service.monitor[point.declaration.service.interface])
    }
    schedule()
  }

  /// Whether requests are for this keeper: those of a client's session, and the end of one.
  public func claims(_ owner: LinkOwner, _ requests: [LinkRequest]) -> Bool { places[owner] != nil }

  /// Replaces what a pseudowire wants; empty ends its client's session.
  ///
  /// - Parameters:
  ///   - owner: whose link.
  ///   - requests: what is wanted.
  ///   - channel: the end of the pseudowire's session, if the data plane has one to give.
  ///   - completion: called once it is so.
  public func setLinks(
    _ owner: LinkOwner, _ requests: [LinkRequest], channel: PPPChannel?, completion: @escaping () -> Void
  ) {
    if let (point, place) = places[owner] { point.setLinks(place, requests, channel: channel) }
    completion()
  }

  /// Those who have a session, by the pseudowire that carries it.
  public var clients: [LinkOwner: ClientStatus] {
    Dictionary(uniqueKeysWithValues: points.values.flatMap(\.clients).map { ($0.owner, $0.client) })
  }

  /// The problems that keep clients away, one line for each declaration, with the cure.
  public var problems: [String] { points.values.compactMap(\.problem).sorted() }

  /// Ends every session, and calls back at once: clients hear so.
  public func stop(expectedAt expected: Instant, completion: @escaping () -> Void) {
    for point in points.values { point.stop(because: "the access concentrator stops") }
    points = [:]
    places = [:]
    schedule()
    completion()
  }
}

// MARK: - Services for access points

extension PPPoEKeeper {
  func ask(_ owner: LinkOwner, _ demand: CircuitDemand) { delegate?.linkBackendTold(.demanded(owner, demand)) }

  func report(_ report: LinkReport) { delegate?.linkBackendTold(.reported(report)) }

  func notice(_ level: Event.Level, _ declaration: Declaration, _ place: Int?, _ message: String) {
    guard lines.allows(at: loop.now) else { return }
    let name = place.map { declaration.owner(of: $0).pseudowire } ?? declaration.template
    delegate?.linkBackendTold(.noticed(Event(level, .pppoe, tunnel: declaration.tunnel, pseudowire: name, message)))
  }

  /// Octets that nobody can guess.
  func secret() -> [UInt8] {
    (0..<4).flatMap { _ in
      withUnsafeBytes(of: UInt64.random(in: 0...UInt64.max)) { Array($0) }
    }
  }

  func schedule() {
    guard let timer else { return }
    var deadlines = points.values.compactMap(\.nextDeadline)
    if points.values.contains(where: \.isStuck) { deadlines.append(loop.now + PPPoEKeeper.retryDelay) }
    if points.values.contains(where: \.hasSessions) {
      if nextLook == nil { nextLook = loop.now + PPPoEKeeper.lookInterval }
    } else {
      nextLook = nil
    }
    if let nextLook { deadlines.append(nextLook) }
    loop.setTimer(timer, at: deadlines.min())
  }

  private func timerFired() {
    let looks = nextLook.map { $0 <= loop.now } ?? false
    if looks { nextLook = nil }
    for point in points.values {
      if looks { point.look() }
      point.expire()
      if point.isStuck { point.listen() }
    }
    schedule()
  }

  private func linkChanged(_ change: LinkChange) {
    // Links come by the thousand, where most sites have no client at all.
    guard !points.isEmpty else { return }
    let names: [String]
    switch change {
    case .changed(let old, let new):
      names = old.map { $0.name == new.name ? [new.name] : [$0.name, new.name] } ?? [new.name]
    case .removed(let link): names = [link.name]
    case .addressed: return
    }
    for point in points.values where names.contains(point.declaration.service.interface) {
      point.follow(service.monitor[point.declaration.service.interface])
    }
    schedule()
  }
}
