import Foundation
import PWCore
import Testing

@testable import pwmgr

/// A machine is read, with planted files.
@Suite struct MachineReaderTests {
  /// Reads a machine that consists of these files and symbolic links.
  private static func facts(
    _ planted: [String: String], links: [String: String] = [:], daemon: Int32? = nil,
    run: @escaping ([String]) -> BoundedProgram.Outcome = { _ in .missing }
  ) throws -> MachineFacts {
    let root = FileManager.default.temporaryDirectory.appending(path: "doctor-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: root) }
    func place(_ path: String) throws -> URL {
      let file = root.appending(path: path)
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      return file
    }
    for (path, text) in planted { try text.write(to: place(path), atomically: false, encoding: .utf8) }
    for (path, target) in links {
      try FileManager.default.createSymbolicLink(atPath: place(path).path, withDestinationPath: target)
    }
    var question = MachineQuestion(DoctorFixture.site(), nil, controlSocket: "/run/pwmgr/control.sock")
    question.daemon = daemon
    return MachineReader(files: FileTree(root: root.path), run: run, question: question).facts()
  }

  @Test("Nothing is there, and that is said") func bare() throws {
    let facts = try Self.facts([:])
    #expect(facts.loadedModules.isEmpty && facts.installedModules == nil && facts.firewall == nil && !facts.hasTAP)
    #expect(facts.unread.contains("the firewall: there is neither `nft` nor `iptables-save`"))
    #expect(facts.unread.contains { $0.hasPrefix("which drivers the kernel could load") })
  }

  @Test("Drivers, and the lines that keep them out, in the family of Red Hat") func modules() throws {
    let facts = try Self.facts([
      "/sys/module/l2tp_core/refcnt": "1", "/dev/net/tun": "", "/proc/sys/kernel/osrelease": "6.1.0\n",
      "/lib/modules/6.1.0/modules.dep": "kernel/net/l2tp/l2tp_eth.ko.xz: kernel/net/l2tp/l2tp_core.ko.xz\n",
      "/lib/modules/6.1.0/modules.builtin": "kernel/net/l2tp/l2tp_ip.ko\n",
      "/etc/os-release": "NAME=\"Rocky Linux\"\nID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n",
      "/etc/modprobe.d/l2tp_eth-blacklist.conf": "# Remove the blacklist by commenting it out.\nblacklist l2tp-eth\n",
      "/usr/lib/modprobe.d/l2tp_eth-blacklist.conf": "blacklist l2tp_eth\n",
      "/usr/lib/modprobe.d/own.conf": "install l2tp_ppp /bin/false\noptions l2tp_ip x=1\ninstall l2tp_ip /sbin/x\n",
    ])
    #expect(facts.loadedModules == ["l2tp_core", "l2tp_ip"] && facts.hasTAP && facts.isRedHat)
    #expect(facts.installedModules == ["l2tp_core", "l2tp_eth", "l2tp_ip"])
    let bans = facts.moduleBans.map { "\($0.file):\($0.line) \($0.module)" }
    #expect(
      bans == ["/etc/modprobe.d/l2tp_eth-blacklist.conf:2 l2tp_eth", "/usr/lib/modprobe.d/own.conf:1 l2tp_ppp"])
  }

  @Test("The processes that have the port, IPv4 and IPv6") func sockets() throws {
    let heading = "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
    let rest = "00:00000000 00000000"
    let facts = try Self.facts(
      [
        "/proc/net/udp": heading
          + "  100: 010200C0:06A5 00000000:0000 07 00000000:00000000 \(rest)     0        0 501 2 0 0\n"
          + "  101: 00000000:0035 00000000:0000 07 00000000:00000000 \(rest)   101        0 502 2 0 0\n"
          + "  102: 00000000:06A5 00000000:0000 07 00000000:00000000 \(rest)   107        0 503 2 0 0\n",
        "/proc/net/udp6": heading
          + "  103: B80D0120000000000000000001000000:06A5 00000000000000000000000000000000:0000 07 00000000:00000000 "
          + "\(rest)     0        0 504 2 0 0\n",
        "/proc/812/comm": "xl2tpd\n",
      ], links: ["/proc/812/fd/5": "socket:[501]", "/proc/812/fd/6": "socket:[999]"])
    #expect(
      facts.sockets == [
        BoundSocket(address: .v4(0xC000_0201), port: 1_701, inode: 501, user: 0, process: 812, program: "xl2tpd"),
        BoundSocket(address: nil, port: 1_701, inode: 503, user: 107),
        BoundSocket(
          address: .v6(high: 0x2001_0DB8_0000_0000, low: 1, zone: nil), port: 1_701, inode: 504, user: 0),
      ])
  }

  @Test("The notes of the kernel, NetworkManager, networkd and udev about links") func links() throws {
    let facts = try Self.facts([
      "/sys/class/net/pw-lan/ifindex": "7\n", "/sys/class/net/pw-lan/mtu": "1446\n",
      "/sys/class/net/pw-lan/uevent": "DEVTYPE=l2tpeth\nINTERFACE=pw-lan\nIFINDEX=7\n",
      "/sys/class/net/pw-lan/statistics/rx_dropped": "3\n", "/sys/class/net/pw-lan/statistics/tx_dropped": "4\n",
      "/sys/class/net/br-lan/ifindex": "8\n", "/sys/class/net/br-lan/bridge/nf_call_iptables": "1\n",
      "/sys/class/net/br-lan/brif/eth1/state": "3", "/sys/class/net/eth1/ifindex": "3\n",
      "/sys/class/net/eth1/mtu": "9000\n", "/run/udev/control": "",
      "/run/udev/data/n7":
        "I:123\nE:ID_NET_LINK_FILE=/usr/lib/systemd/network/99-default.link\n",
      "/usr/lib/systemd/network/99-default.link": "[Match]\nOriginalName=*\n[Link]\nMACAddressPolicy=persistent\n",
      "/etc/systemd/network/70-pwmgr.link": "[Match]\n",
      "/run/NetworkManager/devices/7": "[device]\nmanaged=true\n",
      "/run/systemd/netif/links/7": "ADMIN_STATE=configured\nNETWORK_FILE=/etc/systemd/network/all.network\n",
      "/run/systemd/netif/links/3": "ADMIN_STATE=unmanaged\nNETWORK_FILE=/etc/systemd/network/all.network\n",
      "/proc/sys/net/ipv4/conf/all/rp_filter": "0\n", "/proc/sys/net/ipv4/conf/eth0/rp_filter": "2\n",
      "/proc/sys/net/bridge/bridge-nf-call-iptables": "1\n", "/proc/sys/net/bridge/bridge-nf-call-ip6tables": "0\n",
    ])
    #expect(
      facts.links["pw-lan"]
        == LinkFacts(
          index: 7, mtuOctets: 1_446, kind: "l2tpeth", receiveDrops: 3, transmitDrops: 4, isNetworkManagers: true,
          networkFile: "/etc/systemd/network/all.network", linkFile: "/usr/lib/systemd/network/99-default.link",
          addressPolicy: "persistent"))
    #expect(facts.links["br-lan"]?.ports == ["eth1"] && facts.links["br-lan"]?.firewallCalls == [.iptables])
    #expect(facts.links["eth1"] == LinkFacts(index: 3, mtuOctets: 9_000))
    #expect(facts.isUdevRunning && facts.hasLinkFile)
    #expect(facts.reversePathFilters == ["all": 0, "eth0": 2] && facts.bridgeSwitches == [.iptables])
  }

  @Test("A .link file that is empty, or leads to /dev/null, switches the one of the package off") func maskedLinkFile()
    throws
  {
    #expect(try !Self.facts(["/etc/systemd/network/70-pwmgr.link": ""]).hasLinkFile)
    #expect(
      try !Self.facts(
        ["/usr/lib/systemd/network/70-pwmgr.link": "[Match]\n"],
        links: ["/etc/systemd/network/70-pwmgr.link": "/dev/null"]
      ).hasLinkFile)
  }

  @Test("The daemon's program and namespace") func daemon() throws {
    let links = [
      "/proc/42/exe": "/usr/bin/pwmgr (deleted)", "/proc/42/ns/net": "net:[2]", "/proc/self/ns/net": "net:[1]",
    ]
    let facts = try Self.facts(["/run/pwmgr/control.sock": ""], links: links, daemon: 42)
    #expect(facts.isProgramReplaced == true && facts.isElsewhere == true && facts.socketMade != nil)
    #expect(facts.unread.last == "links, ports and firewall: the daemon is in another network namespace")
    #expect(try Self.facts([:], daemon: 42).unread.contains { $0.hasPrefix("the daemon's program and network") })
  }

  @Test("The firewall is read by `nft`, else by `iptables-save`, and it is said where neither can")
  func firewall() throws {
    let listing = #"{"nftables": []}"#
    #expect(try Self.facts([:], run: { $0[0] == "nft" ? .ended(0, listing) : .missing }).firewall == [])
    let save = "*filter\n:FORWARD DROP [0:0]\nCOMMIT\n"
    let second = try Self.facts([:], run: { $0[0] == "nft" ? .missing : .ended(0, save) })
    #expect(second.firewall?.map(\.dropsTheRest) == [true])
    #expect(second.unread.contains("the firewall's rules for IPv6, and of nftables: there is no `nft`"))
    for outcome in [BoundedProgram.Outcome.ended(1, ""), .unbounded, .ended(0, "no JSON")] {
      let facts = try Self.facts([:], run: { _ in outcome })
      #expect(facts.firewall == nil && facts.unread.contains { $0.hasPrefix("the firewall: ") })
    }
  }
}

/// The output of the programs that list the firewall.
@Suite struct FirewallListingTests {
  /// As nftables 1.0.6 prints it.
  private static let nft = """
    {"nftables": [{"metainfo": {"version": "1.0.6", "json_schema_version": 1}},
    {"table": {"family": "ip", "name": "filter", "handle": 1}},
    {"chain": {"family": "ip", "table": "filter", "name": "FORWARD", "handle": 1, "type": "filter", "hook": "forward",
     "prio": 0, "policy": "drop"}},
    {"chain": {"family": "ip", "table": "filter", "name": "INPUT", "handle": 2, "type": "filter", "hook": "input",
     "prio": 0, "policy": "accept"}},
    {"chain": {"family": "ip", "table": "filter", "name": "own", "handle": 3}},
    {"rule": {"family": "ip", "table": "filter", "chain": "FORWARD", "handle": 6, "expr": [
     {"match": {"op": "==", "left": {"meta": {"key": "iifname"}}, "right": "eth9"}},
     {"counter": {"packets": 12, "bytes": 99}}, {"drop": null}]}},
    {"rule": {"family": "ip", "table": "filter", "chain": "INPUT", "handle": 4, "expr": [
     {"match": {"op": "==", "left": {"payload": {"protocol": "udp", "field": "dport"}}, "right": {"set": [53, 1702]}}},
     {"accept": null}]}},
    {"rule": {"family": "ip", "table": "filter", "chain": "INPUT", "handle": 5, "expr": [
     {"match": {"op": "==", "left": {"payload": {"protocol": "ip", "field": "protocol"}}, "right": "l2tp"}},
     {"accept": null}]}},
    {"rule": {"family": "ip", "table": "filter", "chain": "own", "handle": 7, "expr": [
     {"match": {"op": "==", "left": {"payload": {"protocol": "udp", "field": "dport"}}, "right": 1701}},
     {"accept": null}]}}]}
    """

  @Test("of nft") func nftables() {
    let forward = FirewallChain(
      family: "ip", table: "filter", name: "FORWARD", hook: .forward, dropsTheRest: true, dropped: 12,
      named: FirewallMatch(ports: [1_701]), closed: FirewallMatch(names: ["eth9"]))
    let input = FirewallChain(
      family: "ip", table: "filter", name: "INPUT", hook: .input, dropsTheRest: false, accepts: true,
      named: FirewallMatch(ports: [53, 1_701, 1_702], isL2TPOverIP: true))
    #expect(NftablesListing.chains(in: Self.nft) == [forward, input])
    #expect(NftablesListing.chains(in: "table ip filter {}") == nil)
  }

  @Test("of iptables-save") func iptables() {
    let text = """
      # Generated by iptables-save
      *nat
      :INPUT ACCEPT [0:0]
      *filter
      :INPUT DROP [5:400]
      :FORWARD ACCEPT [0:0]
      :DOCKER - [0:0]
      [1:80] -A INPUT -p udp -m multiport --dports 53,1702 -j ACCEPT
      [0:0] -A INPUT -p l2tp -j ACCEPT
      [9:720] -A FORWARD -i eth9 -j DROP
      [0:0] -A DOCKER -p udp --dport 1701 -j ACCEPT
      COMMIT
      """
    #expect(
      IPTablesListing.chains(in: text) == [
        FirewallChain(
          family: "ip", table: "filter", name: "INPUT", hook: .input, dropsTheRest: true, accepts: true,
          named: FirewallMatch(ports: [53, 1_701, 1_702], isL2TPOverIP: true)),
        FirewallChain(
          family: "ip", table: "filter", name: "FORWARD", hook: .forward, dropsTheRest: false, dropped: 9,
          named: FirewallMatch(ports: [1_701])),
      ])
  }
}

/// Programs that are run for their output.
@Suite struct BoundedProgramTests {
  @Test("Its output and its status") func output() {
    #expect(BoundedProgram.run(["echo", "a", "b"]) == .ended(0, "a b\n"))
    #expect(BoundedProgram.run(["ls", "/no/such/file"]) == .ended(2, ""))
    #expect(BoundedProgram.run(["no-such-program"]) == .missing)
    #expect(BoundedProgram.run([]) == .missing)
  }

  @Test("One that takes too long is ended") func limit() {
    #expect(BoundedProgram.run(["sleep", "600"], limit: .milliseconds(50)) == .unbounded)
    #expect(BoundedProgram.run(["sh", "-c", "exec >&-; exec sleep 600"], limit: .milliseconds(50)) == .unbounded)
  }
}
