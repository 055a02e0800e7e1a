import FoundationEssentials
import PWConfig
import PWCore
import PWPluginHost

/// Looks at the daemon, the site file and the machine.
struct DoctorLook {
  /// Where the daemon listens.
  let controlSocket: String
  /// The site file that was named; without one, the daemon's site is looked at, and the usual file where none answers.
  let siteFile: String?
  /// Where plugins are that are not compiled in.
  let pluginDirectory: String
  /// The tunnel or pseudowire that is looked at; nil is all of the site.
  let name: String?

  /// Where the unit has its site file.
  static let usualSiteFile = "/etc/pwmgr/site.yaml"

  /// Everything that can be seen.
  ///
  /// - Throws: a complaint, if there is no tunnel or pseudowire of the name.
  func scene() throws(StatusSelection.UnknownName) -> DoctorScene {
    var scene = DoctorScene()
    scene.name = name
    scene.isDaemonNeeded = siteFile == nil
    let client = ControlClient(path: controlSocket)
    ask(client, &scene)
    readSite(client, &scene)
    if let name {
      // The daemon knows those that stand for one of many, too.
      let part = scene.site.flatMap { DoctorScene.part(name, of: $0) }
      if let status = scene.status {
        let selection = StatusSelection(name: name)
        // A name that only the file has is a reason to look at the file alone.
        scene.status = part == nil ? try selection.applied(to: status) : try? selection.applied(to: status)
        if scene.status == nil { scene.isDaemonNeeded = false }
      } else if let site = scene.site, part == nil {
        throw .init(message: DoctorScene.complaint(name, site))
      }
      scene.isInFile = scene.site == nil || part != nil
      scene.site = part
    }
    let question = MachineQuestion(scene.site, scene.status, controlSocket: controlSocket)
    scene.facts = MachineReader(question: question).facts()
    return scene
  }

  private func ask(_ client: ControlClient, _ scene: inout DoctorScene) {
    let answer: Data
    do throws(ControlFailure) {
      answer = try client.ask(.status)
    } catch {
      scene.silence = (.daemonSilent, error.message)
      return
    }
    do throws(ControlFailure) {
      scene.status = try StatusDocument(answer: answer)
    } catch {
      scene.silence = (.daemonUnreadable, error.message)
    }
  }

  private func readSite(_ client: ControlClient, _ scene: inout DoctorScene) {
    let finder = PluginDirectory(pluginDirectory, version: Version.number)
    if siteFile == nil, scene.status != nil, let running = try? RunningSite(answer: client.ask(.site)) {
      let reading = SiteReader(plugins: CompiledInPlugins.all, finder: finder).read(running.parts)
      (scene.siteFile, scene.site) = (running.path, reading.site)
      scene.siteFaults = Self.faults(of: reading)
      return
    }
    let path = siteFile ?? Self.usualSiteFile
    do throws(SiteFile.UnreadableFile) {
      let file = try SiteFile.read(path, finder: finder, isAwaited: false)
      (scene.siteFile, scene.site) = (path, file.reading.site)
      scene.siteFaults = Self.faults(of: file.reading)
    } catch {
      scene.siteFile = path
      // That the usual file is not there is not a fault of it: the site may be elsewhere.
      if siteFile != nil { scene.siteFaults = ["\(error)"] } else { scene.unreadSite = "\(error)" }
    }
  }

  private static func faults(of reading: SiteReading) -> [String] {
    guard reading.hasErrors else { return [] }
    return reading.diagnostics.filter { $0.severity == .error }.map { reading.parts.line(of: $0) }
  }
}

extension DoctorScene {
  /// Everything that could not be looked at, and why.
  var notLookedAt: [String] {
    var lines: [String] = []
    if let silence {
      lines.append("the state of tunnels and pseudowires, the MTU of paths, and counters: \(silence.message)")
    }
    if let unreadSite {
      lines.append("what the site needs of the machine: \(unreadSite); name its file with --site")
    } else if !isInFile {
      lines.append("the needs of \(name ?? "it"): its file does not have that name")
    } else if site == nil {
      lines.append("what the site needs of the machine: its file has errors")
    }
    return lines + facts.unread + unattributed
  }

  /// The outcome of the look.
  var report: DoctorReport {
    DoctorReport(
      site: status?.daemon.site ?? site?.name, daemonAnswers: status != nil, name: name, findings: findings,
      notLookedAt: notLookedAt)
  }
}
