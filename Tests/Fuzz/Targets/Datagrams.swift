@testable import PWCore
import PWCrypto

extension FuzzTarget {
  private static let withSecret = Authentication(secretFile: "/secret", hiding: .all)

  /// Worlds whose sessions stand: without digests, with a secret and hidden AVPs, and over IP with the integrity check.
  nonisolated(unsafe) private static let worlds = [
    established(nil, .udp), established(withSecret, .udp), established(Authentication(digest: .md5), .ip),
  ]

  /// Everything that arrives at a socket of ours while sessions stand: from a stranger, or as if from the peer, with numbers
  /// and digests that are right if the octets say so, so that what is behind them is reached.
  static let datagrams = FuzzTarget(name: "datagrams") { octets in
    var reader = FuzzReader(octets)
    var world = worlds[Int(reader.octet()) % worlds.count]
    while !reader.isEmpty {
      let how = How(rawValue: reader.octet())
      let message = reader.octets(Int(reader.octet()))
      world.deliver(message, how)
      world.settle(atMost: 200)
    }
    for end in world.ends { _ = end.engine.status(at: world.now) }
  }

  static func established(_ authentication: Authentication?, _ encapsulation: Encapsulation) -> PairWorld {
    var world = PairWorld(authentication: authentication, encapsulation: encapsulation)
    for _ in 0..<20 where !world.isEstablished {
      world.settle(atMost: 1000)
      world.advance(0)
      world.advance(1)
    }
    world.settle(atMost: 1000)
    precondition(world.isEstablished, "nothing stands that could be attacked")
    return world
  }

  /// The parts of a datagram that are made right before it is delivered, and its receiver.
  struct How: OptionSet {
    let rawValue: UInt8
    /// To the second end, not the first.
    static let toSecond = How(rawValue: 1)
    /// The Control Connection ID is the receiver's.
    static let rightIdentifier = How(rawValue: 2)
    /// Ns and Nr are what is expected.
    static let rightNumbers = How(rawValue: 4)
    /// The Length field is right.
    static let rightLength = How(rawValue: 8)
    /// There is a digest, and it is right.
    static let rightDigest = How(rawValue: 16)
    /// It comes from the peer's address and port.
    static let fromPeer = How(rawValue: 32)
    /// The flags are those of a control message.
    static let rightFlags = How(rawValue: 64)
    /// Time passes afterwards.
    static let timePasses = How(rawValue: 128)
  }
}

extension PairWorld {
  fileprivate mutating func deliver(_ octets: [UInt8], _ how: FuzzTarget.How) {
    let index = how.contains(.toSecond) ? 1 : 0
    var octets = octets
    let (mine, theirs) = (connection(of: index), connection(of: 1 - index))
    if how.contains(.rightFlags), octets.count >= 2 { octets.replaceSubrange(0..<2, with: [0xC8, 3]) }
    if octets.count >= ControlHeader.lengthOctets {
      if how.contains(.rightLength) { put(UInt32(octets.count), 2, at: 2, &octets) }
      if how.contains(.rightIdentifier), let mine { put(mine.localID.rawValue, 4, at: 4, &octets) }
      if how.contains(.rightNumbers), let mine {
        put(UInt32(mine.channel.nr), 2, at: 8, &octets)
        put(UInt32(mine.channel.nextNs), 2, at: 10, &octets)
      }
    }
    if how.contains(.rightDigest), let theirs { octets = sealed(octets, theirs) }
    let own = mine?.local ?? Endpoint(address: ends[index].address, port: 1701)
    let peer = mine?.remote ?? Endpoint(address: ends[1 - index].address, port: 1701)
    let stranger = Endpoint(address: .v4(0xC633_6401), port: 1701)
    deliver(
      Datagram(
        octets: octets, source: how.contains(.fromPeer) ? peer : stranger, local: own,
        encapsulation: mine?.encapsulation ?? .udp, socket: SocketID(rawValue: 0)), to: index)
    if how.contains(.timePasses) { advance(index) }
  }

  private func connection(of index: Int) -> ControlConnection? {
    let engine = ends[index].engine
    guard let tunnel = engine.declaredTunnels.first, let connection = engine.tunnels[tunnel].active else { return nil }
    return engine.connections[connection]
  }

  private func put(_ number: UInt32, _ count: Int, at offset: Int, _ octets: inout [UInt8]) {
    for index in 0..<count {
      octets[offset + index] = UInt8(truncatingIfNeeded: number >> UInt32(8 * (count - 1 - index)))
    }
  }

  /// The message with a Message Digest AVP behind its Message Type, as the peer would have sealed it.
  private func sealed(_ octets: [UInt8], _ sender: ControlConnection) -> [UInt8] {
    let typeEnd = ControlHeader.lengthOctets + 8
    guard let authentication = sender.authentication, octets.count >= typeEnd else { return octets }
    let digest = authentication.digest
    let length = AVPView.headerOctets + 1 + digest.octetCount
    var room: [UInt8] = [0x80, UInt8(length), 0, 0, 0, 59, digest.rawValue]
    room += [UInt8](repeating: 0, count: digest.octetCount)
    var whole = Array(octets[..<typeEnd]) + room + Array(octets[typeEnd...])
    put(UInt32(whole.count), 2, at: 2, &whole)
    var message = EncodedMessage(octets: whole, digest: digest)
    authentication.seal(&message, isRequest: false, using: CryptoAuthenticator())
    return message.octets
  }
}
