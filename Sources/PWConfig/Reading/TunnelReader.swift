import PWCore

/// The `tunnels:` of a site.
struct TunnelReader {
  private(set) var secretFiles: [SecretFileReference] = []
  private let pseudowires: PseudowireReader

  /// Where the tunnels listen that say nothing of it.
  private let listenPort: UInt16?

  init(plugins: PluginCatalogue, bridges: [String], listenPort: UInt16?) {
    self.listenPort = listenPort
    pseudowires = PseudowireReader(plugins: plugins, bridges: bridges)
  }

  mutating func read(_ top: LooseSection, _ complaints: inout Complaints) -> [TunnelDraft] {
    var tunnels: [TunnelDraft] = []
    for (key, node) in top.children("tunnels", &complaints) {
      do throws(ValueFault) {
        _ = try Names.name(key)
      } catch {
        complaints.error(at: key.mark, "tunnel: \(error.message)")
      }
      let section = LooseSection(node, named: "tunnel '\(key.text)'", at: key.mark, schema: .tunnel, &complaints)
      guard let section else { continue }
      section.refuseUnknownKeys(&complaints)
      tunnels.append(tunnel(key.text, section, &complaints))
    }
    return tunnels
  }

  private mutating func tunnel(_ name: String, _ section: LooseSection, _ complaints: inout Complaints) -> TunnelDraft {
    let reader = PeerReader(section, &complaints)
    var tunnel = TunnelDeclaration(name: name, peer: reader.peer ?? .any)
    readConnection(section, into: &tunnel, &complaints)
    readTimes(section, into: &tunnel, &complaints)
    tunnel.authentication = authentication(section, tunnel: name, &complaints)
    readCompatibility(section, into: &tunnel, &complaints)
    let drafts = pseudowires.read(section, tunnel: name, &complaints)
    tunnel.pseudowires = drafts.flatMap(\.expanded)
    return TunnelDraft(
      section: section, declaration: tunnel, isPeerKnown: reader.peer != nil, peerMarks: reader.marks,
      pseudowires: drafts)
  }

  private func readConnection(
    _ section: LooseSection, into tunnel: inout TunnelDeclaration, _ complaints: inout Complaints
  ) {
    tunnel.local = section.read("local", &complaints, Addresses.local)
    tunnel.bindDevice = section.read("bind-device", &complaints, Names.interface)
    tunnel.family = section.read("family", &complaints, Numbers.choice([("ipv4", .v4), ("ipv6", .v6)]))
    let roles = TunnelDeclaration.Role.allCases.map { (word: $0.rawValue, value: $0) }
    tunnel.role = section.read("role", &complaints, Numbers.choice(roles)) ?? tunnel.role
    let encapsulations: [(word: String, value: Encapsulation)] = [("udp", .udp), ("ip", .ip)]
    tunnel.encapsulation =
      section.read("encapsulation", &complaints, Numbers.choice(encapsulations)) ?? tunnel.encapsulation
    tunnel.localPort = section.read("local-port", &complaints, Numbers.port)
    tunnel.peerPort = section.read("peer-port", &complaints, Numbers.port) ?? tunnel.peerPort
    // Where there is nothing to listen for, or no port to do it on, the site's is none of the tunnel's business.
    let listens = tunnel.encapsulation == .udp && tunnel.role != .initiate
    tunnel.listenPort = section.read("listen-port", &complaints, Numbers.port) ?? (listens ? listenPort : nil)
    tunnel.answerPort = section.read("answer-port", &complaints, Numbers.port)
    if let dscp = section.read("dscp", &complaints, Numbers.dscp) {
      tunnel.dscp = dscp
      tunnel.copiesDSCP = dscp == nil
    }
    tunnel.hopLimit = section.read("ttl", &complaints, KeyType.number(1...255).read)
    tunnel.peerHostName = section.read("peer-host-name", &complaints, Names.avpText)
    tunnel.peerRouterID = section.read("peer-router-id", &complaints, Addresses.routerID)
  }

  private func readTimes(_ section: LooseSection, into tunnel: inout TunnelDeclaration, _ complaints: inout Complaints)
  {
    let hello = KeyType.duration(.milliseconds(100) ... .seconds(3_600), orZero: true).read
    tunnel.helloInterval = section.read("hello", &complaints, hello) ?? tunnel.helloInterval
    tunnel.probesPath = section.read("mtu-probe", &complaints, Numbers.boolean) ?? true
    if let retransmit = section.section(RetransmitKeys.self, &complaints) {
      readRetransmission(retransmit, into: &tunnel.reliability, &complaints)
    }
    let window = section.read("receive-window", &complaints, KeyType<UInt16>.number(1...1_024).read)
    tunnel.reliability.receiveWindow = window ?? tunnel.reliability.receiveWindow
    let setup = section.read("setup-timeout", &complaints, KeyType.duration(.seconds(1) ... .seconds(3_600)).read)
    tunnel.reliability.setupTimeout = setup ?? tunnel.reliability.setupTimeout
    if let reconnect = section.section(ReconnectKeys.self, &complaints) {
      tunnel.reconnection.initialDelay = reconnect.value(of: \.initial, &complaints)
      tunnel.reconnection.maximumDelay = reconnect.value(of: \.maximum, &complaints)
      let (initial, maximum) = (tunnel.reconnection.initialDelay, tunnel.reconnection.maximumDelay)
      requireOrder(reconnect, (\.initial, initial), (\.maximum, maximum), &complaints)
    }
  }

  private func readRetransmission(
    _ section: Section<RetransmitKeys>, into reliability: inout Reliability, _ complaints: inout Complaints
  ) {
    reliability.initialTimeout = section.value(of: \.initial, &complaints)
    reliability.maximumTimeout = section.value(of: \.maximum, &complaints)
    reliability.maximumRetransmissions = section.value(of: \.count, &complaints)
    reliability.maximumRequestRetransmissions = section.value(of: \.requestCount, &complaints)
    let (initial, maximum) = (reliability.initialTimeout, reliability.maximumTimeout)
    requireOrder(section, (\.initial, initial), (\.maximum, maximum), &complaints)
    if maximum < .seconds(8) {
      complaints.warning(
        at: section.place(of: \.maximum),
        "'maximum' in \(section.name) is below the 8 seconds that RFC 3931 section 4.2 asks for; "
          + "a slow peer may be taken for a lost one")
    }
  }

  private func requireOrder<Keys: KeySet>(
    _ section: Section<Keys>, _ initial: (key: KeyPath<Keys, Key<Duration>>, value: Duration),
    _ maximum: (key: KeyPath<Keys, Key<Duration>>, value: Duration), _ complaints: inout Complaints
  ) {
    guard initial.value > maximum.value else { return }
    complaints.error(
      at: section.place(of: section.has(initial.key) ? initial.key : maximum.key),
      "'initial' in \(section.name) is \(Durations.text(initial.value)) and 'maximum' is "
        + "\(Durations.text(maximum.value)); make 'initial' the smaller one")
  }

  private func readCompatibility(
    _ section: LooseSection, into tunnel: inout TunnelDeclaration, _ complaints: inout Complaints
  ) {
    let choices = Compatibility.allCases.map { (word: $0.rawValue, value: $0) }
    tunnel.compatibility = section.read("compatibility", &complaints, Numbers.choice(choices)) ?? tunnel.compatibility
    guard tunnel.compatibility == .cisco, let hiding = tunnel.authentication?.hiding, hiding != .none else { return }
    complaints.error(
      at: section.place(of: "compatibility"),
      "'compatibility' in \(section.name) is 'cisco' and 'hide' is '\(hiding.rawValue)', but Cisco's AVPs would show what is "
        + "hidden; remove one of them")
  }

  private mutating func authentication(
    _ section: LooseSection, tunnel: String, _ complaints: inout Complaints
  ) -> Authentication? {
    guard let own = section.section(AuthenticationKeys.self, &complaints) else { return nil }
    var authentication = Authentication(
      digest: own.value(of: \.digest, &complaints), secretFile: own.value(of: \.secretFile, &complaints),
      previousSecretFile: own.value(of: \.previousSecretFile, &complaints),
      hiding: own.value(of: \.hide, &complaints))
    authentication.method = own.value(of: \.method, &complaints)
    AuthenticationChecks.check(authentication, own, &complaints)
    for (path, mark) in [
      (authentication.secretFile, own.place(of: \.secretFile)),
      (authentication.previousSecretFile, own.place(of: \.previousSecretFile)),
    ] {
      guard let path else { continue }
      secretFiles.append(SecretFileReference(path: path, mark: mark, tunnel: tunnel))
    }
    return authentication
  }
}
