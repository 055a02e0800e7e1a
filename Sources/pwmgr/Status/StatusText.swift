import Foundation
import PWCore
import PWPluginHost

/// The status as a person reads it: what is up, what passes frames, and why not.
struct StatusText {
  private let daemon: StatusDocument.Daemon
  private let site: SiteStatus

  init(_ document: StatusDocument) {
    (daemon, site) = (document.daemon, document.site)
  }

  /// The whole report, ending in a newline.
  func rendered() -> String {
    var lines = heading()
    for tunnel in site.tunnels {
      lines.append("")
      lines += self.lines(of: tunnel)
    }
    if !daemon.plugins.isEmpty { lines += [""] + daemon.plugins.flatMap(self.lines) }
    let faulty = site.bridges.filter { !$0.problems.isEmpty }
    if !faulty.isEmpty {
      lines.append("")
      for bridge in faulty {
        lines += bridge.problems.map { "bridge \(bridge.name): problem: \($0)" }
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func lines(of plugin: PluginReport) -> [String] {
    var line = "plugin \(plugin.name)  \(plugin.state.rawValue) for \(age(of: plugin.since))"
    if let next = plugin.nextStart {
      line += ", started again in \(time(until: next))"
    }
    if let version = plugin.version { line += "  version \(version)" }
    if let process = plugin.processIdentifier { line += "  process \(process)" }
    if plugin.restarts > 0 { line += "  started again \(Self.times(plugin.restarts))" }
    return [line, "  \(plugin.path)"] + plugin.problems.map { "  problem: \($0)" }
      + plugin.messages.map { "  said \(age(of: $0.at)) ago: \($0.text)" }
  }

  private func heading() -> [String] {
    let forwarding = site.tunnels.flatMap(\.pseudowires).filter(\.isForwarding)
    let verified = forwarding.filter(\.isVerified).count
    let declared = site.tunnels.reduce(0) { $0 + $1.pseudowires.count }
    let established = site.tunnels.filter { $0.state.value == .established }
    let signalled = established.filter(\.isSignalled).count
    let (made, unverified) = (established.count - signalled, forwarding.count - verified)
    var lines = [
      "site \(daemon.site): \(signalled) of \(site.tunnels.count) tunnels established"
        + (made > 0 ? ", \(made) made without signalling" : "") + ", \(verified) of \(declared) pseudowires forwarding"
        + (unverified > 0 ? ", \(unverified) not verifiable" : ""),
      "data plane \(daemon.dataPlane.kind.rawValue) (\(daemon.dataPlane.reason)); pwmgr \(daemon.version), "
        + "process \(daemon.processID), up \(age(of: daemon.started))",
    ]
    lines += site.problems.map { "problem: \($0)" }
    if site.halfOpenConnections > 0 {
      lines.append("half-open control connections: \(site.halfOpenConnections)")
    }
    let dropped = self.dropped
    if !dropped.isEmpty { lines.append("control messages dropped: \(dropped.joined(separator: ", "))") }
    return lines
  }

  /// `12 not allowed`: why control messages led to nothing, as far as there were any.
  private var dropped: [String] {
    let dropped = site.dropped
    let reasons = [
      (dropped.notAllowed, "not allowed"), (dropped.unauthentic, "unauthentic"), (dropped.rateLimited, "rate limited"),
      (dropped.noPlace, "without a place"), (dropped.displaced, "displaced while half open"),
      (dropped.version2, "of L2TPv2"), (dropped.malformed, "malformed"),
      (dropped.misaddressed, "for no connection of ours"),
    ]
    return reasons.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
  }

  private func lines(of tunnel: TunnelStatus) -> [String] {
    let name = tunnel.state.value == .established && !tunnel.isSignalled ? "made" : tunnel.state.value.rawValue
    let state = tunnel.disabled == nil ? name : "off, \(name)"
    var first = "tunnel \(tunnel.name)  \(state) for \(age(of: tunnel.state.since))"
    if !tunnel.isSignalled { first += ", without signalling" }
    if let count = tunnel.unansweredRequests { first += ", no answer to \(count) SCCRQ\(count == 1 ? "" : "s") yet" }
    if let next = tunnel.nextAttempt {
      first += ", next attempt in \(time(until: next))"
    }
    var lines = [first]
    if let text = tunnel.descriptionText { lines.append("  description \(text)") }
    var peer = "  peer \(tunnel.remote?.description ?? tunnel.peer)"
    if let number = tunnel.peerAddressNumber, let count = tunnel.peerAddressCount {
      peer += ", \(number.ordinal) of \(count)"
    }
    if let name = tunnel.peerHostName { peer += "  host name \(name)" }
    if let router = tunnel.peerRouterID { peer += "  router id \(IPAddress.v4(router))" }
    lines.append(peer)
    var path = "  local \(tunnel.local?.description ?? "not bound")  encapsulation \(tunnel.encapsulation.siteFileText)"
    if let ours = tunnel.localID {
      path += "  connection id \(ours.rawValue)/\(tunnel.peerID.map { String($0.rawValue) } ?? "-")"
    }
    if let mtu = tunnel.pathMTUOctets { path += "  path mtu \(mtu)" + (tunnel.isPathMTUProbed ? " (probed)" : "") }
    if let dscp = tunnel.dscp { path += "  dscp \(dscp.rawValue)\(tunnel.peerUsesDSCP ? "/\(dscp.rawValue)" : "/-")" }
    if tunnel.copiesDSCP { path += "  dscp inherit" }
    if let hopLimit = tunnel.hopLimit { path += "  ttl \(hopLimit)" }
    if tunnel.hiding != .none || tunnel.peerHides {
      path += "  hidden avps \(tunnel.hiding.rawValue)/\(tunnel.peerHides ? "some" : "none")"
    }
    if tunnel.compatibility != .rfc || tunnel.isCompatibilityLearned {
      path += "  compatibility \(tunnel.compatibility.rawValue)\(tunnel.isCompatibilityLearned ? ", learned" : "")"
    }
    if let digest = tunnel.digest {
      path += "  digest \(digest.siteFileText)\(tunnel.secret.map { " secret \($0)" } ?? "")"
    }
    if let isAnswered = tunnel.isChallengeAnswered {
      path += "  challenge \(isAnswered ? "answered" : "not answered")\(tunnel.secret.map { " secret \($0)" } ?? "")"
    }
    path += "  \(tunnel.isSignalled ? "established" : "made") \(Self.times(tunnel.establishedCount))"
    lines.append(path)
    if let failure = tunnel.lastError {
      lines.append("  " + Self.name(ofErrorWhile: tunnel.state.value == .established) + text(of: failure))
    }
    lines += tunnel.templates.flatMap(self.lines)
    if tunnel.templates.isEmpty || !tunnel.pseudowires.isEmpty { lines += table(of: tunnel) }
    return lines
  }

  /// `dsl: 97 of 100 idle`: what there is to say of those that nobody has asked for.
  private func lines(of template: TemplateStatus) -> [String] {
    let place = template.attachment == "none" ? "" : "  \(template.attachment)"
    let idle = template.disabled == nil ? "idle" : "off"
    let line = "  \(template.name): \(template.idle) of \(template.sessions) \(idle)\(place)"
    return [line] + (template.lastError.map { ["    last error: " + text(of: $0)] } ?? [])
  }

  private func table(of tunnel: TunnelStatus) -> [String] {
    let pseudowires = tunnel.pseudowires
    let said = [tunnel.lastError?.value].compactMap { $0 }
    guard !pseudowires.isEmpty else { return ["  no pseudowires declared"] }
    let columns = [
      "PSEUDOWIRE", "TYPE", "END-ID", "SESSION", "SINCE", "FORWARDING", "SINCE", "INTERFACE", "ATTACHMENT", "MTU",
      "SESSION-ID",
      "COOKIE", "CIRCUIT", "RX-PACKETS", "RX-OCTETS", "TX-PACKETS", "TX-OCTETS",
    ]
    let rows = pseudowires.map { cells(of: $0, isSignalled: tunnel.isSignalled) }
    let widths = columns.indices.map { column in ([columns] + rows).map { $0[column].count }.max() ?? 0 }
    func line(_ cells: [String]) -> String {
      var text = zip(cells, widths).map { $0.padding(toLength: $1, withPad: " ", startingAt: 0) }.joined(
        separator: "  ")
      while text.last == " " { text.removeLast() }
      return "  " + text
    }
    var lines = [line(columns)]
    for (pseudowire, row) in zip(pseudowires, rows) {
      lines.append(line(row))
      lines += remarks(on: pseudowire, said: said).map { "    \($0)" }
    }
    return lines
  }

  private func cells(of pseudowire: PseudowireStatus, isSignalled: Bool) -> [String] {
    let circuit = { (circuit: CircuitStatus?) in circuit.map { $0.contains(.active) ? "up" : "down" } ?? "-" }
    let identifiers =
      pseudowire.localID.map { "\($0.rawValue)/\(pseudowire.peerID.map { String($0.rawValue) } ?? "-")" } ?? "-"
    let counters = pseudowire.counters
    let count = { (value: UInt64?) in value.map(String.init) ?? "-" }
    return [
      pseudowire.name, pseudowire.typeName, isSignalled ? pseudowire.remoteEndID.siteFileText : "-",
      pseudowire.state.value == .established && !isSignalled ? "made" : pseudowire.state.value.rawValue,
      age(of: pseudowire.state.since), forwarding(of: pseudowire),
      age(of: pseudowire.forwarding.since), pseudowire.interfaceName, pseudowire.attachment,
      pseudowire.mtuOctets.map(String.init) ?? "-", identifiers,
      "\(pseudowire.receiveCookieLengthOctets)/\(pseudowire.transmitCookieLengthOctets)",
      "\(circuit(pseudowire.localCircuit))/\(circuit(pseudowire.peerCircuit))",
      count(counters?.receivedPackets), count(counters?.receivedOctets),
      count(counters?.transmittedPackets), count(counters?.transmittedOctets),
    ]
  }

  private func forwarding(of pseudowire: PseudowireStatus) -> String {
    if pseudowire.isForwarding { return pseudowire.isVerified ? "yes" : "not verifiable" }
    return pseudowire.disabled == nil ? "NO" : "off"
  }

  /// - Parameter said: errors of its tunnel.
  private func remarks(on pseudowire: PseudowireStatus, said: [String]) -> [String] {
    var remarks = pseudowire.descriptionText.map { ["description: \($0)"] } ?? []
    remarks += forwarderRemarks(of: pseudowire)
    remarks += pseudowire.forwarding.value.reasons.map { "not forwarding: \($0)" }
    if let client = pseudowire.client {
      let service = client.serviceName.isEmpty ? "" : ", service \(client.serviceName)"
      remarks.append(
        "PPPoE client \(client.address), session \(client.sessionID)\(service), for \(age(of: client.since))")
    }
    if !pseudowire.addresses.isEmpty { remarks.append("addresses: \(pseudowire.addresses.joined(separator: ", "))") }
    remarks += pseudowire.warnings.map { "warning: \($0)" }
    if let counters = pseudowire.counters {
      let faults = [
        ("transmit errors", counters.transmitErrors), ("receive errors", counters.receiveErrors),
        ("wrong cookies", counters.cookieDiscards), ("out of sequence", counters.sequenceDiscards),
        ("missing", counters.missingPackets ?? 0),
      ].filter { $0.1 > 0 }
      if !faults.isEmpty { remarks.append("counted: " + faults.map { "\($0.1) \($0.0)" }.joined(separator: ", ")) }
    }
    remarks += peerRemarks(of: pseudowire)
    // An error that is the reason above, or was said of the tunnel, is not said again.
    if let failure = pseudowire.lastError, !said.contains(failure.value),
      !pseudowire.forwarding.value.reasons.contains(where: { $0.contains(failure.value) })
    {
      remarks.append(Self.name(ofErrorWhile: pseudowire.isForwarding) + text(of: failure))
    }
    return remarks
  }

  /// The name of an error: once all is well it is past.
  private static func name(ofErrorWhile isWell: Bool) -> String { isWell ? "past error: " : "last error: " }

  /// The names that tell the pseudowire from others besides its end-id (RFC 4667).
  private func forwarderRemarks(of pseudowire: PseudowireStatus) -> [String] {
    let names = [
      pseudowire.localEndID.map { "local end id \($0.siteFileText)" },
      pseudowire.attachmentGroup.map { "attachment group \($0.siteFileText)" },
    ].compactMap { $0 }
    return names.isEmpty ? [] : [names.joined(separator: ", ")]
  }

  /// Remarks on the peer's circuit, as the peer describes it, besides whether it is up.
  private func peerRemarks(of pseudowire: PseudowireStatus) -> [String] {
    var remarks: [String] = []
    let speeds = [("sends", pseudowire.peerTransmitSpeed), ("receives", pseudowire.peerReceiveSpeed)]
    let known = speeds.compactMap { words, speed in speed.flatMap { $0 > 0 ? "\(words) \($0) bit/s" : nil } }
    if !known.isEmpty { remarks.append("the peer's circuit \(known.joined(separator: " and "))") }
    if let errors = pseudowire.peerErrors {
      let counts = [
        (errors.crc, "CRC"), (errors.framing, "framing"), (errors.hardwareOverruns, "hardware overruns"),
        (errors.bufferOverruns, "buffer overruns"), (errors.timeouts, "timeouts"), (errors.alignment, "alignment"),
      ].filter { $0.0 > 0 }
      let words = counts.isEmpty ? "none" : counts.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
      remarks.append("the peer's circuit errors: \(words)")
    }
    return remarks
  }

  private func text(of failure: Since<String>) -> String {
    "\(failure.value) (\(age(of: failure.since)) ago)"
  }

  private func age(of moment: Instant) -> String { Self.duration(max(0, (daemon.now - moment).inSeconds)) }

  private func time(until moment: Instant) -> String { Self.duration(max(0, (moment - daemon.now).inSeconds)) }

  private static func times(_ count: Int) -> String {
    count == 1 ? "once" : "\(count) times"
  }

  /// Seconds in the two largest units that say something: `3d4h`, `2m5s`, `12s`.
  static func duration(_ seconds: Double) -> String {
    let whole = Int(seconds)
    let units = [("d", whole / 86_400), ("h", whole / 3_600 % 24), ("m", whole / 60 % 60), ("s", whole % 60)]
    guard let first = units.firstIndex(where: { $0.1 > 0 }) else { return "0s" }
    return units[first...].prefix(2).filter { $0.1 > 0 }.map { "\($0.1)\($0.0)" }.joined()
  }
}
