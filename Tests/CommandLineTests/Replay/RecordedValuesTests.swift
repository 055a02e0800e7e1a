import Foundation
import PWCore
import Testing

@testable import pwmgr

/// Every kind of input and output reads back as it was written.
@Suite struct RecordedValuesTests {
  private static let endpoint = Endpoint(address: .v4(0xC000_0201), port: 1701)
  private static let scoped = Endpoint(address: .v6(high: 0xFE80_0000_0000_0000, low: 1, zone: "eth0%odd name"))
  private static let connection = ControlConnectionID(rawValue: .max)
  private static let session = SessionID(rawValue: 7)
  private static let owner = LinkOwner(tunnel: "to berlin", pseudowire: "lan")

  private static let avps = [PluginAVP(vendorID: 43_793, type: 1, value: [0, 255])].compactMap { $0 }

  private static let pseudowire: PseudowireDeclaration = {
    var declaration = PseudowireDeclaration(
      name: "lan", type: .ethernet, remoteEndID: RemoteEndID(text: "häuser"), interfaceName: "pw0",
      cookieLengthOctets: 4, sublayer: .standard, isSequenced: true,
      options: .mapping([
        (key: "bridge", value: .scalar("br0")), (key: "a", value: .sequence([.scalar(""), .mapping([])])),
        (key: "pairs", value: .mapping([(key: "pairs", value: .sequence([]))])),
      ]))
    declaration.localEndID = RemoteEndID(number: 7)
    declaration.attachmentGroup = RemoteEndID(text: "vpn")
    declaration.interfaceMTU = .octets(1400)
    declaration.refusesMTUMismatch = true
    declaration.plugin = "paint"
    declaration.disabled = .command
    declaration.descriptionText = "circuit 1"
    declaration.staticSession = StaticSession(
      localID: session, peerID: SessionID(rawValue: .max), receiveCookie: Cookie(number: 1, lengthOctets: 4),
      transmitCookie: Cookie(number: .max, lengthOctets: 8))
    declaration.circuit = .bridge("br0")
    declaration.offeredAVPs = avps
    return declaration
  }()

  /// A site in which everything is declared that can be.
  private static func site() throws -> Site {
    var address = TunnelDeclaration(name: "berlin", peer: .address(endpoint.address), encapsulation: .ip, role: .accept)
    address.local = scoped.address
    address.bindDevice = "eth0"
    address.family = .v6
    address.localPort = 1
    address.answerPort = 65_535
    address.peerHostName = "berlin \"quoted\"\n"
    address.peerRouterID = .max
    address.dscp = DSCP(name: "ef")
    address.authentication = Authentication(
      digest: .md5, secretFile: "/etc/pwmgr/new", previousSecretFile: "/etc/pwmgr/old", hiding: .sensitive)
    address.compatibility = .automatic
    address.peerPort = 2
    address.listenPort = 3
    address.hopLimit = 4
    address.copiesDSCP = true
    address.probesPath = true
    address.protection = .required
    address.disabled = .siteFile
    address.descriptionText = "circuit 2"
    address.staticConnection = StaticConnection(localID: connection, peerID: ControlConnectionID(rawValue: .max))
    address.liveness = .seconds(30)
    address.declaresSessions = true
    address.helloInterval = .milliseconds(1500)
    address.reliability.setupTimeout = .zero
    address.reconnection.maximumDelay = .seconds(86_400)
    address.pseudowires = [pseudowire]
    let name = TunnelDeclaration(name: "paris", peer: .name("paris.example"))
    let prefix = try #require(IPPrefix(.v4(0xC000_0200), lengthBits: 24))
    let some = TunnelDeclaration(name: "some", peer: .prefix(prefix), role: .accept)
    let any = TunnelDeclaration(name: "any", peer: .any, role: .accept)
    var site = Site(name: "amsterdam", routerID: 0xC000_0201, dataPlane: .userspace)
    site.hostName = "host"
    site.controlGroup = "netdev"
    site.controlGroupAdmin = "netadmins"
    var challenged = TunnelDeclaration(name: "old", peer: .address(.v4(1)))
    challenged.authentication = Authentication(secretFile: "/etc/pwmgr/old")
    challenged.authentication?.method = .challenge
    let list = TunnelDeclaration(name: "list", peer: .list([.address(.v4(0xC000_0202)), .name("paris.example")]))
    site.tunnels = [address, name, some, any, list, challenged]
    site.bridges = [
      BridgeDeclaration(name: "br0", members: ["eth1", "eth2"], spanningTree: false, mtuOctets: 9000),
      BridgeDeclaration(name: "br1"),
    ]
    site.plugins = [
      PluginDeclaration(
        name: "paint", path: "/plugins/paint", type: PseudowireType(rawValue: 0x7001), payload: .ethernet)
    ]
    return site
  }

  private static func inputs() throws -> [Input] {
    let datagram = Datagram(
      octets: Array(0...255), source: endpoint, local: scoped, encapsulation: .udp, socket: SocketID(rawValue: .max))
    var ppp = LinkRequest.PPPTermination(name: "ppp0", isUp: true, mtuOctets: 1452)
    ppp.ipv4 = .init(local: endpoint.address, peer: nil)
    ppp.credentials = .init(name: "a", secretFile: "/s/a")
    ppp.demand = .init(method: .msCHAPv2, peerName: "b", secretFile: "/s/b")
    ppp.echo = .init(intervalSeconds: 10, failureCount: 3)
    ppp.hooks = .init(up: "/h/up", down: nil)
    let links: [LinkRequest] = [
      .pppTermination(ppp), .pppCarriage(.init(isUp: true, payloadOctets: 1452)),
      .session(.init(name: "pw0", mtu: .carry, isUp: true)),
      .session(.init(name: "pw0", mtu: .octets(1400), isUp: false)),
      .bridgePort(.init(link: "pw0", bridge: "br0", isIsolated: true)),
      .pointToPoint(.init(link: "pw0", member: "eth1", passesFaultToMember: true)),
    ]
    let failure = EffectFailure("no \u{1F600} \\ memory", isTemporary: false, isIdentifierInUse: true)
    let completions: [Completion] = [
      .name(EffectID(rawValue: 0), .success([endpoint.address, scoped.address])),
      .plane(.socketOpened(EffectID(rawValue: .max), .success(scoped))),
      .plane(.socketConnected(EffectID(rawValue: 1), .success(SocketPath(local: endpoint, pathMTUOctets: 1492)))),
      .plane(.changed(EffectID(rawValue: 1), .done)), .links(EffectID(rawValue: 2), .done),
      .protection(EffectID(rawValue: 4), .success(.wireGuard(link: "wg0"))),
      .protection(EffectID(rawValue: 5), .success(.esp(algorithm: "cbc(aes)"))),
      .protection(EffectID(rawValue: 6), .success(.missing([ProtectionGap(.policyIn, "none \u{1F600}")]))),
      .protection(EffectID(rawValue: 7), .failed(failure)),
      .name(EffectID(rawValue: 3), .failed(failure)), .plane(.socketOpened(EffectID(rawValue: 3), .failed(failure))),
      .plane(.socketConnected(EffectID(rawValue: 3), .failed(failure))),
      .plane(.changed(EffectID(rawValue: 3), .failed(failure))), .links(EffectID(rawValue: 3), .failed(failure)),
    ]
    return [
      .datagram(datagram), .deadline,
      .site(try site(), secrets: ["berlin": TunnelSecrets([1, 2], previous: [0xFF]), "a": TunnelSecrets([])]),
      .answered(ConsultationID(rawValue: 1), .links(links)),
      .answered(
        ConsultationID(rawValue: 2),
        .refuse(CallResult(.administrative, error: .wrongLength, text: "why"), reason: "because")),
      .link(LinkState(name: "eth1", isUp: true, mtuOctets: nil)),
      .circuit(owner, .wanted), .circuit(owner, .over(reason: "gone")),
      .links(
        LinkReport(
          owner: owner,
          problems: [.init(.links, "one"), .init(.links, ""), .init(.spanningTree, "it blocks eth1")],
          warnings: [.init(.other, "two"), .init(.firewall, "it may drop")], mtuOctets: 1500, addresses: ["::1"])),
      .bridge(name: "br0", problems: ["a problem"]), .dataReceived(connection), .pathMTU(connection, octets: 1280),
      .pathMTU(connection, octets: 1280, firstLinkOctets: 9000),
      .pathMTU(
        connection, octets: 1280, firstLinkOctets: 9000,
        firstHop: FirstHop(interfaceIndex: 2, gateway: .v4(0xC000_02FE))),
      .unreachable(SocketID(rawValue: 3), .withoutAddress(besides: .v4(0xC000_0207))),
      .unreachable(SocketID(rawValue: 3), Unreachable("nobody there", isFinal: true)),
      .unreachable(SocketID(rawValue: 3), .tooLarge(passing: 1280, message: "ICMP fragmentation needed")),
      .dataStrayed(StrayPacket(session: session, source: endpoint, local: scoped)),
      .dataStrayed(StrayPacket(session: session, source: endpoint, local: scoped, following: [0, 9, 255])),
      .boundDevice(name: "u0", problem: "is gone"), .boundDevice(name: "u0", problem: nil),
      .dataDiscarded(connection, session, DiscardedPackets(withWrongCookie: 9, hasPassedOn: true)),
      .dataLoss(connection, session, PacketLoss(lost: 1, received: .max)),
      .dataPathLost(connection, session, reason: "gone"), .dataPathLost(connection, nil, reason: "gone"), .shutdown,
      .crashedBefore, .protectionChanged,
    ] + completions.map { .completed($0) }
  }

  private static func outputs() -> [Output] {
    let socket = SocketID(rawValue: 3)
    let request = SocketRequest(
      encapsulation: .ip, family: .v6, local: nil, localPort: 0, bindDevice: "eth0", connectionID: connection,
      remote: scoped)
    let changes: [PlaneChange] = [
      .listen(socket, request), .closeSocket(socket),
      .createTunnel(
        TunnelRequest(socket: socket, encapsulation: .udp, localID: connection, peerID: connection, remote: endpoint)),
      .deleteTunnel(connection, socket: socket),
      .createSession(
        SessionRequest(
          tunnelID: connection, localID: session, peerID: session, payload: .ppp, interfaceName: "pw0",
          receiveCookie: Cookie(number: 0xFF, lengthOctets: 8), transmitCookie: Cookie(), sublayer: .none,
          isSequenced: false, owner: owner)),
      .deleteSession(tunnelID: connection, sessionID: session),
      .releaseInterfaces([SessionInterface(owner: owner, name: "pw0")]),
    ]
    let effects: [Effect] = [
      .name(EffectID(rawValue: 0), NameRequest(name: "paris.example", family: .v4)),
      .plane(.openSocket(EffectID(rawValue: .max), socket, request)),
      .plane(.connectSocket(EffectID(rawValue: 1), socket, to: endpoint, peerID: connection)),
      .links(EffectID(rawValue: 1), .setLinks(owner, [])),
      .links(EffectID(rawValue: 2), .setBridges([BridgeDeclaration(name: "br0")])),
      .protection(
        EffectID(rawValue: 3), ProtectionQuestion(encapsulation: .ip, local: scoped, remote: endpoint, device: "eth0")),
    ]
    var question = PluginQuestion(
      owner: owner, declaration: pseudowire, phase: .established, isPeerCircuitActive: true, pathMTUOctets: 1500,
      overheadOctets: 46)
    question.peerAVPs = avps
    return [
      .send(Transmission(octets: [0xC8, 3], socket: socket, destination: endpoint)),
      .consult(ConsultationID(rawValue: 4), question),
      .event(
        Event(
          .warning, .peerMoved, tunnel: "berlin", pseudowire: nil,
          fields: [.number(.octets, 7), EventField(.reasons, .texts(["circuit"]))], "something")), .stopped,
    ] + effects.map { .perform($0) }
      + changes.map { .perform(.plane(.change(EffectID(rawValue: 3), $0))) }
  }

  private func reread<Value: Codable>(_ value: Value) throws -> Value {
    try JSONDecoder().decode(Value.self, from: JSONEncoder().encode(value))
  }

  /// A property that nobody sets would read back as its default, whether it is written or not.
  @Test func everyPropertyOfATunnelIsAnother() throws {
    let (declared, usual) = (try Self.site().tunnels[0], TunnelDeclaration(name: "", peer: .any))
    for (child, other) in zip(Mirror(reflecting: declared).children, Mirror(reflecting: usual).children) {
      #expect("\(child.value)" != "\(other.value)", "\(child.label ?? "") is as it is by default")
    }
  }

  @Test func everyKindOfInputReadsBack() throws {
    let inputs = try Self.inputs()
    for input in inputs {
      #expect(try reread(input) == input)
      #expect(!CourseText.words(input).contains("\n"))
    }
    #expect(Set(inputs.map(\.kind)).count == Input.kinds)
    #expect(Set(inputs.compactMap(\.completionKind)).count == Completion.kinds)
  }

  @Test func everyKindOfOutputReadsBack() throws {
    let outputs = Self.outputs()
    for output in outputs {
      #expect(try reread(output) == output)
      #expect(!CourseText.words(output).contains("\n"))
    }
    #expect(Set(outputs.map(\.kind)).count == Output.kinds)
    #expect(Set(outputs.compactMap(\.effectKind)).count == Effect.kinds)
  }

  @Test(arguments: [
    "\"192.0.2.300\"", "\"192.0.2.1%eth0\"", "\"\"", "\"%\"", "\"fe80::g\"", "7",
  ]) func whatIsNoAddressIsRefused(text: String) {
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(IPAddress.self, from: Data(text.utf8)) }
  }

  @Test(arguments: ["\"012\"", "\"0\"", "\"0G\"", "\"AA\"", "\"é0\""]) func whatAreNoOctetsIsRefused(text: String) {
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(OctetText.self, from: Data(text.utf8)) }
  }

  @Test func whatNoProgramWouldWriteIsRefused() {
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(Cookie.self, from: Data("\"0102\"".utf8)) }
    let prefix = Data(#"{"address":"192.0.2.1","lengthBits":24}"#.utf8)
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(IPPrefix.self, from: prefix) }
  }
}

// MARK: - Kinds: the compiler asks here for each that is added

extension Input {
  fileprivate static let kinds = 20

  fileprivate var kind: Int {
    switch self {
    case .datagram: 0
    case .deadline: 1
    case .site: 2
    case .completed: 3
    case .answered: 4
    case .link: 5
    case .links: 6
    case .bridge: 7
    case .dataReceived: 8
    case .pathMTU: 9
    case .dataPathLost: 10
    case .shutdown: 11
    case .dataLoss: 12
    case .circuit: 13
    case .dataDiscarded: 14
    case .unreachable: 15
    case .crashedBefore: 16
    case .boundDevice: 17
    case .dataStrayed: 18
    case .protectionChanged: 19
    }
  }

  fileprivate var completionKind: Int? {
    guard case .completed(let completion) = self else { return nil }
    return switch completion {
    case .name(_, .success): 0
    case .name(_, .failed): 1
    case .plane(.socketOpened(_, .success)): 2
    case .plane(.socketOpened(_, .failed)): 3
    case .plane(.socketConnected(_, .success)): 4
    case .plane(.socketConnected(_, .failed)): 5
    case .plane(.changed(_, .success)): 6
    case .plane(.changed(_, .failed)): 7
    case .links(_, .success): 8
    case .links(_, .failed): 9
    case .protection(_, .success): 10
    case .protection(_, .failed): 11
    }
  }
}

extension Completion {
  fileprivate static let kinds = 12
}

extension Output {
  fileprivate static let kinds = 5

  fileprivate var kind: Int {
    switch self {
    case .send: 0
    case .perform: 1
    case .consult: 2
    case .event: 3
    case .stopped: 4
    }
  }

  fileprivate var effectKind: Int? {
    guard case .perform(let effect) = self else { return nil }
    return switch effect {
    case .name: 0
    case .plane(.openSocket): 1
    case .plane(.connectSocket): 2
    case .plane(.change(_, .listen)): 3
    case .plane(.change(_, .closeSocket)): 4
    case .plane(.change(_, .createTunnel)): 5
    case .plane(.change(_, .deleteTunnel)): 6
    case .plane(.change(_, .createSession)): 7
    case .plane(.change(_, .deleteSession)): 8
    case .plane(.change(_, .releaseInterfaces)): 9
    case .links(_, .setLinks): 10
    case .links(_, .setBridges): 11
    case .protection: 12
    }
  }
}

extension Effect {
  fileprivate static let kinds = 13
}
