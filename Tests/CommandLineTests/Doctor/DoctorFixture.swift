import Foundation
import PWConfig
import PWCore

@testable import pwmgr

/// A machine, a daemon and a site with nothing wrong, and a scene for each finding that differs from it in one thing.
enum DoctorFixture {
  static let text = """
    site: amsterdam
    router-id: 192.0.2.1
    tunnels:
      berlin:
        local: 192.0.2.1
        peer: 192.0.2.2
        pseudowires:
          lan: {type: ethernet, end-id: 100, bridge: br-lan, interface: pw-lan}
    bridges:
      br-lan: {members: [eth1]}
    """

  /// The site, with one more line.
  static func site(_ more: String = "") -> Site? {
    SiteReader(plugins: CompiledInPlugins.all).read("\(text)\n\(more)\n").site
  }

  /// Nothing is wrong.
  static func well() -> DoctorScene {
    var status = StatusFixture.document()
    status.daemon.version = Version.number
    status.daemon.plugins = []
    (status.site.problems, status.site.bridges, status.site.dropped) = ([], [], DroppedMessages())
    status.site.tunnels.removeLast()
    status.site.tunnels[0].pseudowires.removeLast()
    status.site.tunnels[0].pathMTUOctets = 1_600
    status.site.tunnels[0].pseudowires[0].warnings = []
    status.site.tunnels[0].pseudowires[0].counters?.cookieDiscards = 0
    var scene = DoctorScene(site: site(), siteFile: "/etc/pwmgr/site.yaml", status: status)
    scene.facts.loadedModules = Set(MachineReader.modules)
    scene.facts.firewall = []
    scene.facts.isClockSynchronised = true
    scene.facts.socketMade = Date(timeIntervalSince1970: 1_800_000_000 - 7_384)
    scene.facts.sockets = [
      BoundSocket(address: nil, port: 1_701, inode: 1, user: 0, process: 42, program: "pwmgr")
    ]
    scene.facts.links = [
      "pw-lan": LinkFacts(index: 7, mtuOctets: 1_500, kind: "l2tpeth"),
      "br-lan": LinkFacts(index: 8, mtuOctets: 1_500, kind: "bridge", ports: ["eth1", "pw-lan"]),
      "eth1": LinkFacts(index: 3, mtuOctets: 1_500),
    ]
    return scene
  }

  /// A scene of which exactly this is to be found. There is no default: a code without a scene does not compile.
  static func scene(of code: DoctorCode) -> DoctorScene {
    var scene = well()
    change(&scene, for: code)
    return scene
  }

  private static func pseudowire(_ scene: inout DoctorScene, _ change: (inout PseudowireStatus) -> Void) {
    guard var status = scene.status else { return }
    change(&status.site.tunnels[0].pseudowires[0])
    scene.status = status
  }

  private static func link(_ scene: inout DoctorScene, _ name: String, _ change: (inout LinkFacts) -> Void) {
    change(&scene.facts.links[name, default: LinkFacts()])
  }

  private static func change(_ scene: inout DoctorScene, for code: DoctorCode) {
    switch code {
    case .daemonSilent:
      scene.status = nil
      scene.facts.sockets = []
      scene.silence = (.daemonSilent, "no daemon answers at /run/pwmgr/control.sock")
    case .daemonUnreadable:
      scene.status = nil
      scene.facts.sockets = []
      scene.silence = (.daemonUnreadable, "the daemon is pwmgr 9.0.0")
    case .otherNamespace: scene.facts.isElsewhere = true
    case .versionDiffers: scene.status?.daemon.version = "0.0.9"
    case .programReplaced: scene.facts.isProgramReplaced = true
    case .siteFileFaulty: scene.siteFaults = ["/etc/pwmgr/site.yaml:3:1: error: 'tunels' is not a key"]
    case .siteFileRefused: scene.status?.daemon.isSiteFileRefused = true
    case .siteProblem: scene.status?.site.problems = ["the listener of port 1701 is not open"]
    case .bridgeProblem:
      scene.status?.site.bridges = [BridgeStatus(name: "br-lan", problems: ["member eth1 has an address"])]
    case .pluginProblem: scene.status?.daemon.plugins = StatusFixture.document().daemon.plugins
    case .tunnelDown:
      scene.status?.site.tunnels[0].state.value = .waitReply
      scene.status?.site.tunnels[0].lastError = Since("no answer to SCCRQ", since: StatusFixture.ago(3))
    case .notForwarding:
      pseudowire(&scene) {
        let obstacle = ForwardingObstacle(.peerCircuit, "the peer's circuit is down")
        $0.forwarding = Since(.no(because: [obstacle]), since: StatusFixture.ago(5))
      }
    case .putDown: pseudowire(&scene) { $0.disabled = .command }
    case .pseudowireWarning:
      pseudowire(&scene) { $0.warnings = [PseudowireWarning(.loss, "12 of 100 data packets were lost")] }
    case .messagesRefused: scene.status?.site.dropped.unauthentic = 7
    default: changeMachine(&scene, for: code)
    }
  }

  private static func changeMachine(_ scene: inout DoctorScene, for code: DoctorCode) {
    switch code {
    case .moduleMissing:
      scene.site = site("data-plane: kernel")
      scene.facts.loadedModules.remove("l2tp_eth")
      scene.facts.installedModules = ["l2tp_core", "l2tp_netlink"]
    case .moduleBlacklisted:
      scene.site = site("data-plane: kernel")
      scene.facts.loadedModules.remove("l2tp_eth")
      scene.facts.moduleBans = [
        ModuleBan(module: "l2tp_eth", file: "/etc/modprobe.d/l.conf", line: 2, text: "blacklist l2tp_eth")
      ]
    case .tunMissing:
      scene.site = site("data-plane: userspace")
      scene.status?.daemon.dataPlane.kind = .userspace
      scene.facts.hasTAP = false
    case .userspaceChosen: scene.status?.daemon.dataPlane.kind = .userspace
    case .portTaken:
      scene.facts.sockets.append(
        BoundSocket(address: .v4(0xC000_0201), port: 1_701, inode: 2, user: 0, process: 812, program: "xl2tpd"))
    case .forwardPolicyDrops, .forwardRuleDrops:
      scene.facts.bridgeSwitches = [.iptables]
      var chain = FirewallChain(
        family: "ip", table: "filter", name: "FORWARD", hook: .forward, dropsTheRest: code == .forwardPolicyDrops)
      chain.dropped = 12
      scene.facts.firewall = [chain]
    case .inputDrops:
      scene.facts.firewall = [
        FirewallChain(family: "inet", table: "filter", name: "input", hook: .input, dropsTheRest: true)
      ]
    case .reversePathFilter:
      scene.facts.paths = [TunnelPath(tunnel: "berlin", localLink: "eth0", routeLink: "eth2")]
      scene.facts.reversePathFilters = ["all": 0, "eth0": 1]
    case .networkManager: link(&scene, "pw-lan") { $0.isNetworkManagers = true }
    case .networkd: link(&scene, "pw-lan") { $0.networkFile = "/etc/systemd/network/all.network" }
    case .linkFileMissing: scene.facts.isUdevRunning = true
    case .linkFileOverruled:
      link(&scene, "pw-lan") {
        ($0.linkFile, $0.addressPolicy) = ("/usr/lib/systemd/network/99-default.link", "persistent")
      }
    case .mtuFragments: scene.status?.site.tunnels[0].pathMTUOctets = 1_500
    case .peerMTUDiffers:
      pseudowire(&scene) { ($0.interfaceMTUOctets, $0.peerInterfaceMTUOctets) = (1_500, 1_400) }
    case .bridgePortDrops: link(&scene, "eth1") { $0.mtuOctets = 9_000 }
    case .cookieDiscards: pseudowire(&scene) { $0.counters?.cookieDiscards = 5 }
    case .sequenceDiscards: pseudowire(&scene) { $0.counters?.sequenceDiscards = 5 }
    case .receiveErrors: pseudowire(&scene) { $0.counters?.receiveErrors = 5 }
    case .transmitErrors: pseudowire(&scene) { $0.counters?.transmitErrors = 5 }
    case .linkDrops: link(&scene, "eth1") { $0.receiveDrops = 5 }
    case .clockUnsynchronised: scene.facts.isClockSynchronised = false
    case .clockStepped: scene.facts.socketMade = Date(timeIntervalSince1970: 1_800_000_000 - 7_384 - 3_600)
    case .daemonSilent, .daemonUnreadable, .otherNamespace, .versionDiffers, .programReplaced, .siteFileFaulty,
      .siteFileRefused, .siteProblem, .bridgeProblem, .pluginProblem, .tunnelDown, .notForwarding, .putDown,
      .pseudowireWarning, .messagesRefused:
      break
    }
  }
}
