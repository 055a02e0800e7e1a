import FoundationEssentials
import PWCore

/// Judges the daemon itself, and the site file.
enum DaemonJudge {
  static func findings(_ scene: DoctorScene) -> [DoctorFinding] {
    var findings: [DoctorFinding] = []
    if let silence = scene.silence, scene.isDaemonNeeded || silence.code != .daemonSilent {
      findings.append(DoctorFinding(silence.code, scene.siteObject, silence.message))
    }
    let file = scene.siteFile ?? "the site file"
    for fault in scene.siteFaults {
      findings.append(DoctorFinding(.siteFileFaulty, scene.siteObject, fault, cure: "`pwmgr check \(file)`"))
    }
    guard let daemon = scene.status?.daemon else { return findings }
    let process = "process \(daemon.processID)"
    if daemon.version != Version.number {
      findings.append(
        DoctorFinding(
          .versionDiffers, scene.siteObject,
          "the daemon (\(process)) is pwmgr \(daemon.version), and this program is \(Version.number)"))
    }
    if scene.facts.isProgramReplaced == true {
      findings.append(
        DoctorFinding(
          .programReplaced, scene.siteObject, "/proc/\(daemon.processID)/exe of the daemon names a file that is gone"))
    }
    if scene.facts.isElsewhere == true {
      findings.append(
        DoctorFinding(
          .otherNamespace, scene.siteObject,
          "/proc/\(daemon.processID)/ns/net of the daemon is not the network namespace of this command",
          cure: "`nsenter --net=/proc/\(daemon.processID)/ns/net unshare --mount sh -c 'mount -t sysfs sysfs /sys && "
            + "pwmgr doctor'`: /sys shows the links of the namespace that it was mounted in"))
    }
    if daemon.isSiteFileRefused {
      findings.append(
        DoctorFinding(
          .siteFileRefused, scene.siteObject,
          scene.refusal ?? "the daemon has refused its site file, and runs another site",
          cure: scene.isDaemonNeeded ? "`pwmgr check \(file)`, then `pwmgr reload`" : nil))
    }
    for plugin in daemon.plugins where !plugin.problems.isEmpty {
      findings.append(
        DoctorFinding(
          .pluginProblem, scene.siteObject,
          "plugin \(plugin.name) (\(plugin.path)): \(plugin.problems.joined(separator: "; "))",
          cure: "`pwmgr plugin test \(plugin.path)`; see `journalctl -u pwmgr`"))
    }
    return findings
  }
}

/// Judges the clock.
enum ClockJudge {
  /// A smaller step does not mislead anybody who compares times.
  static let smallestStepSeconds = 60.0

  static func findings(_ scene: DoctorScene) -> [DoctorFinding] {
    var findings: [DoctorFinding] = []
    if scene.facts.isClockSynchronised == false {
      findings.append(
        DoctorFinding(.clockUnsynchronised, .machine, "the kernel says that its clock is not synchronised (adjtimex)"))
    }
    // The daemon tells when it started by the clock of now; its socket has the time by the clock of then.
    if let daemon = scene.status?.daemon, let made = scene.facts.socketMade {
      let started = WallClock.sinceEpoch.date(of: daemon.started)
      let step = Int(started.timeIntervalSince(made))
      if Double(step.magnitude) >= smallestStepSeconds {
        findings.append(
          DoctorFinding(
            .clockStepped, .machine,
            "the clock was set \(step > 0 ? "forward" : "back") by \(step.magnitude) seconds since the daemon started"))
      }
    }
    return findings
  }
}
