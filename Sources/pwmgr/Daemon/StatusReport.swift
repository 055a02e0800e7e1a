import Foundation
import PWCore
import PWLinux
import PWPluginHost

/// Makes the document that `status` shows out of what the engine knows and what the data plane counted.
struct StatusReport {
  /// The site as it is being carried out.
  var site: Site
  /// When the daemon started, on the engine's clock.
  var started: Instant
  /// What carries the traffic.
  var dataPlane: DataPlaneKind
  /// Why that.
  var dataPlaneReason: String
  /// The daemon's own complaints.
  var problems: [String]
  /// The PPPoE clients that have a session.
  var clients: [LinkOwner: PPPoEKeeper.Client] = [:]
  /// Control messages that were sent, by name.
  var controlMessagesSent: [String: Int]
  /// Plugins in other processes.
  var plugins: [PluginReport] = []
  /// What they have found to be wrong with sessions.
  var pluginProblems: [LinkOwner: [String]] = [:]
  /// Whose status it is.
  var processID = ProcessInfo.processInfo.processIdentifier

  /// The document at a moment: `now` on the engine's clock is `date` on the wall.
  func document(
    _ status: SiteStatus, counters: DataPlaneCounters, now: Instant, date: Date
  ) -> StatusDocument {
    let clock = Clock(now: now, date: date)
    return StatusDocument(
      site: site.name, version: Version.number, processID: processID,
      started: clock.date(of: started), now: date,
      dataPlane: .init(kind: dataPlane.rawValue, reason: dataPlaneReason),
      tunnels: status.tunnels.map { tunnel($0, counters: counters, types: outsideTypes, clock: clock) },
      bridges: status.bridges.map { .init(name: $0.name, problems: $0.problems) },
      problems: problems + status.listenerProblems, controlMessagesSent: controlMessagesSent,
      controlMessagesDropped: Self.dropped(status.dropped), halfOpenConnections: status.halfOpenConnections,
      plugins: plugins.map { Self.plugin($0, clock: clock) })
  }

  /// The names of the types of pseudowires whose plugin is not compiled in.
  private var outsideTypes: [LinkOwner: String] {
    guard !site.plugins.isEmpty else { return [:] }
    var types: [LinkOwner: String] = [:]
    for tunnel in site.tunnels {
      for pseudowire in tunnel.pseudowires {
        types[LinkOwner(tunnel: tunnel.name, pseudowire: pseudowire.name)] = pseudowire.plugin
      }
    }
    return types
  }

  private static func plugin(_ report: PluginReport, clock: Clock) -> StatusDocument.Plugin {
    StatusDocument.Plugin(
      name: report.name, path: report.path, state: report.state.rawValue, since: clock.date(of: report.since),
      version: report.version, processID: report.processIdentifier, restarts: report.restarts,
      problems: report.problems, messages: report.messages.map { .init(message: $0.text, at: clock.date(of: $0.at)) },
      nextStart: report.nextStart.map(clock.date))
  }

  private static func dropped(_ dropped: DroppedMessages) -> StatusDocument.Dropped {
    StatusDocument.Dropped(
      malformed: dropped.malformed, l2tpv2: dropped.version2, unauthentic: dropped.unauthentic,
      notAllowed: dropped.notAllowed, rateLimited: dropped.rateLimited, noPlace: dropped.noPlace,
      displaced: dropped.displaced, misaddressed: dropped.misaddressed)
  }

  private func tunnel(
    _ status: TunnelStatus, counters: DataPlaneCounters, types: [LinkOwner: String], clock: Clock
  ) -> StatusDocument.Tunnel {
    StatusDocument.Tunnel(
      name: status.name, state: status.state.value.rawValue, since: clock.date(of: status.state.since),
      peer: status.peer, remote: status.remote.map(Self.text),
      peerAddressNumber: status.peerAddressNumber, peerAddressCount: status.peerAddressCount,
      local: status.local.map(Self.text),
      encapsulation: status.encapsulation == .udp ? "udp" : "ip",
      localConnectionID: status.localID?.rawValue, peerConnectionID: status.peerID?.rawValue,
      peerHostName: status.peerHostName, peerRouterID: status.peerRouterID.map { IPAddress.v4($0).description },
      pathMTU: status.pathMTUOctets, pathMTUProbed: status.pathMTUOctets.map { _ in status.isPathMTUProbed },
      dscp: status.dscp.map { Int($0.rawValue) }, peerUsesDscp: status.peerUsesDSCP,
      digest: status.digest.map(Self.text), challengeAnswered: status.isChallengeAnswered, secret: status.secret,
      hiding: status.hiding.rawValue, peerHides: status.peerHides,
      compatibility: status.compatibility.rawValue, compatibilityLearned: status.isCompatibilityLearned,
      establishedCount: status.establishedCount,
      lastError: status.lastError.map { clock.failure($0) }, nextAttempt: status.nextAttempt.map(clock.date),
      unansweredRequests: status.unansweredRequests,
      counters: status.localID.flatMap { counters.tunnels[$0] }.map(Self.counters),
      templates: Self.templates(status.pseudowires, clock),
      pseudowires: status.pseudowires.filter { !$0.isIdleTemplate }.map { pseudowire in
        let key = status.localID.flatMap { tunnel in
          pseudowire.localID.map { SessionKey(tunnel: tunnel, session: $0) }
        }
        let owner = LinkOwner(tunnel: status.name, pseudowire: pseudowire.name)
        return self.pseudowire(
          pseudowire, owner, type: types[owner], counters: key.flatMap { counters.sessions[$0] }, clock: clock)
      })
  }

  private func pseudowire(
    _ status: PseudowireStatus, _ owner: LinkOwner, type: String?, counters: TrafficCounters?, clock: Clock
  ) -> StatusDocument.Pseudowire {
    let (isForwarding, reasons): (Bool, [String]) =
      switch status.forwarding.value {
      case .yes: (true, [])
      case .no(let reasons): (false, reasons)
      }
    return StatusDocument.Pseudowire(
      name: status.name,
      type: type ?? CompiledInPlugins.plugin(for: status.type)?.name ?? "type \(status.type.rawValue)",
      typeNumber: status.type.rawValue, endID: Self.text(status.remoteEndID),
      localEndID: status.localEndID.map(Self.text), attachmentGroup: status.attachmentGroup.map(Self.text),
      interface: status.interfaceName, attachment: Self.text(status.attachmentCircuit),
      state: status.state.value.rawValue, since: clock.date(of: status.state.since),
      forwarding: isForwarding, forwardingSince: clock.date(of: status.forwarding.since),
      notForwardingBecause: reasons,
      localSessionID: status.localID?.rawValue, peerSessionID: status.peerID?.rawValue,
      receiveCookieLength: status.receiveCookieLengthOctets,
      transmitCookieLength: status.transmitCookieLengthOctets,
      sublayer: status.sublayer == .none ? "none" : "default", sequencing: status.isSequenced,
      mtu: status.mtuOctets, interfaceMTU: status.interfaceMTUOctets.map(Int.init),
      peerInterfaceMTU: status.peerInterfaceMTUOctets.map(Int.init), addresses: status.addresses,
      localCircuit: Self.circuit(status.localCircuit),
      peerCircuit: status.peerCircuit.map(Self.circuit), peerTransmitSpeed: status.peerTransmitSpeed,
      peerReceiveSpeed: status.peerReceiveSpeed, peerCircuitErrors: status.peerErrors.map(Self.errors),
      warnings: status.warnings + (pluginProblems[owner] ?? []),
      establishedCount: status.establishedCount, lastError: status.lastError.map { clock.failure($0) },
      counters: counters.map(Self.counters), client: clients[owner].map { Self.client($0, clock: clock) })
  }

  private static func client(_ client: PPPoEKeeper.Client, clock: Clock) -> StatusDocument.Client {
    StatusDocument.Client(
      address: client.address, sessionID: client.sessionID, serviceName: client.serviceName,
      since: clock.date(of: client.since))
  }

  /// What there is to say of many pseudowires of one declaration that wait: their number.
  private static func templates(_ pseudowires: [PseudowireStatus], _ clock: Clock) -> [StatusDocument.Template] {
    var templates: [StatusDocument.Template] = []
    for pseudowire in pseudowires {
      guard let name = pseudowire.template else { continue }
      if templates.last?.name != name {
        templates.append(
          .init(name: name, attachment: text(pseudowire.attachmentCircuit), sessions: 0, idle: 0, lastError: nil))
      }
      let last = templates.count - 1
      templates[last].sessions += 1
      guard pseudowire.isIdleTemplate else { continue }
      templates[last].idle += 1
      if let error = pseudowire.lastError.map({ clock.failure($0) }),
        error.at > templates[last].lastError?.at ?? .distantPast
      {
        templates[last].lastError = error
      }
    }
    return templates
  }

  private static func text(_ circuit: AttachmentCircuit) -> String {
    switch circuit {
    case .none: "none"
    case .bridge(let name): "bridge \(name)"
    case .member(let name): "member \(name)"
    case .pppoe(let service): "pppoe on \(service.interface)"
    case .vlan(let port, let tag): "vlan \(tag.identifier) of \(port)" + text(tag.kind)
    case .trunk(let port, let vlans): "vlans \(vlans.text) of \(port)" + text(vlans.kind)
    }
  }

  private static func text(_ kind: VLANTag.Kind) -> String {
    switch kind {
    case .customer: ""
    case .service: " (\(kind.name))"
    }
  }

  private static func circuit(_ status: CircuitStatus) -> StatusDocument.Circuit {
    StatusDocument.Circuit(active: status.contains(.active), bits: status.rawValue)
  }

  private static func errors(_ errors: CircuitErrors) -> StatusDocument.CircuitErrors {
    StatusDocument.CircuitErrors(
      crc: errors.crc, framing: errors.framing, hardwareOverruns: errors.hardwareOverruns,
      bufferOverruns: errors.bufferOverruns, timeouts: errors.timeouts, alignment: errors.alignment)
  }

  private static func counters(_ counters: TrafficCounters) -> StatusDocument.Counters {
    StatusDocument.Counters(
      transmittedPackets: counters.transmittedPackets, transmittedOctets: counters.transmittedOctets,
      transmitErrors: counters.transmitErrors, receivedPackets: counters.receivedPackets,
      receivedOctets: counters.receivedOctets, receiveErrors: counters.receiveErrors,
      cookieDiscards: counters.cookieDiscards, sequenceDiscards: counters.sequenceDiscards,
      missingPackets: counters.missingPackets)
  }

  private static func text(_ digest: Authentication.Digest) -> String {
    switch digest {
    case .md5: "md5"
    case .sha1: "sha1"
    }
  }

  private static func text(_ endpoint: Endpoint) -> String {
    guard endpoint.port != 0 else { return endpoint.address.description }
    return endpoint.address.family == .v6
      ? "[\(endpoint.address)]:\(endpoint.port)" : "\(endpoint.address):\(endpoint.port)"
  }

  /// A Remote End ID as the site file writes it: a number for 4 octets that are not text, text where it is, else hex.
  private static func text(_ identifier: RemoteEndID) -> String {
    let isText = !identifier.octets.isEmpty && identifier.octets.allSatisfy { (0x21...0x7E).contains($0) }
    if isText {
      let text = String(decoding: identifier.octets, as: UTF8.self)
      return UInt32(text) == nil ? text : "\"\(text)\""
    }
    if identifier.octets.count == 4 {
      return String(identifier.octets.reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
    }
    return "0x" + identifier.octets.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// Turns the engine's moments into dates.
  private struct Clock {
    var now: Instant
    var date: Date

    func date(of instant: Instant) -> Date {
      let (seconds, attoseconds) = (instant - now).components
      return date.addingTimeInterval(Double(seconds) + Double(attoseconds) / 1e18)
    }

    func failure(_ error: Since<String>) -> StatusDocument.Failure {
      StatusDocument.Failure(message: error.value, at: date(of: error.since))
    }
  }
}

extension PseudowireStatus {
  /// Whether it is one of many that wait to be asked for: they are counted, and not told of one by one.
  fileprivate var isIdleTemplate: Bool { template != nil && state.value == .idle }
}
