import PWCore

/// Judges the state of the site, its bridges, tunnels and pseudowires, as the daemon tells it.
enum TunnelJudge {
  static func findings(_ scene: DoctorScene) -> [DoctorFinding] {
    guard let status = scene.status?.site else { return [] }
    // The reason for which the site file was refused is told with that.
    let refusal = scene.refusal
    var findings = status.problems.filter { $0 != refusal }.map { DoctorFinding(.siteProblem, scene.siteObject, $0) }
    for bridge in status.bridges {
      findings += bridge.problems.map { DoctorFinding(.bridgeProblem, .link(bridge.name), $0) }
    }
    if let refused = refused(status.dropped) {
      findings.append(DoctorFinding(.messagesRefused, scene.siteObject, refused))
    }
    for tunnel in status.tunnels { findings += self.findings(tunnel, scene) }
    return findings
  }

  private static func findings(_ tunnel: TunnelStatus, _ scene: DoctorScene) -> [DoctorFinding] {
    if let disabled = tunnel.disabled {
      return disabled == .command ? [putDown(tunnel.name, .tunnel(tunnel.name))] : []
    }
    var findings: [DoctorFinding] = []
    let isUp = tunnel.state.value == .established
    if !isUp {
      let error = tunnel.lastError.map { ": \($0.value)" } ?? ""
      findings.append(
        DoctorFinding(
          .tunnelDown, .tunnel(tunnel.name),
          "the control connection to \(tunnel.peer) is in state \(tunnel.state.value.rawValue)\(error)",
          cure: "`pwmgr explain \(tunnel.name)` explains the codes in the text, and `pwmgr check --pair` compares the "
            + "files of both ends"))
    }
    for pseudowire in tunnel.pseudowires {
      let name = "\(tunnel.name)/\(pseudowire.name)"
      if let disabled = pseudowire.disabled {
        if disabled == .command { findings.append(putDown(name, .pseudowire(name))) }
        continue
      }
      if isUp, !pseudowire.isForwarding {
        // A loop that a spanning tree has cut is not a fault.
        findings += pseudowire.forwarding.value.obstacles.filter { $0.code != .spanningTree }.map {
          DoctorFinding(
            .notForwarding, .pseudowire(name), $0.words, cure: "`pwmgr explain \(name)` explains the reason")
        }
      }
      findings += warnings(pseudowire, tunnel, scene).map { DoctorFinding(.pseudowireWarning, .pseudowire(name), $0) }
    }
    return findings
  }

  /// The daemon's warnings, without those of which there is a finding about the same thing with more numbers in it.
  private static func warnings(
    _ pseudowire: PseudowireStatus, _ tunnel: TunnelStatus, _ scene: DoctorScene
  ) -> [String] {
    let judged = Set(MTUJudge.findings(tunnel, pseudowire, scene.facts).map(\.code))
    let bridge = scene.facts.links.first { $0.value.ports.contains(pseudowire.interfaceName) }?.key
    return pseudowire.warnings.filter { warning in
      switch warning.code {
      case .lanMTU: !judged.contains(.bridgePortDrops)
      case .interfaceMTU: !judged.contains(.peerMTUDiffers)
      case .firewall: bridge.map { !FirewallJudge.judgesNetfilter(of: $0, scene) } ?? true
      case .vlans, .loss, .plugin, .other: true
      }
    }.map(\.words)
  }

  private static func putDown(_ name: String, _ object: DoctorObject) -> DoctorFinding {
    DoctorFinding(.putDown, object, "`pwmgr down \(name)` was given", cure: "`pwmgr up \(name)`")
  }

  private static func refused(_ dropped: DroppedMessages) -> String? {
    let counts = [
      (dropped.unauthentic, "with a wrong digest or none"), (dropped.notAllowed, "from callers that no tunnel takes"),
      (dropped.malformed, "that cannot be read"), (dropped.version2, "of L2TPv2"),
      (dropped.rateLimited, "beyond the limit of calls in a second"),
    ].filter { $0.0 > 0 }
    guard !counts.isEmpty else { return nil }
    return "control messages dropped since the start: " + counts.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
  }
}
