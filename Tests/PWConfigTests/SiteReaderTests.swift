import EthernetPlugin
import PPPPlugin
import PWConfig
import PWCore
import Testing
import VLANPlugin

/// Right files, and the declarations in them.
struct SiteReaderTests {
  private let reader = SiteReader(plugins: [EthernetPlugin(), PPPPlugin(), VLANPlugin()])

  @Test("A peer with several addresses, and one in a list by itself")
  func listOfAddresses() throws {
    let reading = SiteReader(plugins: []).read(
      """
      site: a
      router-id: 1
      tunnels:
        t:
          peer: [192.0.2.2, "2001:db8::2", gw.example.net]
        u:
          peer:
            - 192.0.2.3
        v:
          peer: [berlin.example.net]
      """)
    #expect(reading.diagnostics == [])
    let v6 = try #require(IPAddress("2001:db8::2"))
    #expect(
      reading.site?.tunnels.map(\.peer) == [
        .list([.address(.v4(0xC000_0202)), .address(v6), .name("gw.example.net")]), .address(.v4(0xC000_0203)),
        .name("berlin.example.net"),
      ])
  }

  /// Every key.
  private static let everything =
    """
    site: amsterdam
    router-id: 3221225985
    host-name: ams.example.net
    data-plane: userspace
    listen-port: 1704
    control-group: netops
    control-group-admin: netadmins
    tunnels:
      berlin:
        peer: berlin.example.net
        local: 2001:db8::1
        bind-device: eth0
        family: ipv6
        role: both
        encapsulation: udp
        local-port: 1701
        peer-port: 1702
        answer-port: 1703
        dscp: AF41
        mtu-probe: no
        compatibility: auto
        listen-port: 1705
        ttl: 64
        protection: required
        peer-host-name: ber
        peer-router-id: 192.0.2.2
        hello: 500ms
        retransmit: {initial: 2s, maximum: 16s, count: 5, request-count: 3}
        receive-window: 8
        setup-timeout: 1m
        reconnect: {initial: 3s, maximum: 2m}
        authentication:
          method: digest
          digest: md5
          hide: sensitive
          secret-file: /etc/pwmgr/secrets/berlin
          previous-secret-file: /old
        description: Berlin, circuit 4711
        enabled: no
        pseudowires:
          lan:
            type: ethernet
            end-id: 100
            local-end-id: ams
            attachment-group: 65001
            interface-mtu: 1500
            mtu-mismatch: refuse
            cookie: 4
            sublayer: default
            sequencing: all
            loss-limit: 5%
            mss: auto
            description: "the office's LAN: floor 2"
            interface: pw-lan
            bridge: br-lan
            mtu: 1400
            split-horizon: mesh
          port:
            end-id: "100"
            type: ethernet
            member: eth2
            enabled: false
            pass-fault: true
      old:
        peer: 2001:db8::9
        signalling: none
        connection-ids: {local: 201, peer: 4294967295}
        liveness: 30s
        pseudowires:
          static:
            type: ethernet
            session-ids: {local: 7, peer: 8}
            cookies: {local: 00112233, peer: "8899aabbccddeeff"}
            sublayer: none
    bridges:
      br-lan: {members: [eth1], stp: on, mtu: 1500, mac: 02-00-5E-10-00-01, addresses: [10.0.0.1/8], vlan-filtering: yes}
    """

  @Test("Every key stands in the site that the next test reads; those of a plugin need one that is installed")
  func everyKeyIsTried() {
    for section in SchemaSection.all where section.title != "plugin" {
      for key in section.keys.map(\.name) where key != "plugins" {
        let isThere = Self.everything.contains("\(key): ") || Self.everything.contains("\(key):\n")
        #expect(isThere, "the key '\(key)' of a \(section.title) is not tried")
      }
    }
  }

  @Test("Every key has its effect")
  func everyKey() throws {
    let reading = reader.read(Self.everything)
    #expect(reading.diagnostics == [])
    let site = try #require(reading.site)

    var expected = Site(name: "amsterdam", routerID: 0xC000_0201, dataPlane: .userspace)
    expected.hostName = "ams.example.net"
    expected.controlGroup = "netops"
    expected.controlGroupAdmin = "netadmins"
    var tunnel = TunnelDeclaration(name: "berlin", peer: .name("berlin.example.net"))
    tunnel.local = IPAddress("2001:db8::1")
    tunnel.bindDevice = "eth0"
    tunnel.family = .v6
    (tunnel.localPort, tunnel.peerPort, tunnel.answerPort) = (1701, 1702, 1703)
    tunnel.listenPort = 1705
    tunnel.compatibility = .automatic
    (tunnel.peerHostName, tunnel.peerRouterID) = ("ber", 0xC000_0202)
    tunnel.descriptionText = "Berlin, circuit 4711"
    tunnel.dscp = DSCP(rawValue: 34)
    tunnel.hopLimit = 64
    tunnel.protection = .required
    tunnel.disabled = .siteFile
    tunnel.helloInterval = .milliseconds(500)
    tunnel.probesPath = false
    tunnel.reliability.initialTimeout = .seconds(2)
    tunnel.reliability.maximumTimeout = .seconds(16)
    tunnel.reliability.maximumRetransmissions = 5
    tunnel.reliability.maximumRequestRetransmissions = 3
    tunnel.reliability.receiveWindow = 8
    tunnel.reliability.setupTimeout = .seconds(60)
    tunnel.reconnection.initialDelay = .seconds(3)
    tunnel.reconnection.maximumDelay = .seconds(120)
    tunnel.authentication = Authentication(
      digest: .md5, secretFile: "/etc/pwmgr/secrets/berlin", previousSecretFile: "/old", hiding: .sensitive)
    tunnel.pseudowires = [
      PseudowireDeclaration(
        name: "lan", type: .ethernet, remoteEndID: RemoteEndID(number: 100), interfaceName: "pw-lan",
        cookieLengthOctets: 4, sublayer: .standard, isSequenced: true,
        options: .mapping([
          (key: "bridge", value: .scalar("br-lan")), (key: "mtu", value: .scalar("1400")),
          (key: "split-horizon", value: .scalar("mesh")),
        ])),
      PseudowireDeclaration(
        name: "port", type: .ethernet, remoteEndID: RemoteEndID(text: "100"), interfaceName: "berlin-port",
        options: .mapping([(key: "member", value: .scalar("eth2")), (key: "pass-fault", value: .scalar("true"))])),
    ]
    tunnel.pseudowires[1].adoptsSublayer = true
    tunnel.pseudowires[1].isCookieGivenUp = true
    tunnel.pseudowires[1].disabled = .siteFile
    tunnel.pseudowires[0].circuit = .bridge("br-lan")
    tunnel.pseudowires[1].circuit = .member("eth2")
    tunnel.pseudowires[0].localEndID = RemoteEndID(text: "ams")
    tunnel.pseudowires[0].attachmentGroup = RemoteEndID(number: 65_001)
    tunnel.pseudowires[0].interfaceMTU = .octets(1500)
    tunnel.pseudowires[0].refusesMTUMismatch = true
    tunnel.pseudowires[0].lossLimitPercent = 5
    tunnel.pseudowires[0].descriptionText = "the office's LAN: floor 2"
    tunnel.pseudowires[0].segmentLimit = .automatic
    var old = TunnelDeclaration(name: "old", peer: .address(IPAddress("2001:db8::9") ?? .v4(0)), role: .initiate)
    old.staticConnection = StaticConnection(
      localID: ControlConnectionID(rawValue: 201), peerID: ControlConnectionID(rawValue: UInt32.max))
    old.liveness = .seconds(30)
    old.helloInterval = .zero
    old.reconnection.maximumDelay = .seconds(5)
    old.pseudowires = [
      PseudowireDeclaration(
        name: "static", type: .ethernet, remoteEndID: RemoteEndID(octets: []), interfaceName: "old-static",
        cookieLengthOctets: 4)
    ]
    old.pseudowires[0].interfaceMTU = .unsaid
    old.pseudowires[0].staticSession = StaticSession(
      localID: SessionID(rawValue: 7), peerID: SessionID(rawValue: 8),
      receiveCookie: Cookie(number: 0x0011_2233, lengthOctets: 4),
      transmitCookie: Cookie(number: 0x8899_AABB_CCDD_EEFF, lengthOctets: 8))
    expected.tunnels = [tunnel, old]
    expected.bridges = [BridgeDeclaration(name: "br-lan", members: ["eth1"], spanningTree: true, mtuOctets: 1500)]
    expected.bridges[0].macAddress = MACAddress("02:00:5e:10:00:01")
    expected.bridges[0].filtersVLANs = true
    expected.bridges[0].addresses = [InterfaceAddress("10.0.0.1/8")].compactMap { $0 }
    #expect(site == expected)
    #expect(
      reading.secretFiles == [
        SecretFileReference(path: "/etc/pwmgr/secrets/berlin", mark: Mark(line: 36, column: 20), tunnel: "berlin"),
        SecretFileReference(path: "/old", mark: Mark(line: 37, column: 29), tunnel: "berlin"),
      ])
  }

  @Test(
    "The sublayer is left to the peer where nothing is said, and is there where packets are numbered",
    arguments: [
      ("", PseudowireDeclaration.Sublayer.none, true), ("sublayer: auto", .none, true),
      ("sublayer: none", .none, false),
      ("sublayer: default", .standard, false), ("sequencing: true", .standard, false),
    ])
  func sublayer(key: String, sublayer: PseudowireDeclaration.Sublayer, adopts: Bool) throws {
    let reading = reader.read(
      """
      site: a
      router-id: 192.0.2.1
      data-plane: null
      tunnels:
        t:
          peer: 192.0.2.2
          pseudowires:
            p:
              type: ethernet
              end-id: 1
              \(key)
      """)
    #expect(reading.diagnostics.filter { $0.severity == .error } == [])
    let site = try #require(reading.site)
    #expect(site.dataPlane == .null)
    #expect(site.tunnels[0].pseudowires[0].sublayer == sublayer)
    #expect(site.tunnels[0].pseudowires[0].adoptsSublayer == adopts)
  }

  @Test("Two sites behind one address, told apart by Host Name or Router ID, are not a loop")
  func sitesBehindOneAddress() {
    func tunnel(_ name: String, _ keys: String) -> String {
      "  \(name): {peer: 192.0.2.2, role: accept, \(keys), pseudowires: {p: {type: ethernet, end-id: 1, bridge: br0}}}\n"
    }
    let head = "site: a\nrouter-id: 192.0.2.1\nbridges: {br0: {members: [eth1]}}\ntunnels:\n"
    for key in ["peer-host-name", "peer-router-id"] {
      let text = head + tunnel("t", "\(key): 1") + tunnel("u", "\(key): 2")
      #expect(reader.read(text).diagnostics.filter { $0.message.contains("loop") } == [])
    }
  }

  @Test(
    "Two ways to one site are a loop however its address is written, and whatever else is declared of one of them",
    arguments: [
      ("peer: '::1'", "peer: '0:0::1'", true),
      ("peer: [192.0.2.2, 192.0.2.3]", "peer: 192.0.2.3", true), ("peer: a.example", "peer: A.Example", true),
      ("peer: 192.0.2.2, peer-host-name: c", "peer: 192.0.2.2, peer-router-id: 5, role: initiate", true),
      ("peer: 192.0.2.2, peer-host-name: c, peer-router-id: 4", "peer: 192.0.2.2, peer-host-name: c", true),
      ("peer: 192.0.2.2, peer-host-name: c", "peer: 192.0.2.3, peer-host-name: c", true),
      ("peer: 192.0.2.2, peer-host-name: c", "peer: 192.0.2.2, peer-host-name: d", false),
      ("peer: 192.0.2.2, peer-host-name: c, role: accept", "peer: 192.0.2.2, role: accept", false),
      ("peer: 192.0.2.2, peer-router-id: 1", "peer: 192.0.2.3, peer-router-id: 1, peer-host-name: c", true),
      ("peer: 192.0.2.2", "peer: 192.0.2.3", false), ("peer: 'fe80::1%eth0'", "peer: 'fe80::1%eth1'", false),
    ])
  func waysToOneSite(one: String, other: String, isLoop: Bool) {
    func tunnel(_ name: String, _ keys: String, _ port: Int) -> String {
      let role = keys.contains("role:") ? "" : "role: initiate, "
      let pseudowires = "pseudowires: {p: {type: ethernet, end-id: \(port), bridge: br0}}"
      return "  \(name): {\(role)\(keys), \(pseudowires)}\n"
    }
    let text =
      "site: a\nrouter-id: 192.0.2.1\nbridges: {br0: {members: [eth1]}}\ntunnels:\n" + tunnel("t", one, 1)
      + tunnel("u", other, 2)
    let diagnostics = reader.read(text).diagnostics
    #expect(diagnostics.filter { $0.severity == .error } == [])
    #expect(diagnostics.contains { $0.message.contains("loop") } == isLoop)
  }

  @Test("A pseudowire's secret files are named, with the pseudowire")
  func secretsOfPseudowires() throws {
    let reading = reader.read(
      """
      site: a
      router-id: 1
      tunnels:
        t:
          peer: 192.0.2.2
          pseudowires:
            p: {type: ppp, end-id: x, name: a, secret-file: /s/a, peer-authentication: chap, peer-secret-file: /s/b}
      """)
    #expect(reading.diagnostics == [])
    #expect(
      reading.secretFiles == [
        SecretFileReference(path: "/s/a", mark: Mark(line: 7, column: 55), tunnel: "t", pseudowire: "p"),
        SecretFileReference(path: "/s/b", mark: Mark(line: 7, column: 106), tunnel: "t", pseudowire: "p"),
      ])
    #expect(reading.secretFiles.map(\.owner) == ["pseudowire 'p' of tunnel 't'", "pseudowire 'p' of tunnel 't'"])
  }

  @Test("Keys that are left out have the defaults of RFC 3931")
  func defaults() throws {
    let reading = reader.read(
      "site: a\nrouter-id: 1\ntunnels:\n  t:\n    peer: 192.0.2.2\n    pseudowires:\n      p: {type: ethernet, end-id: x}\n"
    )
    let site = try #require(reading.site)
    #expect(reading.diagnostics == [])
    #expect(site.hostName == "a")
    #expect(site.dataPlane == .automatic)
    var tunnel = TunnelDeclaration(name: "t", peer: .address(.v4(0xC000_0202)), encapsulation: .udp, role: .both)
    tunnel.probesPath = true
    tunnel.pseudowires = [
      PseudowireDeclaration(name: "p", type: .ethernet, remoteEndID: RemoteEndID(text: "x"), interfaceName: "t-p")
    ]
    tunnel.pseudowires[0].adoptsSublayer = true
    tunnel.pseudowires[0].isCookieGivenUp = true
    #expect(site.tunnels == [tunnel])
  }

  @Test("A site may be empty, its file may begin with a byte order mark and end its lines like DOS")
  func smallest() throws {
    let reading = reader.read("\u{FEFF}site: a\r\nrouter-id: 1\r\n")
    #expect(reading.site == Site(name: "a", routerID: 1))
  }

  @Test("Keys that move declare the same")
  func orderOfKeys() throws {
    func site(_ options: String) -> Site? {
      reader.read(
        "site: a\nrouter-id: 1\ntunnels:\n  t:\n    peer: 192.0.2.2\n    pseudowires:\n      p: {\(options)}\nbridges:\n  b: {}\n"
      ).site
    }
    let one = try #require(site("type: ethernet, end-id: 1, bridge: b, mtu: fit"))
    #expect(one == site("mtu: fit, end-id: 1, bridge: b, type: ethernet"))
    #expect(one != site("mtu: carry, end-id: 1, bridge: b, type: ethernet"))
  }

  @Test("Tunnels to one peer that calls can tell apart")
  func distinguishable() {
    let reading = reader.read(
      """
      site: a
      router-id: 1
      tunnels:
        plain: {peer: 192.0.2.2, local: 192.0.2.8}
        named: {peer: 192.0.2.2, peer-host-name: b}
        other: {peer: 192.0.2.2, peer-host-name: c, peer-router-id: 7}
        over-ip: {peer: 192.0.2.2, encapsulation: ip, authentication: {digest: md5}}
        routed: {peer: 192.0.2.2, peer-router-id: 9}
        by-name: {peer: b.example.net}
        from-elsewhere: {peer: 192.0.2.2, local: 192.0.2.9}
        caller: {peer: 192.0.2.2, role: initiate, local-port: 1701}
        caller-from-elsewhere: {peer: 192.0.2.2, role: initiate, local: 192.0.2.9, local-port: 1702}
        caller-to: {peer: 192.0.2.2, role: initiate, local: 192.0.2.8, local-port: 1702}
        caller-of-another-port: {peer: 192.0.2.2, role: initiate, local-port: 1701, peer-port: 1702}
      """)
    #expect(reading.diagnostics == [])
  }

  @Test("Where we listen is the site's, or the tunnel's; where we only call, or have no ports, it is nothing")
  func listenPorts() throws {
    let reading = reader.read(
      """
      site: a
      router-id: 1
      listen-port: 1702
      tunnels:
        t: {peer: 192.0.2.2}
        own: {peer: 192.0.2.3, role: accept, listen-port: 1703}
        caller: {peer: 192.0.2.4, role: initiate}
        over-ip: {peer: 192.0.2.5, encapsulation: ip, authentication: {digest: sha1}}
      """)
    #expect(reading.diagnostics == [])
    #expect(try #require(reading.site).tunnels.map(\.listenPort) == [1702, 1703, nil, nil])
  }

  @Test("The cure in the warning of a port that moves no listener does move it")
  func listenPortIsTheCure() throws {
    func read(_ key: String) -> SiteReading {
      reader.read(
        """
        site: a
        router-id: 1
        tunnels:
          t: {peer: 192.0.2.2, role: accept, \(key): 1702}
        """)
    }
    let told = read("local-port").diagnostics.map(\.message)
    #expect(told.count == 1 && told[0].contains("write 'listen-port'"))
    #expect(read("listen-port").diagnostics == [])
    #expect(read("listen-port").site?.tunnels[0].listenPort == 1702)
  }

  @Test("A spanning tree, or split horizon on all of them, makes two ways to one peer harmless")
  func loopsThatAreNone() {
    func complaints(_ options: String, _ bridge: String) -> [Diagnostic] {
      reader.read(
        """
        site: a
        router-id: 1
        tunnels:
          t:
            peer: 192.0.2.2
            pseudowires:
              p: {type: ethernet, end-id: 1, bridge: b\(options)}
              q: {type: ethernet, end-id: 2, bridge: b\(options)}
        bridges:
          b: {members: [eth1]\(bridge)}
        """
      ).diagnostics
    }
    #expect(complaints("", "").map(\.severity) == [.warning])
    #expect(complaints("", ", stp: true") == [])
    #expect(complaints(", split-horizon: mesh", "") == [])
  }

  @Test("A thousand pseudowires in one bridge are too many by the members")
  func portsOfABridge() throws {
    let pseudowires = (1...1_023).map { "      p\($0): {type: ethernet, end-id: \($0), bridge: b, split-horizon: s}\n" }
    let text = "site: a\nrouter-id: 1\ntunnels:\n  t:\n    peer: 192.0.2.2\n    pseudowires:\n" + pseudowires.joined()
    #expect(reader.read(text + "bridges:\n  b: {}\n").site != nil)
    let reading = reader.read(text + "bridges:\n  b: {members: [eth1]}\n")
    #expect(try #require(reading.diagnostics.first).message.contains("1024 ports"))
  }

  @Test("A line for people and editors")
  func line() {
    let diagnostic = Diagnostic(.warning, at: Mark(line: 14, column: 9), "mind the gap")
    #expect(diagnostic.line(file: "site.yaml") == "site.yaml:14:9: warning: mind the gap")
  }
}
