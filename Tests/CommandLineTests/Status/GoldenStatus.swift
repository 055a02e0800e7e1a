import Foundation
import PWCore

@testable import PWLinux
@testable import PWPluginHost
@testable import pwmgr

/// The status of a site of which everything is known, and of one of which nothing is.
enum GoldenStatus {
  /// Not a whole second on the engine's clock, and not on the wall.
  static let clock = WallClock(now: now, date: Date(timeIntervalSince1970: 1_800_000_000.75))

  private static let now = ago(0)

  static func ago(_ seconds: Double) -> Instant {
    Instant(nanoseconds: UInt64((1_000_000.5 - seconds) * 1_000_000_000))
  }

  /// Everything is set, of each enumeration every case.
  static func full() -> StatusDocument {
    let report = StatusReport(
      site: site(), daemon: daemon(), problems: ["the site file was refused: line 3"],
      clients: [
        LinkOwner(tunnel: "berlin", pseudowire: "dsl-2"): ClientStatus(
          address: "02:00:00:00:00:01", sessionID: 7, serviceName: "internet", since: ago(5.8))
      ],
      pluginProblems: [LinkOwner(tunnel: "berlin", pseudowire: "painted"): ["the plugin has no brush"]])
    var dropped = DroppedMessages()
    (dropped.malformed, dropped.version2, dropped.unauthentic, dropped.notAllowed) = (1, 2, 3, 4)
    (dropped.rateLimited, dropped.noPlace, dropped.displaced, dropped.misaddressed) = (5, 6, 7, 8)
    dropped.misnamed = 9
    let status = SiteStatus(
      tunnels: [tunnel()] + states(),
      bridges: [.init(name: "br-lan", problems: ["member eth9 is not there"]), .init(name: "br-well", problems: [])],
      problems: ["UDP port 1701 is taken"], dropped: dropped, halfOpenConnections: 3)
    return report.document(status, counters: counters())
  }

  private static func daemon() -> StatusDocument.Daemon {
    StatusDocument.Daemon(
      site: "amsterdam", version: "0.0.0", processID: 42, started: ago(90_061.25), siteSince: ago(61.5),
      isSiteFileRefused: true, siteFileRefusal: "the site file was refused: line 3", now: now,
      dataPlane: .init(kind: .userspace, reason: "the site file asks for it"),
      controlMessagesSent: ["SCCRQ": 1, "ZLB": 4],
      plugins: [
        PluginReport(
          name: "paint", path: "/usr/lib/pwmgr/plugins/paint", state: .waiting, since: ago(3), version: "1.0",
          processIdentifier: 4711, restarts: 2, problems: ["it ended with status 3"],
          messages: [.init(at: ago(75.5), text: "no key")], nextStart: ago(-5)),
        PluginReport(
          name: "plain", path: "/usr/lib/pwmgr/plugins/plain", state: .running, since: ago(4), version: nil,
          processIdentifier: nil, restarts: 0, problems: [], messages: [], nextStart: nil),
      ])
  }

  /// Nothing has happened yet: a tunnel, a pseudowire, and what they are declared with.
  static func bare() -> StatusDocument {
    let report = StatusReport(
      site: Site(name: "amsterdam", routerID: 1),
      daemon: StatusDocument.Daemon(
        site: "amsterdam", version: "0.0.0", processID: 42, started: now, siteSince: now, now: now,
        dataPlane: .init(kind: .null, reason: "none was asked for"), controlMessagesSent: [:]))
    var tunnel = TunnelStatus(
      name: "berlin", state: Since(.idle, since: now), peer: "berlin.example", encapsulation: .udp)
    tunnel.pseudowires = [PseudowireStatus(declaration: declaration("lan", RemoteEndID(number: 100)), at: now)]
    let empty = TunnelStatus(name: "paris", state: Since(.idle, since: now), peer: "any", encapsulation: .ip)
    return report.document(
      SiteStatus(tunnels: [tunnel, empty], bridges: [], problems: []), counters: DataPlaneCounters())
  }

  private static func site() -> Site {
    var painted = declaration("painted", RemoteEndID(number: 1))
    painted.plugin = "paint"
    var tunnel = TunnelDeclaration(name: "berlin", peer: .address(.v4(0xC000_0202)))
    tunnel.pseudowires = [painted]
    var site = Site(name: "amsterdam", routerID: 0xC000_0201)
    site.tunnels = [tunnel]
    site.plugins = [PluginDeclaration(name: "paint", path: "/p", type: .init(rawValue: 0x7001), payload: .ethernet)]
    return site
  }

  /// A control connection of which everything is known.
  static func tunnel() -> TunnelStatus {
    var status = TunnelStatus(
      name: "berlin", state: Since(.established, since: ago(3_600)), peer: "berlin.example", encapsulation: .udp)
    status.remote = Endpoint(address: .v4(0xC000_0202), port: 1701)
    status.local = Endpoint(address: .v6(high: 0x2001_0DB8_0000_0000, low: 1, zone: nil), port: 40_000)
    (status.localID, status.peerID) = (ControlConnectionID(rawValue: 7), ControlConnectionID(rawValue: .max))
    (status.peerAddressNumber, status.peerAddressCount) = (2, 3)
    (status.peerHostName, status.peerRouterID) = ("berlin", 0xC000_0202)
    (status.pathMTUOctets, status.isPathMTUProbed) = (1492, true)
    (status.dscp, status.peerUsesDSCP) = (DSCP(name: "ef"), true)
    (status.copiesDSCP, status.hopLimit) = (true, 64)
    status.protection = ProtectionStatus(
      demand: .required, found: .esp(algorithm: "rfc4106(gcm(aes))"), since: ago(3_600))
    status.descriptionText = "Berlin, circuit 4711"
    status.disabled = .command
    (status.digest, status.secret) = (.sha1, "berlin-2026")
    status.isChallengeAnswered = true
    (status.hiding, status.peerHides) = (.sensitive, true)
    (status.compatibility, status.isCompatibilityLearned) = (.cisco, true)
    status.establishedCount = 2
    status.lastError = Since("the peer was silent", since: ago(4_000.75))
    (status.unansweredRequests, status.nextAttempt) = (3, ago(-12.5))
    status.lastHeard = ago(2.5)
    status.pseudowires = [pseudowire()] + circuits() + clients()
    return status
  }

  /// Tunnels in the other states, each with other cases of what has cases.
  private static func states() -> [TunnelStatus] {
    let states: [TunnelStatus.State] = [.idle, .preparing, .waitReply, .waitConnected, .closing]
    return states.enumerated().map { index, state in
      var status = TunnelStatus(
        name: "in-\(state.rawValue)", state: Since(state, since: ago(90.25)), peer: "any", encapsulation: .ip)
      status.remote = Endpoint(address: .v6(high: 0x2001_0DB8_0000_0000, low: 2, zone: nil))
      status.local = Endpoint(address: .v4(0xC000_0201))
      status.digest = index == 0 ? .md5 : nil
      status.hiding = index == 1 ? .all : .none
      status.compatibility = index == 2 ? .automatic : .rfc
      status.pathMTUOctets = index == 3 ? 1500 : nil
      status.protection = protection(index)
      return status
    }
  }

  private static func protection(_ index: Int) -> ProtectionStatus? {
    let gaps = [ProtectionGap(.policyIn, "no policy covers them"), ProtectionGap(.wireGuard, "no WireGuard")]
    return [
      ProtectionStatus(demand: .required, found: .missing(gaps), since: ago(60)),
      ProtectionStatus(demand: .required),
      ProtectionStatus(demand: .expected, found: .missing([gaps[0]]), since: ago(30)),
      ProtectionStatus(demand: .expected, found: .wireGuard(link: "wg0"), since: ago(20)), nil,
    ][index]
  }

  private static func declaration(_ name: String, _ endID: RemoteEndID, type: PseudowireType = .ethernet)
    -> PseudowireDeclaration
  {
    PseudowireDeclaration(name: name, type: type, remoteEndID: endID, interfaceName: "pw-\(name)")
  }

  /// A session of which everything is known.
  static func pseudowire() -> PseudowireStatus {
    var declaration = declaration("painted", RemoteEndID(number: 100), type: PseudowireType(rawValue: 0x7001))
    declaration.localEndID = RemoteEndID(text: "here")
    declaration.attachmentGroup = RemoteEndID(octets: [0, 0xFF])
    var status = PseudowireStatus(declaration: declaration, at: now)
    status.attachment = AttachmentCircuit.bridge("br-lan").words
    status.descriptionText = "the office's LAN"
    status.disabled = .siteFile
    status.state = Since(.established, since: ago(60.5))
    status.forwarding = Since(.yes, since: ago(59.25))
    (status.localID, status.peerID) = (SessionID(rawValue: 11), SessionID(rawValue: 22))
    (status.receiveCookieLengthOctets, status.transmitCookieLengthOctets) = (8, 4)
    (status.sublayer, status.isSequenced) = (.standard, true)
    (status.mtuOctets, status.interfaceMTUOctets, status.peerInterfaceMTUOctets) = (1400, 1400, 1500)
    status.addresses = ["10.9.0.1 peer 10.9.0.2"]
    (status.localCircuit, status.peerCircuit) = ([.active, .new], .standby)
    (status.peerTransmitSpeed, status.peerReceiveSpeed) = (1_000_000_000, 0)
    var errors = CircuitErrors()
    (errors.crc, errors.framing, errors.hardwareOverruns) = (1, 2, 3)
    (errors.bufferOverruns, errors.timeouts, errors.alignment) = (4, 5, .max)
    status.peerErrors = errors
    status.warnings = [PseudowireWarning(.interfaceMTU, "the peer's interface has MTU 1500")]
    status.establishedCount = 5
    status.lastError = Since("the kernel said no", since: ago(3_600))
    return status
  }

  /// One with each attachment circuit, each in another state.
  private static func circuits() -> [PseudowireStatus] {
    let service = PPPoEService(interface: "eth2", concentratorName: "ac", serviceNames: [], sessionsPerClient: 1)
    let circuits: [(AttachmentCircuit, RemoteEndID, PseudowireType, PseudowireStatus.State)] = [
      (.none, RemoteEndID(text: "lan"), .ethernet, .idle),
      (.member("eth1"), RemoteEndID(text: "12345"), .ethernet, .waitControlConnection),
      (.vlan(port: "eth1", VLANTag(111)), RemoteEndID(octets: []), .ethernetVLAN, .waitReply),
      (.vlan(port: "eth1", VLANTag(112, .service)), RemoteEndID(octets: [0]), .ethernetVLAN, .waitConnect),
      (.trunk(port: "eth1", VLANSet([1...50, 100...100])), RemoteEndID(text: "a b"), .ethernet, .waitAnswer),
      (.pppoe(service), RemoteEndID(number: .max), .ppp, .established),
      (.bridge("br-lan"), RemoteEndID(number: 0), PseudowireType(rawValue: 0x6789), .established),
    ]
    return circuits.enumerated().map { index, circuit in
      var status = PseudowireStatus(declaration: declaration("c\(index)", circuit.1, type: circuit.2), at: ago(7.75))
      (status.attachment, status.state.value) = (circuit.0.words, circuit.3)
      status.forwarding = Since(
        .no(because: [
          ForwardingObstacle(.circuit, "first of \(index)"), ForwardingObstacle(.links, "the kernel said no"),
        ]), since: ago(6.5))
      if index == 1 { status.lastError = Since("the kernel said no", since: ago(2)) }
      if index == 2 { status.lastError = Since("the wire was cut", since: ago(2)) }
      if index == 3 { status.localID = SessionID(rawValue: 33) }
      return status
    }
  }

  /// Two of one template: an idle one, which is counted, and one that a client has asked for.
  private static func clients() -> [PseudowireStatus] {
    (1...2).map { number in
      var declaration = declaration("dsl-\(number)", RemoteEndID(number: UInt32(number)), type: .ppp)
      declaration.template = "dsl"
      var status = PseudowireStatus(declaration: declaration, at: ago(8))
      status.attachment = "pppoe on eth2"
      if number == 2 { status.state.value = .established }
      status.lastError = Since("the peer said no", since: ago(60))
      return status
    }
  }

  private static func counters() -> DataPlaneCounters {
    var session = TrafficCounters()
    (session.transmittedPackets, session.transmittedOctets, session.transmitErrors) = (1, 2, 3)
    (session.receivedPackets, session.receivedOctets, session.receiveErrors) = (4, 5, 6)
    (session.cookieDiscards, session.sequenceDiscards, session.missingPackets) = (7, 8, .max)
    let tunnel = ControlConnectionID(rawValue: 7)
    return DataPlaneCounters(
      sessions: [
        SessionKey(tunnel: tunnel, session: SessionID(rawValue: 11)): session,
        SessionKey(tunnel: tunnel, session: SessionID(rawValue: 33)): TrafficCounters(),
      ], tunnels: [tunnel: session])
  }
}
