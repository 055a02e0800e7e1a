import Testing

@testable import PWCore

/// The habits in which an old router differs from us.
struct OldHabits: Sendable, CustomTestStringConvertible {
  /// Its name in a failure.
  var name = "an old router"
  /// Whose numbers its AVPs have.
  var numbers = Numbers.both
  /// Whether its own AVPs have the M bit.
  var ownAreMandatory = true
  /// The Receive Window Size that it sends; nil for none, as is usual.
  var window: UInt16?
  /// Its Router ID; nil for none.
  var routerID: UInt32? = 0xC000_0201
  /// Whether all behind the Message Type comes the other way round.
  var isReversed = false
  /// How it acknowledges what nothing else does.
  var acknowledges = Acknowledgement.zeroLength
  /// Whether SLI follows ICCN at once.
  var sendsLinkInfo = false
  /// Whether the first copy of every message is lost, in both directions: its own comes again after 5 seconds.
  var losesFirstCopies = false

  var testDescription: String { name }

  /// Whose numbers.
  enum Numbers: Sendable, CaseIterable {
    /// The IETF's.
    case ietf
    /// Those, without M, and its own beside them, except for cookies and Remote End IDs: so Cisco's routers were recorded.
    case both
    /// Both, and everything else of its own that anybody knows of.
    case everything
    /// Its own: it has never heard of RFC 3931.
    case own
  }

  /// The form of an acknowledgement.
  enum Acknowledgement: Sendable {
    /// A header alone.
    case zeroLength
    /// RFC 3931's message 20.
    case explicit
    /// Its own.
    case own
  }
}

/// A router of old at the other end of an engine: its octets are made and read by hand here, so that nothing of ours agrees with
/// itself. It ends a connection as RFC 2661 says when it finds M where it knows nothing.
final class OldRouter {
  let habits: OldHabits
  let engine: TestDriver
  private(set) var now = Instant(nanoseconds: 0)
  /// Mandatory AVPs that it does not know, as vendor and number.
  private(set) var objections: [String] = []
  /// Message types that it has heard, without copies.
  private(set) var heard: [UInt16] = []
  /// The cookie that it was told to use, and the one that it told.
  private(set) var toldCookie: [UInt8]?
  let ownCookie: [UInt8] = [9, 8, 7, 6, 5, 4, 3, 2]
  private var peerID: UInt32 = 0
  private var peerSession: UInt32 = 0
  private var peer = Endpoint(address: EnginePair.rightAddress, port: 1701)
  private var ns: UInt16 = 0
  private var nr: UInt16 = 0
  private var queue: [(ns: UInt16, octets: [UInt8])] = []
  private var repeatAt: Instant?
  private var lost: Set<UInt16> = []

  private static let ownID: UInt32 = 77
  private static let ownSession: UInt32 = 500
  private static let repetition = Duration.seconds(5)
  /// Its own numbers, by the IETF's.
  private static let ownNumbers: [UInt16: UInt16] = [61: 1, 62: 2, 63: 3, 64: 4, 65: 5, 66: 6, 68: 7, 71: 8, 5: 9]

  /// A router and an engine that is to get on with it.
  ///
  /// - Parameter calls: whether the router calls; else the engine does.
  init(_ habits: OldHabits, _ compatibility: Compatibility, calls: Bool) {
    self.habits = habits
    var tunnel = TunnelDeclaration(
      name: "old", peer: .address(EnginePair.leftAddress), role: calls ? .accept : .initiate)
    tunnel.compatibility = compatibility
    tunnel.pseudowires = [
      PseudowireDeclaration(name: "pw", type: .ethernet, remoteEndID: RemoteEndID(number: 1), interfaceName: "pw0")
    ]
    var site = Site(name: "right", routerID: 2)
    site.tunnels = [tunnel]
    engine = TestDriver(site: site, address: EnginePair.rightAddress, seed: 9)
    engine.drain(at: now)
    if calls { say(1, start() + pair(5, [1, 1, 1, 1, 1, 1, 1, 1], isOwn: false)) }
    listen()
  }

  /// The engine's tunnel.
  var tunnel: TunnelStatus { engine.status.tunnels[0] }
  /// Whether frames pass.
  var isUp: Bool { tunnel.pseudowires[0].forwarding.value == .yes }

  /// Lets time pass until frames pass; false if they do not before `limit`.
  func run(untilUpWithin limit: Duration) -> Bool {
    let end = now + limit
    while !isUp {
      guard let next = [engine.engine.nextDeadline, repeatAt].compactMap({ $0 }).min(), next <= end else {
        return false
      }
      now = max(now, next)
      if repeatAt == next { repeatQueue() }
      engine.handle(.deadline, at: now)
      listen()
    }
    return true
  }

  /// Lets so much time pass.
  func run(for duration: Duration) {
    let end = now + duration
    while let next = [engine.engine.nextDeadline, repeatAt].compactMap({ $0 }).min(), next <= end {
      now = max(now, next)
      if repeatAt == next { repeatQueue() }
      engine.handle(.deadline, at: now)
      listen()
    }
    now = end
  }

  // MARK: Sending

  private func start() -> [UInt8] {
    var avps = avp(0, 7, Array("old".utf8))
    if let routerID = habits.routerID { avps += avp(0, 60, octets(routerID), isMandatory: false) }
    if let window = habits.window { avps += avp(0, 10, [UInt8(window >> 8), UInt8(window & 0xFF)]) }
    avps += pair(61, octets(Self.ownID)) + pair(62, [0, 4, 0, 5])
    return habits.numbers == .ietf ? avps : avps + avp(9, 10, [0, 1], isMandatory: habits.ownAreMandatory)
  }

  private func session(_ more: [UInt8] = []) -> [UInt8] {
    pair(63, octets(Self.ownSession)) + pair(64, octets(peerSession)) + more
  }

  private var extras: [UInt8] {
    guard habits.numbers == .everything else { return [] }
    return [11, 12, 14, 108, 109].flatMap { avp(9, $0, [0, 0]) }
  }

  /// An AVP of RFC 3931's by whichever numbers it goes.
  private func pair(_ type: UInt16, _ value: [UInt8], isOwn: Bool = true) -> [UInt8] {
    guard isOwn, let own = Self.ownNumbers[type] else { return avp(0, type, value) }
    let ownAVP = avp(9, own, value, isMandatory: habits.ownAreMandatory)
    switch habits.numbers {
    case .ietf: return avp(0, type, value)
    case .both: return avp(0, type, value, isMandatory: false) + (own == 5 || own == 6 ? [] : ownAVP)
    case .everything: return avp(0, type, value, isMandatory: false) + ownAVP
    case .own: return ownAVP
    }
  }

  private func avp(_ vendor: UInt8, _ type: UInt16, _ value: [UInt8], isMandatory: Bool = true) -> [UInt8] {
    [isMandatory ? 0x80 : 0, UInt8(6 + value.count), 0, vendor, UInt8(type >> 8), UInt8(type & 0xFF)] + value
  }

  private func octets(_ number: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) }
  }

  private func say(_ type: UInt8, _ avps: [UInt8]) {
    let body = avp(0, 0, [0, type]) + (habits.isReversed ? reversed(avps) : avps)
    queue.append((ns, body))
    if !habits.losesFirstCopies { deliver(body, ns: ns) }
    ns &+= 1
    if repeatAt == nil { repeatAt = now + Self.repetition }
  }

  private func reversed(_ avps: [UInt8]) -> [UInt8] {
    var rest = avps[...]
    var result: [UInt8] = []
    while rest.count >= 6 {
      let length = Int(rest[rest.startIndex] & 3) << 8 | Int(rest[rest.startIndex + 1])
      result = rest.prefix(length) + result
      rest = rest.dropFirst(length)
    }
    return result
  }

  private func acknowledge() {
    switch habits.acknowledges {
    case .zeroLength: deliver([], ns: ns)
    case .explicit: deliver(avp(0, 0, [0, 20]), ns: ns)
    case .own: deliver(avp(9, 0, [0, 20]), ns: ns)
    }
  }

  private func repeatQueue() {
    for message in queue { deliver(message.octets, ns: message.ns) }
    repeatAt = queue.isEmpty ? nil : now + Self.repetition
  }

  private func deliver(_ body: [UInt8], ns: UInt16) {
    let length = 12 + body.count
    let header =
      [0xC8, 3, UInt8(length >> 8), UInt8(length & 0xFF)] + octets(peerID)
      + [UInt8(ns >> 8), UInt8(ns & 0xFF), UInt8(nr >> 8), UInt8(nr & 0xFF)]
    let datagram = Datagram(
      octets: header + body, source: Endpoint(address: EnginePair.leftAddress, port: 1701), local: peer,
      encapsulation: .udp, socket: SocketID(rawValue: 0))
    guard let arrived = engine.arriving(datagram) else { return }
    engine.handle(.datagram(arrived), at: now)
  }

  // MARK: Receiving

  private func listen() {
    while !engine.sent.isEmpty {
      let datagrams = engine.sent
      engine.sent = []
      for datagram in datagrams { hear(datagram) }
    }
  }

  private func hear(_ datagram: Datagram) {
    let message = datagram.octets
    let number = { (offset: Int) in UInt16(message[offset]) << 8 | UInt16(message[offset + 1]) }
    let (theirNs, theirNr) = (number(8), number(10))
    queue.removeAll { UInt16(theirNr &- $0.ns &- 1) < 0x8000 }
    if queue.isEmpty { repeatAt = nil }
    guard message.count > 12 else { return }
    let avps = read(Array(message[12...]))
    guard let type = avps[AVPKey(vendor: 0, type: 0)]?.last.map(UInt16.init), type != 20 else { return }
    if habits.losesFirstCopies, lost.insert(theirNs).inserted { return }
    peer = datagram.source
    guard theirNs == nr else { return acknowledge() }
    nr &+= 1
    heard.append(type)
    let before = ns
    answer(type, avps)
    if ns == before || habits.losesFirstCopies { acknowledge() }
  }

  struct AVPKey: Hashable {
    var vendor: UInt16
    var type: UInt16
  }

  private func read(_ body: [UInt8]) -> [AVPKey: [UInt8]] {
    var found: [AVPKey: [UInt8]] = [:]
    var rest = body[...]
    while rest.count >= 6 {
      let head = Array(rest.prefix(6))
      let length = Int(head[0] & 3) << 8 | Int(head[1])
      let key = AVPKey(
        vendor: UInt16(head[2]) << 8 | UInt16(head[3]), type: UInt16(head[4]) << 8 | UInt16(head[5]))
      if head[0] & 0x80 != 0, !knows(key) { objections.append("\(key.vendor):\(key.type)") }
      found[key] = Array(rest.prefix(length).dropFirst(6))
      rest = rest.dropFirst(length)
    }
    return found
  }

  private func knows(_ key: AVPKey) -> Bool {
    switch habits.numbers {
    // The sublayer's AVP is the one that Cisco's routers took from the IETF at once.
    case .own: key.vendor == 0 ? key.type < 58 || key.type == 69 : key.vendor == 9 && key.type <= 14
    case .ietf: key.vendor == 0
    case .both, .everything: key.vendor == 0 || key.vendor == 9 && key.type <= 14
    }
  }

  private func value(_ type: UInt16, _ avps: [AVPKey: [UInt8]]) -> [UInt8] {
    guard habits.numbers == .own, let own = Self.ownNumbers[type] else {
      return avps[AVPKey(vendor: 0, type: type)] ?? []
    }
    return avps[AVPKey(vendor: 9, type: own)] ?? []
  }

  private func number(_ type: UInt16, _ avps: [AVPKey: [UInt8]]) -> UInt32 {
    value(type, avps).reduce(0) { $0 << 8 | UInt32($1) }
  }

  private func answer(_ type: UInt16, _ avps: [AVPKey: [UInt8]]) {
    let circuit = pair(71, [0, 3])
    switch type {
    case 1:
      peerID = number(61, avps)
      say(2, start())
    case 2:
      peerID = number(61, avps)
      say(3, [])
      call()
    case 10:
      guard value(66, avps) == [0, 0, 0, 1], value(68, avps) == [0, 5] else { return objections.append("another end") }
      peerSession = number(63, avps)
      toldCookie = value(65, avps)
      say(11, session(circuit + pair(65, ownCookie) + extras))
    case 11:
      peerSession = number(63, avps)
      toldCookie = value(65, avps)
      say(12, session())
      tellCircuit()
    case 12: tellCircuit()
    default: break
    }
  }

  private func call() {
    let end = pair(68, [0, 5]) + pair(66, [0, 0, 0, 1]) + pair(65, ownCookie) + pair(71, [0, 3])
    say(10, session(avp(0, 15, [0, 0, 0, 1]) + end + pair(5, [0, 0, 0, 0, 0, 0, 0, 1]) + extras))
  }

  /// SLI at once: its circuit is up, as it said before, and not new any more.
  private func tellCircuit() {
    if habits.sendsLinkInfo { say(16, session(pair(71, [0, 1]))) }
  }
}
