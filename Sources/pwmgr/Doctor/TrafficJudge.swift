import PWCore

/// Judges packets that were dropped without a word, by the counters of sessions and links.
enum TrafficJudge {
  static func findings(_ scene: DoctorScene) -> [DoctorFinding] {
    (scene.status?.site.tunnels ?? []).flatMap { tunnel in
      tunnel.pseudowires.flatMap { pseudowire -> [DoctorFinding] in
        let name = "\(tunnel.name)/\(pseudowire.name)"
        return (pseudowire.counters.map { counters(name, $0, isNegotiated: tunnel.signalling == .full) } ?? [])
          + drops(pseudowire.interfaceName, scene.facts)
      }
    } + bridges(scene)
  }

  private static func counters(_ name: String, _ counters: TrafficCounters, isNegotiated: Bool) -> [DoctorFinding] {
    let object = DoctorObject.pseudowire(name)
    let received = "received in all: \(counters.receivedPackets)"
    var findings: [DoctorFinding] = []
    if counters.cookieDiscards > 0 {
      findings.append(
        DoctorFinding(
          .cookieDiscards, object, "data packets with a wrong cookie: \(counters.cookieDiscards); \(received)",
          cure: isNegotiated
            ? "look whether the number grows: if not, it is of the past; if so, `pwmgr reset \(name)` agrees on "
              + "new cookies" : "compare the `cookies` of both ends"))
    }
    if counters.sequenceDiscards > 0 {
      findings.append(
        DoctorFinding(
          .sequenceDiscards, object, "data packets out of sequence: \(counters.sequenceDiscards); \(received)"))
    }
    if counters.receiveErrors > 0 {
      findings.append(
        DoctorFinding(.receiveErrors, object, "data packets with a fault: \(counters.receiveErrors); \(received)"))
    }
    if counters.transmitErrors > 0 {
      findings.append(
        DoctorFinding(
          .transmitErrors, object,
          "frames that could not be sent: \(counters.transmitErrors); sent: \(counters.transmittedPackets)"))
    }
    return findings
  }

  private static func bridges(_ scene: DoctorScene) -> [DoctorFinding] {
    let interfaces = Set(scene.status?.site.tunnels.flatMap(\.pseudowires).map(\.interfaceName) ?? [])
    let ports = (scene.site?.bridges ?? []).flatMap { scene.facts.links[$0.name]?.ports ?? [] }
    return Set(ports).subtracting(interfaces).sorted().flatMap { drops($0, scene.facts) }
  }

  private static func drops(_ name: String, _ facts: MachineFacts) -> [DoctorFinding] {
    guard let link = facts.links[name], link.receiveDrops + link.transmitDrops > 0 else { return [] }
    return [
      DoctorFinding(
        .linkDrops, .link(name),
        "packets dropped on receipt: \(link.receiveDrops), on sending: \(link.transmitDrops)",
        cure: "`ip -s -s link show \(name)` tells the reasons apart; look whether the numbers grow")
    ]
  }
}
