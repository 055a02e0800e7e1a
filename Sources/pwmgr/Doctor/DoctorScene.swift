import PWConfig
import PWCore

/// Everything that a look has seen, ready to be judged: the site, the daemon's status, and the machine.
struct DoctorScene {
  /// The site as it is declared, or the part of it that was asked for; nil where it is not known.
  var site: Site?
  /// The site file, and its errors, where no daemon has said what it runs.
  var siteFile: String?
  var siteFaults: [String] = []
  /// Why the usual site file cannot be read, where nothing else says what the site is.
  var unreadSite: String?
  /// The daemon's answer, or the part of it that was asked for; nil without one.
  var status: StatusDocument?
  /// Why there is none.
  var silence: (code: DoctorCode, message: String)?
  /// Whether that is a finding: before the first start there is none.
  var isDaemonNeeded = true
  var facts = MachineFacts()
  /// The tunnel or pseudowire that was asked for.
  var name: String?
  /// Whether the site file has something of that name.
  var isInFile = true

  /// The site's name as an object.
  var siteObject: DoctorObject {
    (status?.daemon.site ?? site?.name).map(DoctorObject.site) ?? .machine
  }

  /// The daemon's words about the site file that it has refused.
  var refusal: String? {
    guard let status, status.daemon.isSiteFileRefused else { return nil }
    return status.daemon.siteFileRefusal
  }

  /// Every finding, problems first, otherwise in the order in which one would look for a fault: the daemon, the
  /// machine, the tunnels, their traffic.
  var findings: [DoctorFinding] {
    let all =
      DaemonJudge.findings(self) + KernelJudge.findings(self) + PortJudge.findings(self) + FirewallJudge.findings(self)
      + LinkJudge.findings(self) + TunnelJudge.findings(self) + MTUJudge.findings(self) + TrafficJudge.findings(self)
      + ClockJudge.findings(self)
    return DoctorSeverity.allCases.flatMap { severity in all.filter { $0.severity == severity } }
  }

  /// The part of a site that a name stands for; nil where it has nothing of that name.
  static func part(_ name: String, of site: Site) -> Site? {
    var part = site
    part.tunnels.removeAll { $0.name != name && !name.hasPrefix($0.name + "/") }
    if name.contains("/") {
      for index in part.tunnels.indices {
        let tunnel = part.tunnels[index].name
        part.tunnels[index].pseudowires.removeAll { pseudowire in
          "\(tunnel)/\(pseudowire.name)" != name && "\(tunnel)/\(pseudowire.template ?? "")" != name
        }
      }
      part.tunnels.removeAll(where: \.pseudowires.isEmpty)
    }
    guard !part.tunnels.isEmpty else { return nil }
    let circuits = part.tunnels.flatMap(\.pseudowires).map(\.circuit)
    part.bridges.removeAll { bridge in !circuits.contains(.bridge(bridge.name)) }
    return part
  }

  /// The complaint about a name that a site does not have.
  static func complaint(_ name: String, _ site: Site) -> String {
    let known = site.tunnels.flatMap { tunnel in
      [tunnel.name] + tunnel.pseudowires.map { "\(tunnel.name)/\($0.template ?? $0.name)" }
    }
    let hint = Spelling.hint(for: name, among: known, otherwise: "; see 'pwmgr status'")
    return "there is no tunnel or pseudowire '\(name)'\(hint)"
  }
}
