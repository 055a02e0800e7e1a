import Foundation
import PWCore
import Testing

@testable import pwmgr

/// Facts become findings.
@Suite struct DoctorFindingTests {
  @Test("Nothing is found where nothing is wrong") func well() {
    let findings = DoctorFixture.well().findings
    #expect(findings.isEmpty, "\(findings)")
  }

  @Test("Each finding is made by what it is about, and by nothing else", arguments: DoctorCode.allCases)
  func each(_ code: DoctorCode) throws {
    let findings = DoctorFixture.scene(of: code).findings
    #expect(findings.map(\.code) == [code], "\(findings)")
    let finding = try #require(findings.first)
    #expect(finding.severity == code.entry.severity)
    #expect(!finding.saw.isEmpty && !finding.cure.isEmpty)
    for line in DoctorFixture.scene(of: code).report.words(columns: 80).split(separator: "\n") where line.count > 80 {
      // A command that does not fit stays in one piece.
      #expect(line.contains("`") || line.contains("/"), "\(line)")
    }
  }

  @Test("The MTU chain is summed from the packet to the outer header, and the cures have its numbers")
  func chain() throws {
    let finding = try #require(DoctorFixture.scene(of: .mtuFragments).findings.first)
    #expect(
      finding.saw == "1500 packet + 14 Ethernet + 4 cookie + 8 L2TP + 8 UDP + 20 IPv4 = 1554 octets, and the path "
        + "takes 1500 (as the routes say)")
    #expect(
      finding.cure == "`mtu: fit` (1446 octets now) at both ends; or `mtu: 1446`, which stays so; or keep "
        + "`mtu: carry` and give the path an MTU of 1554")
    var scene = DoctorFixture.scene(of: .mtuFragments)
    scene.status?.site.tunnels[0].pathMTUOctets = 1_554
    #expect(scene.findings.isEmpty, "exactly as large as the path takes")
  }

  @Test("A narrow port of the bridge is the one that drops") func narrowPort() throws {
    var scene = DoctorFixture.well()
    scene.facts.links["eth1"]?.mtuOctets = 1_400
    let finding = try #require(scene.findings.first)
    #expect(finding.code == .bridgePortDrops && finding.object == .link("eth1"))
    #expect(finding.saw.contains("packets larger than 1400 octets are dropped at eth1"))
  }

  @Test("A driver that is missing is a warning as long as userspace stands in") func standIn() {
    var scene = DoctorFixture.scene(of: .moduleMissing)
    scene.site = DoctorFixture.site()
    #expect(scene.findings.map(\.severity) == [.warning])
    scene.site = DoctorFixture.site("data-plane: userspace")
    #expect(scene.findings.isEmpty)
    scene.facts.isRedHat = true
    scene.site = DoctorFixture.site("data-plane: kernel")
    #expect(scene.findings.first?.cure.contains("kernel-modules-extra") == true)
  }

  @Test("A socket that may be the daemon's is named as not looked at") func unattributed() {
    var scene = DoctorFixture.scene(of: .portTaken)
    for index in scene.facts.sockets.indices { scene.facts.sockets[index].process = nil }
    #expect(scene.findings.isEmpty)
    #expect(scene.notLookedAt == ["which program has UDP port 1701: only root may see that"])
    scene.status = nil
    #expect(scene.findings.isEmpty)
    // A daemon that does not answer is not told to be stopped.
    for index in scene.facts.sockets.indices {
      (scene.facts.sockets[index].process, scene.facts.sockets[index].program) = (7, "pwmgr")
    }
    #expect(scene.findings.isEmpty)
    for index in scene.facts.sockets.indices { scene.facts.sockets[index].program = "x;reboot \u{1b}[2J#" }
    #expect(scene.findings.map(\.code).contains(.portTaken))
    #expect(scene.findings.allSatisfy { !$0.saw.contains(";") && !$0.saw.contains("\u{1b}") })
    // One at another address of the machine is in nobody's way.
    scene.facts.sockets = [BoundSocket(address: .v4(0x7F00_0001), port: 1_701, inode: 2, user: 0)]
    #expect(scene.findings.isEmpty)
  }

  @Test("Only chains that bridged frames pass count, and one that accepts some of them is less urgent") func chains() {
    var scene = DoctorFixture.scene(of: .forwardPolicyDrops)
    scene.facts.firewall?[0].accepts = true
    #expect(scene.findings.map(\.severity) == [.warning])
    scene.facts.firewall?[0].family = "ip6"
    #expect(scene.findings.isEmpty, "the switch is that of IPv4")
    scene.facts.bridgeSwitches = []
    scene.facts.firewall?[0].family = "bridge"
    #expect(scene.findings.map(\.code) == [.forwardPolicyDrops], "no switch leads to it")
    scene.facts.firewall?[0].family = "ip"
    #expect(scene.findings.isEmpty)
    scene.facts.links["br-lan"]?.firewallCalls = [.ip6tables]
    #expect(scene.findings.isEmpty, "the bridge's own switch is that of IPv6")
    scene.facts.links["br-lan"]?.firewallCalls = [.iptables]
    #expect(scene.findings.first?.cure == "`ip link set br-lan type bridge nf_call_iptables 0`")
  }

  @Test("A firewall that names the port is no hindrance") func openPort() {
    var scene = DoctorFixture.scene(of: .inputDrops)
    scene.facts.firewall?[0].named.ports = [1_701]
    #expect(scene.findings.isEmpty)
    scene.facts.firewall?[0].closed.ports = [1_701]
    #expect(scene.findings.first?.saw == "chain input of table inet filter has a rule that drops UDP port 1701")
    scene.facts.firewall?[0].closed.ports = []
    scene.facts.firewall?[0].named.ports = []
    scene.facts.firewall?[0].named.names = ["192.0.2.2"]
    #expect(scene.findings.isEmpty, "the peer is named")
    scene.facts.firewall?[0].named.names = []
    scene.facts.firewall?[0].family = "ip6"
    #expect(scene.findings.isEmpty, "the tunnel is over IPv4")
  }

  @Test("The reason of a pseudowire is told once, and not where its tunnel is down") func once() {
    var scene = DoctorFixture.scene(of: .notForwarding)
    scene.status?.site.tunnels[0].state.value = .idle
    #expect(scene.findings.map(\.code) == [.tunnelDown])
    scene.status?.site.tunnels[0].disabled = .siteFile
    #expect(scene.findings.isEmpty)
  }

  @Test("A warning of the daemon is left out where a finding says the same with numbers") func warnings() {
    var scene = DoctorFixture.scene(of: .peerMTUDiffers)
    scene.status?.site.tunnels[0].pseudowires[0].warnings = [
      PseudowireWarning(.interfaceMTU, "the attachment circuits of both ends have 1400 and 1500 octets")
    ]
    #expect(scene.findings.map(\.code) == [.peerMTUDiffers])
    let firewall = PseudowireWarning(.firewall, "it may drop frames")
    scene.status?.site.tunnels[0].pseudowires[0].warnings = [firewall]
    for chains in [nil, []] as [[FirewallChain]?] {
      scene.facts.firewall = chains
      #expect(scene.findings.map(\.code) == [.pseudowireWarning, .peerMTUDiffers], "the dropping chain was not seen")
    }
    var dropping = DoctorFixture.scene(of: .forwardPolicyDrops)
    dropping.status?.site.tunnels[0].pseudowires[0].warnings = [firewall]
    #expect(dropping.findings.map(\.code) == [.forwardPolicyDrops])
    // A finding about something else hides nothing: another chain, another bridge, another MTU.
    dropping.facts.firewall?[0].family = "bridge"
    #expect(dropping.findings.map(\.code) == [.forwardPolicyDrops, .pseudowireWarning])
    dropping.facts.firewall?[0].family = "ip"
    dropping.facts.links["br-lan"]?.ports = ["eth1"]
    #expect(dropping.findings.map(\.code) == [.forwardPolicyDrops, .pseudowireWarning])
    scene = DoctorFixture.scene(of: .peerMTUDiffers)
    let lan = PseudowireWarning(.lanMTU, "eth2 has an MTU of 9000 octets")
    scene.status?.site.tunnels[0].pseudowires[0].warnings = [lan]
    #expect(scene.findings.map(\.code) == [.pseudowireWarning, .peerMTUDiffers])
  }

  @Test("The reason for which the site file was refused is told once") func refusal() {
    var scene = DoctorFixture.scene(of: .siteFileRefused)
    scene.status?.site.problems = ["a file that was refused has nothing to do with it", "line 3 of the site file"]
    scene.status?.daemon.siteFileRefusal = "line 3 of the site file"
    #expect(scene.findings.map(\.code) == [.siteFileRefused, .siteProblem])
    #expect(scene.findings[0].saw == "line 3 of the site file")
    #expect(scene.findings[1].saw == "a file that was refused has nothing to do with it")
    #expect(scene.findings[0].cure == "`pwmgr check /etc/pwmgr/site.yaml`, then `pwmgr reload`")
  }

  @Test("A name narrows the site, and another one has its neighbour named") func names() throws {
    let site = try #require(DoctorFixture.site())
    #expect(DoctorScene.part("berlin/lan", of: site)?.bridges.map(\.name) == ["br-lan"])
    #expect(DoctorScene.part("berlin", of: site) == site)
    #expect(DoctorScene.part("berlin/lam", of: site) == nil && DoctorScene.part("paris", of: site) == nil)
    #expect(
      DoctorScene.complaint("berlin/lam", site)
        == "there is no tunnel or pseudowire 'berlin/lam'; did you mean 'berlin/lan'?")
  }

  @Test("Before the first start the silence of the daemon is not a finding") func beforeStart() {
    var scene = DoctorFixture.scene(of: .daemonSilent)
    scene.isDaemonNeeded = false
    #expect(scene.findings.isEmpty)
    #expect(scene.notLookedAt.first?.hasSuffix(": no daemon answers at /run/pwmgr/control.sock") == true)
  }
}

/// The report, as text and as JSON.
@Suite struct DoctorReportTests {
  @Test("A finding has its place, its meaning and its cure; the last line counts") func words() {
    var scene = DoctorFixture.scene(of: .portTaken)
    scene.facts.unread = ["the firewall: there is neither `nft` nor `iptables-save`"]
    #expect(
      scene.report.words(columns: 80) == """
        problem: port-taken (tunnel berlin)
          seen:  UDP port 1701 of 192.0.2.1 belongs to xl2tpd (process 812)
          means: Another program has the UDP port on which peers call: their messages
                 reach it and not pwmgr.
          cure:  stop it (`systemctl status 812` names its unit), or write another
                 `listen-port` here and the same `peer-port` at the peers

        Not looked at:
          * the firewall: there is neither `nft` nor `iptables-save`

        site amsterdam: 1 problem
        """)
    #expect(DoctorFixture.well().report.words(columns: 80) == "site amsterdam: nothing was found")
  }

  @Test("Problems come before warnings, and these before notes") func order() {
    var scene = DoctorFixture.scene(of: .linkDrops)
    scene.facts.isProgramReplaced = true
    scene.facts.sockets += DoctorFixture.scene(of: .portTaken).facts.sockets.suffix(1)
    #expect(scene.findings.map(\.severity) == [.problem, .warning, .note])
    #expect(scene.report.words(columns: 80).hasSuffix("\nsite amsterdam: 1 problem, 1 warning, 1 note"))
  }

  @Test("The JSON has every key, and null where nothing is known") func json() throws {
    let data = try JSONEncoder().encode(DoctorFixture.scene(of: .portTaken).report)
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(Set(object.keys) == ["format", "site", "name", "daemon_answers", "findings", "not_looked_at"])
    #expect(object["format"] as? Int == 1 && object["name"] is NSNull && object["daemon_answers"] as? Bool == true)
    let finding = try #require((object["findings"] as? [[String: Any]])?.first)
    #expect(Set(finding.keys) == ["code", "severity", "object", "saw", "meaning", "cure"])
    #expect(finding["object"] as? [String: String] == ["kind": "tunnel", "name": "berlin"])
  }
}
