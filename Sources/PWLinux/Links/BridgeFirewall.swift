import CNetlink
import Glibc
import PWCore

/// The effect of the machine's firewall on frames that only cross a bridge: with the module br_netfilter, which Docker
/// and others load, they pass the chains for forwarded IP packets, and the frames that those drop are gone without a
/// word.
struct BridgeFirewall: Equatable, Sendable {
  /// The machine's switches that are on.
  var switches: Set<BridgeNetfilter.Switch> = []
  /// Chains that may drop them.
  var chains: Set<ForwardChain> = []

  /// Where the switches are (sysctl `net.bridge`).
  static let usualFolder = "/proc/sys/net/bridge"

  /// Looks at the switches, and at the chains if any is on or a bridge has its own on; on the worker's thread.
  static func read(_ sockets: NetlinkSockets, folder: String, hasBridgeThatCalls: Bool) -> BridgeFirewall {
    let switches = BridgeNetfilter.Switch.allCases.filter { isOn("\(folder)/\($0.sysctl)") }
    var firewall = BridgeFirewall(switches: Set(switches))
    guard !firewall.switches.isEmpty || hasBridgeThatCalls else { return firewall }
    // A kernel without nf_tables has no such chains.
    try? sockets.netfilter().dump(FirewallRequests.dumpChains, restart: { firewall.chains = [] }) { message in
      if let chain = FirewallRequests.forwardChain(in: message) { firewall.chains.insert(chain) }
    }
    guard !firewall.chains.isEmpty else { return firewall }
    var dormant: Set<FirewallTable> = []
    try? sockets.netfilter().dump(FirewallRequests.dumpTables, restart: { dormant = [] }) { message in
      if let table = FirewallRequests.dormantTable(in: message) { dormant.insert(table) }
    }
    firewall.chains = firewall.chains.filter { !dormant.contains($0.table) }
    return firewall
  }

  /// The warning to the operator about frames that cross a bridge; nil where nothing is dropped.
  ///
  /// - Parameter own: the bridge's own switches that are on.
  func warning(bridge: String, own: Set<BridgeNetfilter.Switch>) -> String? {
    let concerned = chains.compactMap { chain in
      BridgeNetfilter.Family(chain.table.family)
        .flatMap { BridgeNetfilter.Way(from: bridge, to: $0, machines: switches, own: own) }.map { (chain, $0) }
    }
    let first = concerned.min { $0.0.rank < $1.0.rank }
    guard let (chain, way) = first else { return nil }
    return "frames that cross \(bridge) pass the firewall (\(way.cause)), whose chain \(chain.name) of table "
      + chain.table.name + (chain.dropsTheRest ? " drops all that no rule accepts" : " may drop them")
      + ": accept them there, or \(way.cure)"
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
    let calls = bridges.keys.contains { monitor[$0]?.firewallCalls.isEmpty == false }
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
  func firewallWarnings(_ wish: SessionWish) -> [PseudowireWarning] {
    guard let name = wish.bridge, let bridge = monitor[name],
      let words = firewall.warning(bridge: name, own: bridge.firewallCalls)
    else { return [] }
    return [PseudowireWarning(.firewall, words)]
  }
}

extension BridgeNetfilter.Family {
  /// NFPROTO_*; nil for tables that frames handed over do not come to.
  fileprivate init?(_ number: UInt8) {
    switch Int32(number) {
    case Int32(NFPROTO_IPV4): self = .ip
    case Int32(NFPROTO_IPV6): self = .ip6
    case Int32(NFPROTO_INET): self = .inet
    case _: return nil
    }
  }
}
