import ArgumentParser
import FoundationEssentials

/// `pwmgr doctor`: the faults of the machine, the daemon and the pseudowires, and their cures.
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Look for faults of the machine, the daemon, tunnels and pseudowires, and name the cures.",
    discussion: """
      It looks at the kernel's L2TP drivers and the files that keep them from being loaded, at the programs that have \
      L2TP's UDP port, at the firewall, rp_filter, NetworkManager, systemd-networkd and udev, at the MTUs from the LAN \
      to the peer, at counters of dropped packets, at the clock, and at all that the daemon says is not as declared. \
      Each finding has a code that stays the same. The last lines name what could not be looked at, and why. It \
      changes nothing, and asks the peers nothing. As root it sees more.

      The site is the one that the daemon runs. If no daemon answers, it is the one in /etc/pwmgr/site.yaml. With \
      --site, it is the one in that file, and there need not be a daemon: that is for the time before the first start.

      Exit status: 0 if no problem was found (warnings and notes do not count), 1 if there is no tunnel or pseudowire \
      of the name, 3 if a problem was found, 69 if no daemon answers, whatever else was found, unless --site is given.
      """)

  @Argument(
    help: ArgumentHelp("A tunnel, or one of its pseudowires: berlin/lan. Without it, all.", valueName: "name"))
  var name: String?

  @Option(
    help: ArgumentHelp("Look at the machine for the site in this file; a daemon is not needed.", valueName: "file"),
    completion: .file())
  var site: String?

  @OptionGroup var socket: ControlSocketOption

  @OptionGroup var plugins: PluginDirectoryOption

  @Flag(help: "Print a JSON object.")
  var json = false

  func run() throws {
    let scene: DoctorScene
    do throws(StatusSelection.UnknownName) {
      scene = try DoctorLook(
        controlSocket: socket.controlSocket, siteFile: site, pluginDirectory: plugins.path, name: name
      ).scene()
    } catch {
      StandardError.write("pwmgr: \(error.message)")
      throw ExitStatus.failure.exit
    }
    let report = scene.report
    if json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      try StandardOutput.write(try encoder.encode(report) + Data("\n".utf8))
    } else {
      try StandardOutput.write((report.words(columns: ExplainCommand.columns) + "\n").utf8)
    }
    if scene.isDaemonNeeded, scene.status == nil { throw ExitStatus.unavailable.exit }
    if report.count(.problem) > 0 { throw ExitStatus.notForwarding.exit }
  }
}
