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

  mutating func read(_ top: Section<SiteKeys>, _ complaints: inout Complaints) -> [TunnelDraft] {
    var tunnels: [TunnelDraft] = []
    for (name, section) in top.children(of: \.tunnels, &complaints) {
      tunnels.append(tunnel(name, section, &complaints))
    }
    return tunnels
  }

  private mutating func tunnel(
    _ name: String, _ section: Section<TunnelKeys>, _ complaints: inout Complaints
  ) -> TunnelDraft {
    let reader = PeerReader(section, &complaints)
    var tunnel = TunnelDeclaration(name: name, peer: reader.peer ?? .any)
    tunnel.descriptionText = section.value(of: \.descriptionText, &complaints)
    if !section.value(of: \.enabled, &complaints) { tunnel.disabled = .siteFile }
    let signalling = section.value(of: \.signalling, &complaints)
    readConnection(section, signalling, into: &tunnel, &complaints)
    readTimes(section, into: &tunnel, &complaints)
    tunnel.authentication = authentication(section, tunnel: name, &complaints)
    readCompatibility(section, into: &tunnel, &complaints)
    if signalling == .none { StaticReader.read(section, into: &tunnel, &complaints) }
    let drafts = pseudowires.read(section, tunnel: name, signalling, &complaints)
    tunnel.pseudowires = drafts.flatMap(\.expanded)
    return TunnelDraft(
      section: section, signalling: signalling, declaration: tunnel, isPeerKnown: reader.peer != nil,
      peerMarks: reader.marks,
      pseudowires: drafts)
  }

  private func readConnection(
    _ section: Section<TunnelKeys>, _ signalling: Signalling, into tunnel: inout TunnelDeclaration,
    _ complaints: inout Complaints
  ) {
    tunnel.local = section.value(of: \.local, &complaints)
    tunnel.bindDevice = section.value(of: \.bindDevice, &complaints)
    tunnel.family = section.value(of: \.family, &complaints)
    // Without signalling nobody may call.
    tunnel.role = signalling == .none ? .initiate : section.value(of: \.role, &complaints)
    tunnel.declaresSessions = signalling == .keepalive
    tunnel.encapsulation = section.value(of: \.encapsulation, &complaints)
    tunnel.localPort = section.value(of: \.localPort, &complaints)
    tunnel.peerPort = section.value(of: \.peerPort, &complaints)
    // Where there is nothing to listen for, or no port to do it on, the site's is none of the tunnel's business.
    let listens = tunnel.encapsulation == .udp && tunnel.role != .initiate
    tunnel.listenPort = section.value(of: \.listenPort, &complaints) ?? (listens ? listenPort : nil)
    tunnel.answerPort = section.value(of: \.answerPort, &complaints)
    switch section.value(of: \.dscp, &complaints) {
    case .fixed(let dscp): tunnel.dscp = dscp
    case .inherited: tunnel.copiesDSCP = true
    case nil: break
    }
    tunnel.hopLimit = section.value(of: \.ttl, &complaints)
    tunnel.protection = section.value(of: \.protection, &complaints)
    tunnel.peerHostName = section.value(of: \.peerHostName, &complaints)
    tunnel.peerRouterID = section.value(of: \.peerRouterID, &complaints)
  }

  private func readTimes(
    _ section: Section<TunnelKeys>, into tunnel: inout TunnelDeclaration, _ complaints: inout Complaints
  ) {
    tunnel.helloInterval = section.value(of: \.hello, &complaints)
    tunnel.probesPath = section.value(of: \.mtuProbe, &complaints)
    if let retransmit = section.section(\.retransmit, &complaints) {
      readRetransmission(retransmit, into: &tunnel.reliability, &complaints)
    }
    tunnel.reliability.receiveWindow = section.value(of: \.receiveWindow, &complaints)
    tunnel.reliability.setupTimeout = section.value(of: \.setupTimeout, &complaints)
    if let reconnect = section.section(\.reconnect, &complaints) {
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
      "'initial' in \(section.name) is \(DurationText.text(initial.value)) and 'maximum' is "
        + "\(DurationText.text(maximum.value)); make 'initial' the smaller one")
  }

  private func readCompatibility(
    _ section: Section<TunnelKeys>, into tunnel: inout TunnelDeclaration, _ complaints: inout Complaints
  ) {
    tunnel.compatibility = section.value(of: \.compatibility, &complaints)
    guard tunnel.compatibility == .cisco, let hiding = tunnel.authentication?.hiding, hiding != .none else { return }
    complaints.error(
      at: section.place(of: \.compatibility),
      "'compatibility' in \(section.name) is 'cisco' and 'hide' is '\(hiding.rawValue)', but Cisco's AVPs would show what is "
        + "hidden; remove one of them")
  }

  private mutating func authentication(
    _ section: Section<TunnelKeys>, tunnel: String, _ complaints: inout Complaints
  ) -> Authentication? {
    guard let own = section.section(\.authentication, &complaints) else { return nil }
    var authentication = Authentication(
      digest: own.value(of: \.digest, &complaints), secretFile: own.value(of: \.secretFile, &complaints),
      previousSecretFile: own.value(of: \.previousSecretFile, &complaints),
      hiding: own.value(of: \.hide, &complaints))
    authentication.method = own.value(of: \.method, &complaints)
    AuthenticationAgreement.check(authentication, own, &complaints)
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
