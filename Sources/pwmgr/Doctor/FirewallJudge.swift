import PWCore
import PWLinux

/// Judges whether the firewall drops bridged frames, or calls of peers.
enum FirewallJudge {
  static func findings(_ scene: DoctorScene) -> [DoctorFinding] {
    guard let site = scene.site, let chains = scene.facts.firewall else { return [] }
    return site.bridges.flatMap { forwarding($0.name, scene, chains) } + input(site, chains)
  }

  /// Whether there is a finding about the chains that bridge netfilter leads the frames of a bridge to, which are those
  /// that the daemon warns of: it says more than that warning.
  static func judgesNetfilter(of bridge: String, _ scene: DoctorScene) -> Bool {
    guard scene.site?.bridges.contains(where: { $0.name == bridge }) == true else { return false }
    let chains = (scene.facts.firewall ?? []).filter { BridgeNetfilter.Family(rawValue: $0.family) != nil }
    return !forwarding(bridge, scene, chains).isEmpty
  }

  private static func forwarding(
    _ bridge: String, _ scene: DoctorScene, _ chains: [FirewallChain]
  ) -> [DoctorFinding] {
    let own = scene.facts.links[bridge]?.firewallCalls ?? []
    return chains.filter { $0.hook == .forward }.compactMap { chain in
      let netfilter = BridgeNetfilter.Family(rawValue: chain.family).flatMap {
        BridgeNetfilter.Way(from: bridge, to: $0, machines: scene.facts.bridgeSwitches, own: own)
      }
      guard chain.family == "bridge" || netfilter != nil else { return nil }
      let way =
        (netfilter.map { "\($0.cause), so " } ?? "")
        + "frames that cross \(bridge) pass chain \(chain.name) of table \(chain.family) \(chain.table)"
      let cure: String
      if let netfilter {
        cure =
          netfilter.cure
          + (netfilter.isOfAllBridges
            ? " unless Docker, Kubernetes or libvirt rely on it here; or accept the frames of \(bridge) there" : "")
      } else {
        cure =
          "accept them there: `nft insert rule bridge \(chain.table) \(chain.name) meta ibrname \"\(bridge)\" accept`"
      }
      if chain.dropsTheRest {
        return DoctorFinding(
          .forwardPolicyDrops, .link(bridge),
          "\(way), whose policy drops" + (chain.accepts ? " all that its rules do not accept" : ""), cure: cure,
          severity: chain.accepts ? .warning : .problem)
      }
      return chain.dropped.map { packets in
        DoctorFinding(
          .forwardRuleDrops, .link(bridge), "\(way), which has rules that drop (packets so far: \(packets))",
          cure: cure)
      }
    }
  }

  /// The commands that let the peer in, and nobody else where it has one address.
  private static func acceptance(
    of match: (nft: String, iptables: String), from tunnel: TunnelDeclaration, in chain: FirewallChain
  ) -> String {
    let hosts = tunnel.peer.hosts.map(\.text)
    let host = hosts.count == 1 && hosts[0].allSatisfy { $0.isHexDigit || ".:".contains($0) } ? hosts.first : nil
    let source = host.map { "\(tunnel.isOverIPv6 ? "ip6" : "ip") saddr \($0) " } ?? ""
    let iptables = tunnel.isOverIPv6 ? "ip6tables" : "iptables"
    return "`nft insert rule \(chain.family) \(chain.table) \(chain.name) \(source)\(match.nft) accept`, or, where "
      + "iptables makes the rules, `\(iptables) -I INPUT \(host.map { "-s \($0) " } ?? "")\(match.iptables) -j ACCEPT`"
  }

  private static func input(_ site: Site, _ chains: [FirewallChain]) -> [DoctorFinding] {
    var findings: [DoctorFinding] = []
    for tunnel in site.tunnels where tunnel.role != .initiate && tunnel.disabled == nil {
      let port = Int(tunnel.listenPort ?? Engine.listeningPort)
      let isOverIP = tunnel.encapsulation == .ip
      let families = ["inet", tunnel.isOverIPv6 ? "ip6" : "ip"]
      let carrier = isOverIP ? "IP protocol 115" : "UDP port \(port)"
      let match =
        isOverIP
        ? (nft: "meta l4proto 115", iptables: "-p 115") : ("udp dport \(port)", "-p udp --dport \(port)")
      for chain in chains where chain.hook == .input && families.contains(chain.family) {
        let place = "chain \(chain.name) of table \(chain.family) \(chain.table)"
        let (named, closed) = (chain.named, chain.closed)
        let cure = acceptance(of: match, from: tunnel, in: chain)
        let isNamed = isOverIP ? named.isL2TPOverIP : named.ports.contains(port)
        if isOverIP ? closed.isL2TPOverIP : closed.ports.contains(port) {
          let packets = chain.dropped.map { " (packets that the chain has dropped: \($0))" } ?? ""
          findings.append(
            DoctorFinding(
              .inputDrops, .tunnel(tunnel.name), "\(place) has a rule that drops \(carrier)\(packets)", cure: cure))
        } else if chain.dropsTheRest, !isNamed, !tunnel.peer.hosts.contains(where: { named.names.contains($0.text) }) {
          findings.append(
            DoctorFinding(
              .inputDrops, .tunnel(tunnel.name),
              "\(place) drops what its rules do not accept, and none of them names \(carrier) or the peer", cure: cure))
        }
      }
    }
    return findings
  }
}
