import PWCore

/// Judges the sizes of packets on their way: from the bridge through the pseudowire over the path to the peer's LAN.
enum MTUJudge {
  static func findings(_ scene: DoctorScene) -> [DoctorFinding] {
    (scene.status?.site.tunnels ?? []).flatMap { tunnel in
      tunnel.pseudowires.flatMap { findings(tunnel, $0, scene.facts) }
    }
  }

  /// Those about one pseudowire.
  static func findings(
    _ tunnel: TunnelStatus, _ pseudowire: PseudowireStatus, _ facts: MachineFacts
  ) -> [DoctorFinding] {
    guard pseudowire.state.value == .established else { return [] }
    let name = "\(tunnel.name)/\(pseudowire.name)"
    return [path(name, tunnel, pseudowire), peer(name, pseudowire)].compactMap { $0 } + ports(name, pseudowire, facts)
  }

  /// A part of an outer packet.
  struct Layer: Equatable {
    let octets: Int
    let name: String
  }

  /// Everything that a data packet is made of, from the inside out (RFC 3931 sections 4.1.1 and 4.1.2).
  static func layers(_ pseudowire: PseudowireStatus, _ tunnel: TunnelStatus) -> [Layer] {
    guard let mtu = pseudowire.mtuOctets, let remote = tunnel.remote else { return [] }
    let isPPP = pseudowire.type == .ppp
    var layers = [Layer(octets: mtu, name: "packet"), Layer(octets: isPPP ? 4 : 14, name: isPPP ? "PPP" : "Ethernet")]
    if pseudowire.type == .ethernetVLAN { layers.append(Layer(octets: 4, name: "802.1Q tag")) }
    if pseudowire.sublayer == .standard { layers.append(Layer(octets: 4, name: "sublayer")) }
    if pseudowire.transmitCookieLengthOctets > 0 {
      layers.append(Layer(octets: pseudowire.transmitCookieLengthOctets, name: "cookie"))
    }
    if tunnel.encapsulation == .udp {
      layers += [Layer(octets: 8, name: "L2TP"), Layer(octets: 8, name: "UDP")]
    } else {
      layers.append(Layer(octets: 4, name: "L2TP"))
    }
    let isIPv6 = remote.address.family == .v6
    return layers + [Layer(octets: isIPv6 ? 40 : 20, name: isIPv6 ? "IPv6" : "IPv4")]
  }

  private static func path(_ name: String, _ tunnel: TunnelStatus, _ pseudowire: PseudowireStatus) -> DoctorFinding? {
    let layers = layers(pseudowire, tunnel)
    let octets = layers.reduce(0) { $0 + $1.octets }
    guard let path = tunnel.pathMTUOctets, let inner = layers.first?.octets, octets > path else { return nil }
    let fit = inner - (octets - path)
    let sum = layers.map { "\($0.octets) \($0.name)" }.joined(separator: " + ")
    let certainty = tunnel.isPathMTUProbed ? "as probed" : "as the routes say"
    return DoctorFinding(
      .mtuFragments, .pseudowire(name), "\(sum) = \(octets) octets, and the path takes \(path) (\(certainty))",
      cure: "`mtu: fit` (\(fit) octets now) at both ends; or `mtu: \(fit)`, which stays so; or keep `mtu: carry` and "
        + "give the path an MTU of \(octets)")
  }

  private static func peer(_ name: String, _ pseudowire: PseudowireStatus) -> DoctorFinding? {
    guard let ours = pseudowire.interfaceMTUOctets, let theirs = pseudowire.peerInterfaceMTUOctets, ours != theirs
    else { return nil }
    return DoctorFinding(
      .peerMTUDiffers, .pseudowire(name),
      "our LAN has MTU \(ours), and the peer says that its LAN has \(theirs): packets larger than \(min(ours, theirs)) "
        + "octets are lost")
  }

  /// A bridge's ports that take larger, or only smaller, packets than the pseudowire.
  private static func ports(
    _ name: String, _ pseudowire: PseudowireStatus, _ facts: MachineFacts
  ) -> [DoctorFinding] {
    let interface = pseudowire.interfaceName
    guard let bridge = facts.links.first(where: { $0.value.ports.contains(interface) }), let mtu = pseudowire.mtuOctets
    else { return [] }
    return bridge.value.ports.compactMap { port in
      guard port != interface, let link = facts.links[port], link.mtuOctets != mtu else { return nil }
      let (wide, narrow) = link.mtuOctets > mtu ? (port, interface) : (interface, port)
      let least = min(link.mtuOctets, mtu)
      return DoctorFinding(
        .bridgePortDrops, .link(narrow),
        "in bridge \(bridge.key), \(wide) has MTU \(max(link.mtuOctets, mtu)) and \(narrow) (of \(name)) \(least): "
          + "packets larger than \(least) octets are dropped at \(narrow)",
        cure: link.mtuOctets > mtu
          ? "`mtu: carry` in \(name); or \(mtu) as the MTU of \(port) and of its stations"
          : "\(mtu) as the MTU of \(port) and of its stations, if its cable carries that; or `mtu: \(least)` in \(name)"
      )
    }
  }
}
