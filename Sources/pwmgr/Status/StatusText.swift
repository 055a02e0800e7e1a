import FoundationEssentials
import PWCore
import PWPluginHost

/// The status as a person reads it: what is up, what passes frames, and why not.
struct StatusText {
  let daemon: StatusDocument.Daemon
  private let site: SiteStatus
  /// How it is laid out.
  let layout: StatusLayout
  private let selection: StatusSelection
  /// All tunnels, for what is counted.
  private let all: [TunnelStatus]

  /// - Parameters:
  ///   - document: the part of a status that is shown.
  ///   - layout: how.
  ///   - selection: which part that is.
  ///   - whole: the whole of it; nil if it is all that is shown.
  init(
    _ document: StatusDocument, _ layout: StatusLayout = .wide, _ selection: StatusSelection = .all,
    of whole: StatusDocument? = nil
  ) {
    (daemon, site) = (document.daemon, document.site)
    (self.layout, self.selection) = (layout, selection)
    all = whole?.site.tunnels ?? document.site.tunnels
  }

  /// The whole report, ending in a newline.
  func rendered() -> String {
    var blocks = site.tunnels.map(lines)
    if selection.isWhole { blocks = [heading()] + blocks + [daemon.plugins.flatMap(lines), bridges] }
    if selection.isProblemsOnly, isWell { blocks.append([StatusLine("no problems", .good)]) }
    let lines = blocks.filter { !$0.isEmpty }.map { $0.flatMap(layout.lines).joined(separator: "\n") + "\n" }
    return lines.joined(separator: "\n")
  }

  private var bridges: [StatusLine] {
    site.bridges.flatMap { bridge in
      bridge.problems.map { StatusLine("bridge \(bridge.name): problem: \($0)", .bad) }
    }
  }

  private func lines(of plugin: PluginReport) -> [StatusLine] {
    var line = "plugin \(plugin.name)  \(plugin.state.rawValue) for \(age(of: plugin.since))"
    if let next = plugin.nextStart {
      line += ", started again in \(time(until: next))"
    }
    if let version = plugin.version { line += "  version \(version)" }
    if let process = plugin.processIdentifier { line += "  process \(process)" }
    if plugin.restarts > 0 { line += "  started again \(Self.times(plugin.restarts))" }
    return [StatusLine(line, plugin.state == .running ? .heading : .bad), StatusLine("  \(plugin.path)")]
      + plugin.problems.map { StatusLine("  problem: \($0)", .bad) }
      + plugin.messages.map { StatusLine("  said \(age(of: $0.at)) ago: \($0.text)") }
  }

  private func heading() -> [StatusLine] {
    var lines: [StatusLine] = [
      StatusLine("site \(daemon.site): \(all.summary)", .heading),
      StatusLine(
        "data plane \(daemon.dataPlane.kind.rawValue) (\(daemon.dataPlane.reason)); pwmgr \(daemon.version), "
          + "process \(daemon.processID), up \(age(of: daemon.started))"),
    ]
    lines += site.problems.map { StatusLine("problem: \($0)", .bad) }
    if site.halfOpenConnections > 0 {
      lines.append(StatusLine("half-open control connections: \(site.halfOpenConnections)"))
    }
    let dropped = self.dropped
    if !dropped.isEmpty {
      lines.append(StatusLine("control messages dropped: \(dropped.joined(separator: ", "))"))
    }
    return lines
  }

  /// `12 not allowed`: why control messages led to nothing, as far as there were any.
  private var dropped: [String] {
    let dropped = site.dropped
    let reasons = [
      (dropped.notAllowed, "not allowed"), (dropped.unauthentic, "unauthentic"), (dropped.rateLimited, "rate limited"),
      (dropped.noPlace, "without a place"), (dropped.displaced, "displaced while half open"),
      (dropped.version2, "of L2TPv2"), (dropped.malformed, "malformed"),
      (dropped.misaddressed, "for no connection of ours"), (dropped.misnamed, "for no session of ours"),
    ]
    return reasons.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
  }

  /// Of a status from which all that is well has been left out.
  private var isWell: Bool {
    site.problems.isEmpty && site.tunnels.isEmpty && site.bridges.isEmpty
      && (daemon.plugins.isEmpty || !selection.isWhole)
  }

  private func lines(of tunnel: TunnelStatus) -> [StatusLine] {
    if selection.isOnePseudowire {
      return tunnel.templates.flatMap(lines) + tunnel.pseudowires.flatMap { details(of: $0, in: tunnel) }
    }
    let name = tunnel.state.value == .established && !tunnel.isSignalled ? "made" : tunnel.state.value.rawValue
    let state = tunnel.disabled == nil ? name : "off, \(name)"
    var first = "tunnel \(tunnel.name)  \(state) for \(age(of: tunnel.state.since))"
    switch tunnel.signalling {
    case .full: break
    case .keepalive: first += ", sessions as declared"
    case .none: first += ", without signalling"
    }
    if let heard = tunnel.lastHeard { first += ", peer heard \(age(of: heard)) ago" }
    if let count = tunnel.unansweredRequests { first += ", no answer to \(count) SCCRQ\(count == 1 ? "" : "s") yet" }
    if let next = tunnel.nextAttempt {
      first += ", next attempt in \(time(until: next))"
    }
    let isUp = tunnel.state.value == .established || tunnel.disabled == .siteFile
    var lines = [StatusLine(first, isUp ? .heading : .bad)]
    if let text = tunnel.descriptionText { lines.append(StatusLine("  description \(text)")) }
    var peer = "  peer \(tunnel.remote?.description ?? tunnel.peer)"
    if let number = tunnel.peerAddressNumber, let count = tunnel.peerAddressCount {
      peer += ", \(number.ordinal) of \(count)"
    }
    if let name = tunnel.peerHostName { peer += "  host name \(name)" }
    if let router = tunnel.peerRouterID { peer += "  router id \(IPAddress.v4(router))" }
    lines.append(StatusLine(peer))
    lines.append(StatusLine(path(of: tunnel)))
    if let protection = tunnel.protection { lines.append(line(of: protection)) }
    if let failure = tunnel.lastError {
      let isWell = tunnel.state.value == .established
      lines.append(StatusLine("  " + Self.name(ofErrorWhile: isWell) + text(of: failure), isWell ? .faint : .bad))
    }
    lines += tunnel.templates.flatMap(self.lines)
    let isLeftOut = selection.isProblemsOnly && tunnel.pseudowires.isEmpty
    if !isLeftOut, tunnel.templates.isEmpty || !tunnel.pseudowires.isEmpty { lines += table(of: tunnel) }
    return lines
  }

  /// `protected: ESP (rfc4106(gcm(aes)))`, or the reasons why packets are not protected.
  private func line(of protection: ProtectionStatus) -> StatusLine {
    let demand = "`protection: \(protection.demand.rawValue)`"
    guard let found = protection.found else { return StatusLine("  \(demand): not looked for yet") }
    guard !found.isThere else { return StatusLine("  protected: \(found.words)") }
    let duration = protection.since.map { " for \(age(of: $0))" } ?? ""
    let isRequired = protection.demand == .required
    let end = isRequired ? "nothing is sent" : "packets are sent all the same"
    return StatusLine("  not protected\(duration) (\(demand), \(end)): \(found.words)", isRequired ? .bad : .warning)
  }

  /// The way to the peer, and what was agreed on with it.
  private func path(of tunnel: TunnelStatus) -> String {
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
    return path
  }

  /// `dsl: 97 of 100 idle`: what there is to say of those that nobody has asked for.
  private func lines(of template: TemplateStatus) -> [StatusLine] {
    let place = template.attachment == "none" ? "" : "  \(template.attachment)"
    let idle = template.disabled == nil ? "idle" : "off"
    let line = "  \(template.name): \(template.idle) of \(template.sessions) \(idle)\(place)"
    return [StatusLine(line)]
      + [template.lastError].compactMap { $0 }.map { StatusLine("    last error: " + text(of: $0), .bad) }
  }

  func text(of failure: Since<String>) -> String {
    "\(failure.value) (\(age(of: failure.since)) ago)"
  }

  func age(of moment: Instant) -> String { Self.duration(max(0, (daemon.now - moment).inSeconds)) }

  private func time(until moment: Instant) -> String { Self.duration(max(0, (moment - daemon.now).inSeconds)) }

  static func times(_ count: Int) -> String {
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
