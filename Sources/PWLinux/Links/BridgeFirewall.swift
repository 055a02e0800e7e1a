import CNetlink
import Glibc
import PWCore

/// The effect of the machine's firewall on frames that only cross a bridge: with the module br_netfilter, which Docker
/// and others load, they pass the chains for forwarded IP packets, and the frames that those drop are gone without a
/// word.
struct BridgeFirewall: Equatable, Sendable {
  /// The switches that hand bridged packets to the firewall, of those in ``families``, that are on.
  var switches: [String] = []
  /// Chains that may drop them.
  var chains: Set<ForwardChain> = []

  /// Where the switches are (sysctl `net.bridge`).
  static let usualFolder = "/proc/sys/net/bridge"
  /// The families of tables that each switch hands packets to.
  private static let families: [(name: String, tables: [UInt8])] = [
    ("bridge-nf-call-iptables", [UInt8(NFPROTO_INET), UInt8(NFPROTO_IPV4)]),
    ("bridge-nf-call-ip6tables", [UInt8(NFPROTO_INET), UInt8(NFPROTO_IPV6)]),
  ]

  /// Looks at the switches, and at the chains if any is on or a bridge has its own on; on the worker's thread.
  static func read(_ sockets: NetlinkSockets, folder: String, hasBridgeThatCalls: Bool) -> BridgeFirewall {
    var firewall = BridgeFirewall(switches: families.map(\.name).filter { isOn("\(folder)/\($0)") })
    guard !firewall.switches.isEmpty || hasBridgeThatCalls else { return firewall }
    // A kernel without nf_tables has no such chains.
    try? sockets.netfilter().dump(FirewallRequests.dumpChains, restart: { firewall.chains = [] }) { message in
      if let chain = FirewallRequests.forwardChain(in: message) { firewall.chains.insert(chain) }
    }
    return firewall
  }

  /// The warning to the operator about frames that cross a bridge; nil where nothing is dropped.
  ///
  /// - Parameter callsFirewall: whether the bridge's own switches are on.
  func warning(bridge: String, callsFirewall: Bool) -> String? {
    let relevant = BridgeFirewall.families.filter { callsFirewall || switches.contains($0.name) }
    let tables = Set(relevant.flatMap(\.tables))
    let concerned = chains.filter { tables.contains($0.family) }.sorted {
      ($0.dropsTheRest ? 0 : 1, $0.table, $0.name) < ($1.dropsTheRest ? 0 : 1, $1.table, $1.name)
    }
    guard let chain = concerned.first else { return nil }
    let names = switches.isEmpty ? "nf_call_iptables of \(bridge)" : "net.bridge.\(switches[0])"
    let cure =
      switches.isEmpty
      ? "`ip link set \(bridge) type bridge nf_call_iptables 0 nf_call_ip6tables 0`"
      : switches.map { "`sysctl -w net.bridge.\($0)=0`" }.joined(separator: " and ")
    return
      "frames that cross \(bridge) pass the firewall (\(names) is 1), whose chain \(chain.name) of table \(chain.table) "
      + (chain.dropsTheRest ? "drops all that no rule accepts" : "may drop them") + ": accept them there, or \(cure)"
  }

  private static func isOn(_ path: String) -> Bool {
    let number = open(path, O_RDONLY | O_CLOEXEC)
    guard number >= 0 else { return false }
    let descriptor = Descriptor(owning: number)
    var octet: UInt8 = 0
    return Glibc.read(descriptor.rawValue, &octet, 1) == 1 && octet != UInt8(ascii: "0")
  }
}

extension LinkKeeper {
  /// How often the firewall is looked at, as long as the site has bridges: nobody tells of a switch that somebody turns.
  private static let firewallInterval = Duration.seconds(10)

  /// Looks at the firewall now and from now on.
  func watchFirewall() {
    guard firewallTimer == nil, !bridges.isEmpty else { return }
    firewallTimer = loop.makeTimer { [weak self] in self?.lookAtFirewall() }
    lookAtFirewall()
  }

  /// Looks at the firewall once; where it is another than before, whoever is concerned hears of it.
  func lookAtFirewall() {
    guard stopping == nil else { return }
    let folder = firewallFolder
    let calls = bridges.keys.contains { monitor[$0]?.callsFirewall == true }
    service.submit(.urgent) { sockets in
      BridgeFirewall.read(sockets, folder: folder, hasBridgeThatCalls: calls)
    } completion: { [weak self] in
      self?.found($0)
    }
  }

  private func found(_ new: BridgeFirewall) {
    if let firewallTimer { loop.setTimer(firewallTimer, after: LinkKeeper.firewallInterval) }
    guard new != firewall else { return }
    firewall = new
    for bridge in bridges.values {
      for session in bridge.sessions { reportOwner(of: session) }
    }
  }

  /// The warnings to the operator about the firewall and a pseudowire's bridge.
  func firewallWarnings(_ wish: SessionWish) -> [String] {
    guard let name = wish.bridge, let bridge = monitor[name] else { return [] }
    return firewall.warning(bridge: name, callsFirewall: bridge.callsFirewall ?? false).map { [$0] } ?? []
  }
}
