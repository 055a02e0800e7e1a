import PWCore

/// Draws what happens to the machines, the sites and the network while a run misbehaves.
struct ScriptBuilder {
  /// How often site 0 is assailed where that is wished for.
  private static let assaults = 20

  private var random: SeededRandom
  /// Draws when packets are protected, so that all else is as it was without.
  private var shields: SeededRandom
  private let scenario: Scenario
  private var sites: [Site]

  init(random: SeededRandom, scenario: Scenario) {
    self.random = random
    var copy = random
    shields = SeededRandom(seed: ~copy.next())
    self.scenario = scenario
    sites = scenario.sites
  }

  mutating func script(isHostile: Bool) -> [(time: Duration, event: ScriptedEvent)] {
    var script: [(time: Duration, event: ScriptedEvent)] = []
    if random.chance(0.2) { script.append((.zero, .names(isReachable: false))) }
    for site in scenario.sites.indices {
      // Some machines start late, so that the others talk to nobody.
      script.append((random.chance(0.3) ? moment() / 2 : .zero, .start(site: site)))
    }
    for _ in 0..<random.pick([0, 3, 10, 25]) { append(to: &script) }
    for _ in 0..<(isHostile ? Self.assaults : 0) { script.append((moment(), .hostility(site: 0, datagrams: 40))) }
    for _ in 0..<shields.pick([0, 0, 2, 6]) {
      let site = shields.integer(0...(sites.count - 1))
      let time = shields.duration(.zero...scenario.chaos)
      script.append((time, .protection(site: site, isThere: shields.chance(0.5))))
    }
    return script.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }.map(\.element)
  }

  /// Both start, a circuit goes and comes, and nothing else happens.
  mutating func calmScript() -> [(time: Duration, event: ScriptedEvent)] {
    var script: [(time: Duration, event: ScriptedEvent)] = scenario.sites.indices.map {
      (.zero, .start(site: $0))
    }
    for site in scenario.sites.indices {
      for name in ["eth1", "eth2", "eth3"] {
        script.append((.seconds(random.integer(6...8)), .member(site: site, name: name, isUp: random.chance(0.5))))
        script.append((.seconds(random.integer(10...12)), .member(site: site, name: name, isUp: true)))
      }
    }
    return script.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }.map(\.element)
  }

  private mutating func moment() -> Duration {
    random.duration(.zero...scenario.chaos)
  }

  private mutating func append(to script: inout [(time: Duration, event: ScriptedEvent)]) {
    let site = random.integer(0...(sites.count - 1))
    let time = moment()
    let member = random.pick(["eth1", "eth2", "eth3"])
    switch random.integer(0...11) {
    case 0, 1, 2: script.append((time, .member(site: site, name: member, isUp: random.chance(0.5))))
    case 3:
      let other = random.integer(0...(sites.count - 1))
      guard other != site else { return }
      script.append((time, .partition(site, other, isCut: true)))
      script.append((moment(), .partition(site, other, isCut: false)))
    case 4:
      script.append((time, .kill(site: site)))
      script.append((time + random.duration(.zero ... .seconds(20)), .start(site: site)))
    case 5, 6: script.append((time, .reload(site: site, changed(site))))
    case 7: script.append((time, .dataPathLost(site: site, wholeTunnel: random.chance(0.3))))
    case 8: script.append((time, .dataReceived(site: site)))
    case 9: script.append((time, .hostility(site: site, datagrams: random.pick([1, 10, 60]))))
    case 10:
      script.append((time, .clockJump(site: site, random.duration(.zero ... .seconds(random.pick([5, 60, 3600]))))))
    default: script.append((time, .flap(site: site, name: member)))
    }
  }

  /// The site with one thing changed; changes add up in the order in which they are drawn, not in that of their times.
  private mutating func changed(_ index: Int) -> Site {
    var site = sites[index]
    if random.chance(0.2) {
      sites[index] = scenario.sites[index]
      return sites[index]
    }
    let tunnel = random.integer(0...(site.tunnels.count - 1))
    switch random.integer(0...7) {
    case 0 where site.tunnels[tunnel].pseudowires.count > 1: site.tunnels[tunnel].pseudowires.removeLast()
    case 1: site.tunnels[tunnel].helloInterval = .seconds(random.pick([5, 20, 60]))
    case 2 where site.tunnels.count > 1: site.tunnels.remove(at: tunnel)
    case 3 where site.tunnels[tunnel].signalling == .full && !site.tunnels[tunnel].pseudowires.isEmpty:
      site.tunnels[tunnel].pseudowires[0].cookieLengthOctets = random.pick([0, 4, 8])
    case 4 where !site.tunnels[tunnel].pseudowires.isEmpty:
      site.tunnels[tunnel].pseudowires[0].options = .mapping([(key: "member", value: .scalar("eth2"))])
    case 5 where !site.tunnels[tunnel].pseudowires.isEmpty:
      site.tunnels[tunnel].pseudowires[0].interfaceName = "other\(tunnel)"
    case 6 where site.tunnels[tunnel].pseudowires.count > 1:
      let names = site.tunnels[tunnel].pseudowires.prefix(2).map(\.interfaceName)
      site.tunnels[tunnel].pseudowires[0].interfaceName = names[1]
      site.tunnels[tunnel].pseudowires[1].interfaceName = names[0]
    default: site.tunnels[tunnel].reliability.receiveWindow = random.pick([1, 4, 16])
    }
    sites[index] = site
    return site
  }
}
