import PWCore

/// A scripted event of a scripted peer.
enum OddPeerEvent {
  case start
  /// It says StopCCN, once, and ends.
  case stop
  /// It ends without a word.
  case crash
}

/// The scripted peer in the world: it stands behind the address that follows those of the sites.
extension World {
  init(_ scenario: HabitScenario, fault: (any PlantedFault)? = nil) {
    self.init(scenario.scenario, fault: fault)
    oddPeer = scenario.peer
    story = "the peer \(scenario.pairing.peer), we \(scenario.pairing.ours); it \(scenario.habits)"
  }

  mutating func play(_ event: OddPeerEvent) {
    switch event {
    case .start: oddPeer?.start(at: now)
    case .stop: oddPeer?.end(withStop: true, at: now)
    case .crash: oddPeer?.end(withStop: false, at: now)
    }
    drainOddPeer()
  }

  mutating func oddPeerHears(_ datagram: WireDatagram) {
    oddPeer?.hear(datagram, at: now)
    drainOddPeer()
  }

  mutating func wakeOddPeer() {
    oddPeer?.wake(at: now)
    drainOddPeer()
  }

  /// Takes what it has to say to people, and to the network.
  private mutating func drainOddPeer() {
    for remark in oddPeer?.remarks ?? [] { trace.add(.remark("the peer \(remark)"), at: now) }
    for datagram in oddPeer?.outbox ?? [] {
      trace.add(.oddPeer(datagram), at: now)
      for delay in network.arrivals(from: nodes.count, to: 0, &random) {
        queue.schedule(.arrival(datagram, site: 0), at: now + delay)
      }
    }
    oddPeer?.remarks = []
    oddPeer?.outbox = []
  }
}
