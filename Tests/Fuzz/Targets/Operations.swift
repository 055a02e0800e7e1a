import PWCore

extension FuzzTarget {
  /// The events that two engines can meet, in any order: each octet is one of them, its lowest bit says to which end.
  static let operations = FuzzTarget(name: "operations") { octets in
    var reader = FuzzReader(octets)
    let authentication: [Authentication?] = [nil, Authentication(secretFile: "/secret", hiding: .all)]
    let first = reader.octet()
    var world = PairWorld(
      authentication: authentication[Int(first & 1)], encapsulation: first & 2 == 0 ? .udp : .ip)
    while !reader.isEmpty {
      let octet = reader.octet()
      world.happen(Int(octet >> 1), to: Int(octet & 1), authentication[Int(first & 1)], &reader)
    }
    world.shutDown()
  }
}

extension PairWorld {
  /// Time enough for every retransmission, back-off and shutdown.
  private static let mostSteps = 2_000

  fileprivate mutating func happen(
    _ what: Int, to index: Int, _ authentication: Authentication?, _ reader: inout FuzzReader
  ) {
    let site = ends[index].site
    switch what % 24 {
    case 0...3: settle(atMost: Int(reader.octet()))
    case 4, 5: deliverSent(of: index, keeps: what == 5, Int(reader.octet()))
    case 6: _ = ends[index].sent.popLast()
    case 7, 8: advance(index)
    case 9: now = now + .milliseconds(Int64(reader.octet()) * 40)
    case 10: completeEffect(of: index, succeeds: true)
    case 11: completeEffect(of: index, succeeds: false)
    case 12: answerQuestion(of: index, accepts: reader.octet() & 1 == 0)
    case 13: give(.site(site, secrets: Self.secrets(authentication)), to: index)
    case 14: apply(site, pseudowires: Int(reader.octet()) % 4, to: index, authentication)
    case 15: lose(index, session: reader.octet() & 1 == 0)
    case 16: ends[index].engine.identifiers.forEach { give(.dataReceived($0), to: index) }
    case 17: give(.bridge(name: "br0", problems: reader.octet() & 1 == 0 ? [] : ["gone"]), to: index)
    case 18: give(.link(LinkState(name: "eth1", isUp: reader.octet() & 1 == 0, mtuOctets: 1500)), to: index)
    case 19: damage(index, &reader)
    case 20:
      ends[index].engine.identifiers.forEach { give(.pathMTU($0, octets: Int(reader.octet()) * 16), to: index) }
    case 21: if reader.octet() == 7 { give(.shutdown, to: index) }
    case 22: ends[index].sent.reverse()
    default: give(.deadline, to: index)
    }
    // A queue between the two is not part of what is tested.
    for end in ends.indices where ends[end].sent.count > 64 { ends[end].sent.removeFirst(32) }
  }

  private mutating func deliverSent(of index: Int, keeps: Bool, _ number: Int) {
    guard !ends[index].sent.isEmpty else { return }
    let place = number % ends[index].sent.count
    let datagram = keeps ? ends[index].sent[place] : ends[index].sent.remove(at: place)
    deliver(datagram, to: 1 - index)
  }

  private mutating func damage(_ index: Int, _ reader: inout FuzzReader) {
    guard !ends[index].sent.isEmpty else { return }
    var datagram = ends[index].sent.removeFirst()
    let place = Int(reader.octet()) % max(1, datagram.octets.count)
    if datagram.octets.indices.contains(place) { datagram.octets[place] ^= reader.octet() }
    deliver(datagram, to: 1 - index)
  }

  private mutating func apply(
    _ site: Site, pseudowires: Int, to index: Int, _ authentication: Authentication?
  ) {
    let new = Self.site(index, authentication, site.tunnels[0].encapsulation, pseudowires: pseudowires)
    ends[index].site = new
    give(.site(new, secrets: Self.secrets(authentication)), to: index)
  }

  private mutating func lose(_ index: Int, session: Bool) {
    for tunnel in ends[index].engine.status(at: now).tunnels {
      guard let identifier = tunnel.localID else { continue }
      let lost = session ? tunnel.pseudowires.first?.localID : nil
      give(.dataPathLost(identifier, lost, reason: "the fuzzer"), to: index)
    }
  }

  /// Both ends stop when they are asked to, in any state.
  fileprivate mutating func shutDown() {
    for index in ends.indices { give(.shutdown, to: index) }
    for _ in 0..<Self.mostSteps {
      settle(atMost: 1_000)
      guard let index = ends.indices.first(where: { !ends[$0].isStopped }) else { return }
      advance(index)
    }
    preconditionFailure("an engine does not end")
  }
}

extension Engine {
  /// The Control Connection IDs of what stands or comes up.
  fileprivate var identifiers: [ControlConnectionID] {
    status(at: Instant(nanoseconds: 0)).tunnels.compactMap(\.localID)
  }
}
