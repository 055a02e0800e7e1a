import CNetlink
import Glibc
import PWCore

/// The effect of the machine's firewall on frames that only cross a bridge: with the module br_netfilter, which Docker
/// and others load, they pass the chains for forwarded IP packets, and the frames that those drop are gone without a
/// word.
struct BridgeFirewall: Equatable, Sendable {
  /// The switches that hand bridged packets to the firewall, of ``BridgeNetfilter``, that are on.
  var switches: [String] = []
  /// Chains that may drop them.
  var chains: Set<ForwardChain> = []

  /// Where the switches are (sysctl `net.bridge`).
  static let usualFolder = "/proc/sys/net/bridge"
  /// Looks at the switches, and at the chains if any is on or a bridge has its own on; on the worker's thread.
  static func read(_ sockets: NetlinkSockets, folder: String, hasBridgeThatCalls: Bool) -> BridgeFirewall {
    var firewall = BridgeFirewall(switches: BridgeNetfilter.switches.filter { isOn("\(folder)/\($0)") })
    guard !firewall.switches.isEmpty || hasBridgeThatCalls else { return firewall }
    // A kernel without nf_tables has no such chains.
    var chains: [ForwardChain] = []
    try? sockets.netfilter().dump(FirewallRequests.dumpChains, restart: { chains = [] }) { message in
      if let chain = FirewallRequests.forwardChain(in: message) { chains.append(chain) }
    }
    for var chain in chains {
      chain.rules = rules(of: chain, sockets)
      firewall.chains.insert(chain)
    }
    return firewall
  }

  /// The rules of a chain, and of those that they lead to, as far as the limits allow.
  private static func rules(of chain: ForwardChain, _ sockets: NetlinkSockets) -> FirewallRules {
    var (rules, waiting) = (FirewallRules(), [chain.name])
    while let name = waiting.popLast(), rules.chains.count < FirewallRules.mostChains {
      guard rules.chains[name] == nil else { continue }
      var (found, count) = ([FirewallRule](), 0)
      let request = { FirewallRequests.dumpRules(family: chain.family, table: chain.table, chain: name) }
      let reply: Void? = try? sockets.netfilter().dump(request, restart: { (found, count) = ([], 0) }) { message in
        count += 1
        guard count <= FirewallRules.mostRules,
          let rule = FirewallRequests.rule(in: message, family: chain.family, table: chain.table, chain: name)
        else { return }
        found.append(rule)
      }
      guard reply != nil, count <= FirewallRules.mostRules else { continue }
      rules.chains[name] = found
      for rule in found {
        switch rule.verdict {
        case .jump(let other), .go(let other): waiting.append(other)
        case .none, .mayAccept, .drop, .giveBack: break
        }
      }
    }
    return rules
  }

  /// What it does with the frames that cross a bridge; nil where nothing is dropped.
  ///
  /// - Parameters:
  ///   - callsFirewall: whether the bridge's own switches are on.
  ///   - filtersVLANs: whether the bridge filters by VLAN: its frames then have tags inside, and pass by the firewall
  ///     unless another switch says otherwise.
  func effect(onBridge bridge: String, callsFirewall: Bool, filtersVLANs: Bool) -> Effect? {
    let relevant = BridgeNetfilter.all.filter { callsFirewall || switches.contains($0.name) }
    func concerned(_ families: [BridgeNetfilter.Family]) -> [ForwardChain] {
      chains.filter { chain in families.contains { chain.family == $0.number } }.sorted {
        ($0.dropsTheRest ? 0 : 1, $0.table, $0.name) < ($1.dropsTheRest ? 0 : 1, $1.table, $1.name)
      }
    }
    let (cause, cure) = (
      BridgeNetfilter.cause(switches, bridge: bridge), BridgeNetfilter.cure(switches, bridge: bridge)
    )
    if !filtersVLANs {
      let dropped = relevant.compactMap { way in
        concerned(way.families).first { $0.dropsAll(of: bridge) }.map { (way.packets, $0) }
      }
      // Where IPv6 alone is dropped, most of the frames pass.
      if let (_, chain) = dropped.first, dropped.contains(where: { $0.0 == "IPv4" }) {
        let packets = dropped.map(\.0).joined(separator: " and ")
        return .dropsAll(
          "all \(packets) packets that cross \(bridge) are dropped by the firewall (\(cause)): chain \(chain.name) of "
            + "table \(chain.table) accepts none of them; accept them there, or \(cure)")
      }
    }
    guard let chain = concerned(relevant.flatMap(\.families)).first else { return nil }
    return .mayDrop(
      "frames that cross \(bridge) pass the firewall (\(cause)), whose chain \(chain.name) of table \(chain.table) "
        + (chain.dropsTheRest ? "drops all that no rule accepts" : "may drop them") + ": accept them there, or \(cure)")
  }

  /// What the firewall does with frames, in words with the cure.
  enum Effect: Equatable {
    /// All of them are dropped, for certain.
    case dropsAll(String)
    /// Some of them may be.
    case mayDrop(String)
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
  /// How often the firewall is looked at, as long as the site has bridges: nobody tells of a switch that somebody
  /// turns.
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

  /// What the firewall does with the frames of a pseudowire that joins a bridge.
  func firewallEffect(_ wish: SessionWish) -> BridgeFirewall.Effect? {
    guard let name = wish.bridge, let bridge = monitor[name] else { return nil }
    return firewall.effect(
      onBridge: name, callsFirewall: bridge.callsFirewall ?? false, filtersVLANs: bridge.filtersVLANs ?? false)
  }
}

extension BridgeNetfilter.Family {
  /// NFPROTO_*.
  var number: UInt8 {
    switch self {
    case .ip: UInt8(NFPROTO_IPV4)
    case .ip6: UInt8(NFPROTO_IPV6)
    case .inet: UInt8(NFPROTO_INET)
    }
  }
}
