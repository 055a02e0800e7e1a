import Testing

@testable import PWCore

/// A control message as it went over the wire, read here octet by octet and not by the code that wrote it.
private struct WireMessage {
  struct AVP {
    var flags: UInt8
    var vendorID: UInt16
    var type: UInt16
    var value: ArraySlice<UInt8>
    var isMandatory: Bool { flags & 0x80 != 0 }
    var isHidden: Bool { flags & 0x40 != 0 }
    var reservedBits: UInt8 { flags & 0x3C }
    var number: UInt32 { value.reduce(0) { $0 << 8 | UInt32($1) } }
  }

  var fromLeft: Bool
  var octets: [UInt8]
  var destination: Endpoint
  var avps: [AVP] = []
  /// Nil if the AVPs do not end where the message ends.
  init?(_ packet: (fromLeft: Bool, datagram: Datagram)) {
    fromLeft = packet.fromLeft
    octets = packet.datagram.octets
    destination = packet.datagram.local
    var offset = 12
    while offset + 6 <= octets.count {
      let length = Int(octets[offset] & 3) << 8 | Int(octets[offset + 1])
      guard length >= 6, offset + length <= octets.count else { return nil }
      avps.append(
        AVP(
          flags: octets[offset], vendorID: number16(offset + 2), type: number16(offset + 4),
          value: octets[(offset + 6)..<(offset + length)]))
      offset += length
    }
    guard offset == octets.count else { return nil }
  }

  private func number16(_ offset: Int) -> UInt16 { UInt16(octets[offset]) << 8 | UInt16(octets[offset + 1]) }
  /// Header field: the recipient's identifier.
  var connectionID: UInt32 { octets[4..<8].reduce(0) { $0 << 8 | UInt32($1) } }
  /// The message's type; nil for a header alone.
  var type: UInt32? { avps.first?.number }

  subscript(type: UInt16) -> AVP? { avps.first { $0.vendorID == 0 && $0.type == type } }
}

@Suite("Messages as they go over the wire")
struct SentMessagesTests {
  static let secrets: [[UInt8]?] = [nil, [1, 2, 3]]

  /// All that went over the wire in a life of two sites: set-up, HELLO, a circuit that fails, a pseudowire that goes, an end.
  private func life(secret: [UInt8]?, hiding: Authentication.Hiding = .none) throws -> [WireMessage] {
    let pair = EnginePair(pseudowires: 2, secret: secret) { tunnel, _ in
      tunnel.helloInterval = .seconds(10)
      tunnel.authentication?.hiding = hiding
    }
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))
    var site = pair.left.engine.declaredSite
    site.tunnels[0].pseudowires[0].circuit = .member("eth1")
    pair.reload(site, left: true)
    pair.run(for: .seconds(30))
    site.tunnels[0].pseudowires.removeLast()
    pair.reload(site, left: true)
    pair.run(for: .seconds(1))
    pair.handle(.shutdown, left: true)
    pair.run(for: .seconds(5))
    let messages = pair.wire.compactMap { WireMessage($0) }
    #expect(messages.count == pair.wire.count, "every message's AVPs end where it ends")
    // SCCRQ, SCCRP, SCCCN, StopCCN, HELLO, ICRQ, ICRP, ICCN, CDN, SLI.
    for type: UInt32 in [1, 2, 3, 4, 6, 10, 11, 12, 14, 16] {
      #expect(messages.contains { $0.type == type }, "no message of type \(type)")
    }
    return messages
  }

  @Test("headers: T, L and S set, version 3, everything reserved 0, the length right", arguments: secrets)
  func headers(secret: [UInt8]?) throws {
    for message in try life(secret: secret) {
      #expect(message.octets[0] == 0b1100_1000 && message.octets[1] == 3)
      #expect(Int(message.octets[2]) << 8 | Int(message.octets[3]) == message.octets.count)
    }
  }

  @Test("the identifier in the header is the receiver's own, and 0 before it has told it", arguments: secrets)
  func connectionIdentifiers(secret: [UInt8]?) throws {
    var assigned: [Bool: UInt32] = [:]
    for message in try life(secret: secret) {
      if message.type == 1 || message.type == 2 { assigned[message.fromLeft] = try #require(message[61]).number }
      let known = message.type == 1 ? 0 : try #require(assigned[!message.fromLeft])
      #expect(message.connectionID == known)
      #expect(assigned.values.allSatisfy { $0 != 0 })
      if message.type == 4 { #expect(message[61]?.number == assigned[message.fromLeft]) }
    }
  }

  @Test("the first message goes to port 1701")
  func port() throws {
    let request = try #require(try life(secret: nil).first { $0.type == 1 })
    #expect(request.destination == Endpoint(address: EnginePair.rightAddress, port: 1701))
  }

  @Test("AVPs: M as section 5.4 has it, reserved bits 0, Message Type first", arguments: secrets)
  func avpBits(secret: [UInt8]?) throws {
    for message in try life(secret: secret) where !message.avps.isEmpty {
      #expect(message.avps[0].type == 0 && message.avps[0].vendorID == 0)
      for avp in message.avps {
        #expect(avp.reservedBits == 0)
        #expect(avp.vendorID == 0)
        #expect(avp.isMandatory == !PublishedBits.withoutM.contains(avp.type), "attribute \(avp.type)")
      }
    }
  }

  @Test("nothing is hidden without a secret, and with one nothing that must not be", arguments: secrets)
  func hidden(secret: [UInt8]?) throws {
    var hidden = Set<UInt16>()
    for message in try life(secret: secret, hiding: .all) {
      var hasVector = false
      for avp in message.avps {
        if avp.type == 36 {
          hasVector = true
          #expect(avp.isMandatory && avp.value.count == 16)
        }
        guard avp.isHidden else { continue }
        #expect(hasVector, "attribute \(avp.type)")
        #expect(!PublishedBits.neverHidden.contains(avp.type), "attribute \(avp.type)")
        hidden.insert(avp.type)
      }
    }
    #expect(hidden == (secret == nil ? [] : [8, 15, 61, 62, 63, 64, 65, 66, 68, 71]))
  }

  /// RFC 3931 section 6: the AVPs that each message must carry, besides its type.
  private static let required: [UInt32: Set<UInt16>] = [
    1: [7, 60, 61, 62], 2: [7, 60, 61, 62], 3: [], 4: [1, 61], 6: [], 10: [63, 64, 15, 68, 66, 71], 11: [63, 64, 71],
    12: [63, 64], 14: [1, 63, 64], 16: [63, 64, 71], 20: [],
  ]

  @Test("every message carries what section 6 has it carry", arguments: secrets)
  func requiredAVPs(secret: [UInt8]?) throws {
    for message in try life(secret: secret) {
      guard let type = message.type else { continue }
      let required = try #require(Self.required[type], "message \(type) is not expected here")
      #expect(required.isSubset(of: message.avps.map(\.type)), "message \(type)")
    }
  }

  @Test("the specs of the messages are those of section 6, of the ones that we do not send too")
  func specs() throws {
    var required = Self.required
    // A StopCCN to somebody whose SCCRQ is refused has no identifier to name; an SLI may be about something else.
    (required[4], required[16]) = ([1], [63, 64])
    // OCRQ, OCRP, OCCN, WEN.
    (required[7], required[8], required[9]) = ([63, 64, 15, 68, 66, 71], [63, 64, 71], [63, 64])
    required[15] = [63, 64, 34]
    // There are peers that send no Serial Number, which nothing depends on.
    for type: UInt32 in [7, 10] { required[type]?.remove(15) }
    for spec in MessageSpec.all {
      #expect(Set(spec.required.numbers) == required[UInt32(spec.type.rawValue)], "\(spec.name)")
    }
  }

  @Test("a session's messages name both ends as each has named itself, and 0 before that", arguments: secrets)
  func sessionIdentifiers(secret: [UInt8]?) throws {
    var peers: [UInt32: UInt32] = [:]
    var told = 0
    for message in try life(secret: secret) {
      guard let type = message.type, type >= 7, type != 20 else { continue }
      let (local, remote) = (try #require(message[63]).number, try #require(message[64]).number)
      #expect(local != 0)
      switch type {
      case 10: #expect(remote == 0)
      case 11: (peers[local], peers[remote]) = (remote, local)
      default:
        #expect(remote != 0 && peers[local] == remote, "message \(type)")
        told += 1
      }
    }
    #expect(told >= 4)
  }

  @Test("a number is a Remote End ID of 4 octets, the type is 0x0005, the cookie has 8 octets of its own")
  func calls() throws {
    let messages = try life(secret: nil)
    let requests = messages.filter { $0.type == 10 }
    #expect(Set(requests.compactMap { $0[66].map { Array($0.value) } }) == [[0, 0, 0, 0], [0, 0, 0, 1]])
    #expect(requests.allSatisfy { $0[68]?.number == 5 })
    let cookies = messages.filter { $0.type == 10 || $0.type == 11 }.compactMap { $0[65].map { Array($0.value) } }
    #expect(cookies.count >= 4 && Set(cookies).count == cookies.count)
    #expect(cookies.allSatisfy { $0.count == 8 })
  }

  @Test("a secret: a digest right after the Message Type of every message, and a nonce in SCCRQ and SCCRP alone")
  func digests() throws {
    for secret in Self.secrets {
      var nonces: [[UInt8]] = []
      for message in try life(secret: secret) {
        #expect((message.avps.dropFirst().first?.type == 59) == (secret != nil))
        #expect((message[73] != nil) == (secret != nil && (message.type == 1 || message.type == 2)))
        if let nonce = message[73] { nonces.append(Array(nonce.value)) }
      }
      #expect(nonces.count == (secret == nil ? 0 : 2) && Set(nonces).count == nonces.count)
      #expect(nonces.allSatisfy { $0.count >= 16 })
    }
  }

  @Test("an integrity check alone exchanges no nonces")
  func integrityAlone() {
    let pair = EnginePair { tunnel, _ in tunnel.authentication = Authentication(digest: .md5) }
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))
    for message in pair.wire.compactMap({ WireMessage($0) }) {
      #expect(message[59]?.value.count == 17)
      #expect(message[73] == nil)
    }
  }

  @Test("a StopCCN that refuses an SCCRQ has a digest like any message, and the SCCRQ's sender can verify it")
  func refusals() throws {
    var refused = 0
    for (seed, secret) in (1...8 as ClosedRange<UInt64>).flatMap({ seed in Self.secrets.map { (seed, $0) } }) {
      let pair = EnginePair(leftRole: .both, rightRole: .both, seed: seed, secret: secret) { tunnel, _ in
        if secret == nil { tunnel.authentication = Authentication(digest: .md5) }
      }
      // Both have sent an SCCRQ. The right end does not hear the left one's: the refusal alone tells it of the tie.
      let request = try #require(pair.wire.first { !$0.fromLeft }).datagram
      pair.left.handle(.datagram(try #require(pair.left.arriving(request))), at: pair.now)
      guard let refusal = pair.left.sent.first, let message = WireMessage((true, refusal)), message.type == 4 else {
        continue
      }
      refused += 1
      #expect(message[59] != nil)
      pair.right.handle(.datagram(try #require(pair.right.arriving(refusal))), at: pair.now)
      #expect(pair.right.status.dropped.unauthentic == 0)
      #expect(pair.right.engine.connections.count == 0)
    }
    #expect(refused > 0)
  }

  @Test("texts for people are plain: the Vendor Name in US-ASCII, errors in UTF-8")
  func texts() throws {
    let messages = try life(secret: nil)
    let names = messages.compactMap { $0[8] }
    #expect(!names.isEmpty)
    for name in names { #expect(!name.value.isEmpty && name.value.allSatisfy { (0x20..<0x7F).contains($0) }) }
    for result in messages.compactMap({ $0[1] }) where result.value.count > 4 {
      #expect(String(validating: result.value.dropFirst(4), as: UTF8.self) != nil)
    }
  }
}
