import CNetlink
import Glibc
import PWCore
import Testing

@testable import PWLinux

@Suite("Policies and associations of IPsec") struct IPsecPolicyTests {
  /// Messages of Linux 6.18, as `ip xfrm policy add` had it make them.
  private enum Recorded {
    static let subPolicy = octets(
      """
      c4000000130002000100000010700000000000000000000000000000000000000000000000000000000000000000000000000000
      0000000002000000000000000000000000000000ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff
      000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000b4c40d6b
      000000000000000000000000090000002100000001000000000000000a0010000100000000000000
      """)
    static let forwarded = octets(
      """
      08010000130002000100000010700000000000000000000000000000000000000000000000000000000000000000000000000000
      0000000002000000000000000000000000000000ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff
      000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000b4c40d6b
      000000000000000000000000090000001a0000000200000000000000440005000000000000000000000000000000000000000000
      3200000002000000000000000000000000000000000000000000000001000000ffffffffffffffffffffffff0a00100000000000
      00000000
      """)
    static let blocking = octets(
      """
      c400000013000200010000001070000020010db800000000000000000000000120010db800000000000000000000000000000000
      000000000a008020000000000000000000000000ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff
      000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000b4c40d6b
      0000000000000000000000002c0100001000000000010000000000000a0010000000000000000000
      """)
    static let marked = octets(
      """
      14010000130002000100000010700000c0000201000000000000000000000000c000020000000000000000000000000000000000
      0000000002002018730000000000000000000000ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff
      000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000b4c40d6b
      000000000000000000000000c800000008000000000000000000000044000500c000020100000000000000000000000000001234
      3200000002000000c00002020000000000000000000000000800000001000100ffffffffffffffffffffffff0a00100000000000
      000000000c00150005000000ff000000
      """)
    static let transport = octets(
      """
      08010000130002000100000010700000c0000202000000000000000000000000c000020100000000000000000000000006a5ffff
      06a5ffff02002020110000000000000000000000ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff
      000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000b4c40d6b
      00000000000000000000000064000000010000000100000000000000440005000000000000000000000000000000000000000000
      3200000002000000000000000000000000000000000000000700000000000000ffffffffffffffffffffffff0a00100000000000
      00000000
      """)

    private static func octets(_ text: String) -> [UInt8] {
      let digits = text.filter { !$0.isWhitespace }
      return stride(from: 0, to: digits.count, by: 2).compactMap { offset in
        let start = digits.index(digits.startIndex, offsetBy: offset)
        return UInt8(digits[start..<digits.index(start, offsetBy: 2)], radix: 16)
      }
    }
  }

  private static func policy(_ octets: [UInt8]) -> IPsecPolicy? {
    var policy: IPsecPolicy?
    octets.withUnsafeBytes { octets in
      PWLinux.ReceivedMessage.walk(octets) { message in
        policy = IPsecPolicy(message)
        return true
      }
    }
    return policy
  }

  private static let flow = PacketFlow(
    ProtectionQuestion(
      encapsulation: .udp, local: Endpoint(address: .v4(0xC000_0201), port: 1701),
      remote: Endpoint(address: .v4(0xC000_0202), port: 1701), device: nil), interface: 3)

  // MARK: Octets

  @Test("a policy for UDP port 1701 in transport mode") func transport() throws {
    let policy = try #require(Self.policy(Recorded.transport))
    #expect(policy.direction == .out && policy.priority == 100 && !policy.isBlocking && policy.isForUsualPackets)
    #expect(policy.selector.source.description == "192.0.2.1/32")
    #expect(policy.selector.destination.description == "192.0.2.2/32")
    #expect(policy.selector.sourcePort == (1701, 0xFFFF) && policy.selector.destinationPort == (1701, 0xFFFF))
    #expect(policy.selector.protocolNumber == 17 && policy.selector.interface == 0)
    #expect(
      policy.templates == [
        .init(protocolNumber: 50, isOptional: false, mode: 0, requestID: 7, spi: 0, source: nil, destination: nil)
      ])
    #expect(policy.covers(Self.flow) && !policy.covers(Self.flow.reversed))
  }

  @Test("a policy for marked packets, in tunnel mode, at level `use`") func marked() throws {
    let policy = try #require(Self.policy(Recorded.marked))
    #expect(policy.direction == .in && policy.priority == 200 && !policy.isForUsualPackets)
    #expect(policy.selector.source.description == "192.0.2.0/24" && policy.selector.protocolNumber == 115)
    #expect(policy.selector.sourcePort == (0, 0) && policy.selector.destinationPort == (0, 0))
    #expect(
      policy.templates == [
        .init(
          protocolNumber: 50, isOptional: true, mode: 1, requestID: 8, spi: 0x1234, source: .v4(0xC000_0202),
          destination: .v4(0xC000_0201))
      ])
  }

  @Test("a policy that blocks IPv6") func blocking() throws {
    let policy = try #require(Self.policy(Recorded.blocking))
    #expect(policy.direction == .in && policy.isBlocking && policy.templates.isEmpty)
    #expect(policy.selector.source.description == "2001:db8::/32")
    #expect(policy.selector.destination.description == "2001:db8::1/128")
  }

  @Test("policies of other kinds are passed over") func others() {
    #expect(Self.policy(Recorded.forwarded) == nil)
    #expect(Self.policy(Recorded.subPolicy) == nil)
  }

  @Test("a message that is cut anywhere is not read beyond its end") func cut() throws {
    let whole = try #require(Self.policy(Recorded.transport))
    for count in 0..<Recorded.transport.count {
      var octets = Array(Recorded.transport[..<count])
      if count >= 4 { octets.replaceSubrange(0..<4, with: withUnsafeBytes(of: UInt32(count)) { Array($0) }) }
      let policy = Self.policy(octets)
      #expect(policy.map { $0 == whole || $0.templates.isEmpty } ?? true, "\(count) octets")
    }
  }

  @Test("an association tells its algorithm, and not its keys") func association() throws {
    var info = xfrm_usersa_info()
    info.family = UInt16(AF_INET)
    info.saddr.a4 = UInt32(0xC000_0201).bigEndian
    info.id.daddr.a4 = UInt32(0xC000_0202).bigEndian
    (info.id.proto, info.id.spi) = (50, UInt32(0x1234).bigEndian)
    (info.mode, info.reqid, info.curlft.add_time) = (0, 7, 99)
    for (attribute, name) in [(XFRMA_ALG_AEAD, "rfc4106(gcm(aes))"), (XFRMA_ALG_CRYPT, "ecb(cipher_null)")] {
      let padding = [UInt8](repeating: 0, count: 64 - name.utf8.count)
      let algorithm = Array(name.utf8) + padding + [160, 0, 0, 0, 7, 7, 7, 7]
      let payload =
        withUnsafeBytes(of: info) { Array($0) } + [UInt8(4 + algorithm.count), 0, UInt8(attribute.rawValue), 0]
        + algorithm
      let association = payload.withUnsafeBytes {
        IPsecAssociation(
          PWLinux.ReceivedMessage(type: Int(XFRM_MSG_NEWSA), flags: 0, sequence: 0, port: 0, payload: $0))
      }
      let read = try #require(association)
      #expect(read.encryption == name && read.isClear == (attribute == XFRMA_ALG_CRYPT))
      #expect(read.source == .v4(0xC000_0201) && read.destination == .v4(0xC000_0202))
      #expect((read.spi, read.requestID, read.madeAt) == (0x1234, 7, 99))
    }
  }

  @Test("a state that a key daemon is still asked for has no algorithm, and is none") func acquiring() {
    var info = xfrm_usersa_info()
    info.family = UInt16(AF_INET)
    info.id.proto = 50
    withUnsafeBytes(of: info) { octets in
      let message = PWLinux.ReceivedMessage(
        type: Int(XFRM_MSG_NEWSA), flags: 0, sequence: 0, port: 0, payload: octets)
      #expect(IPsecAssociation(message) == nil)
    }
  }

  // MARK: Associations of a template

  private static let association = IPsecAssociation(
    protocolNumber: 50, mode: 0, requestID: 7, spi: 1, source: .v4(0xC000_0201), destination: .v4(0xC000_0202),
    encryption: "cbc(aes)", madeAt: 5)

  /// Whether an association serves a template, for packets that leave and for the same ones if they arrived.
  private static func serves(
    mode: UInt8 = 0, change: (inout IPsecPolicy.Template, inout IPsecAssociation) -> Void
  ) -> [Bool] {
    var template = IPsecPolicy.Template(
      protocolNumber: 50, isOptional: false, mode: mode, requestID: 7, spi: 0, source: nil, destination: nil)
    var association = Self.association
    association.mode = mode
    change(&template, &association)
    return [association.serves(template, flow, .out), association.serves(template, flow, .in)]
  }

  @Test("in transport mode the packets' own ends count, whatever the template says") func transportEnds() {
    let elsewhere = IPAddress.v4(0xC633_6401)
    #expect(
      Self.serves { template, _ in (template.source, template.destination) = (elsewhere, elsewhere) } == [true, true])
    #expect(Self.serves { _, association in association.destination = elsewhere } == [false, false])
    #expect(Self.serves { _, association in association.source = elsewhere } == [false, false])
    #expect(Self.serves { _, association in association.source = .v4(0) } == [true, true])
  }

  @Test("in tunnel, BEET and IP-TFS mode the template's ends count", arguments: [1, 4, 5] as [UInt8])
  func tunnelEnds(mode: UInt8) {
    let (from, to) = (IPAddress.v4(0xC633_6401), IPAddress.v4(0xC633_6402))
    #expect(
      Self.serves(mode: mode) { template, _ in (template.source, template.destination) = (from, to) } == [false, false])
    #expect(
      Self.serves(mode: mode) { template, association in
        (template.source, template.destination) = (from, to)
        (association.source, association.destination) = (from, to)
      } == [true, true])
    #expect(
      Self.serves(mode: mode) { template, association in
        template.destination = to
        (association.source, association.destination) = (from, to)
      } == [true, true])
  }

  @Test("a request's number counts exactly for what leaves; 0 is any for what arrives") func requests() {
    #expect(Self.serves { _, _ in } == [true, true])
    #expect(Self.serves { template, _ in template.requestID = 8 } == [false, false])
    #expect(Self.serves { template, _ in template.requestID = 0 } == [false, true])
    #expect(
      Self.serves { template, association in (template.requestID, association.requestID) = (0, 0) } == [true, true])
  }

  // MARK: Selectors

  private static func policy(
    _ direction: IPsecPolicy.Direction, priority: UInt32 = 100, isBlocking: Bool = false,
    protocols: [UInt8] = [50], isOptional: Bool = false, change: (inout IPsecSelector) -> Void = { _ in }
  ) throws -> IPsecPolicy {
    let any = try #require(IPPrefix(containing: .v4(0), lengthBits: 0))
    var selector = IPsecSelector(
      source: any, destination: any, sourcePort: (0, 0), destinationPort: (0, 0), protocolNumber: 0, interface: 0)
    change(&selector)
    return IPsecPolicy(
      direction: direction, priority: priority, isBlocking: isBlocking, selector: selector,
      templates: protocols.map {
        .init(
          protocolNumber: $0, isOptional: isOptional, mode: 0, requestID: 7, spi: 0, source: nil, destination: nil)
      }, isForUsualPackets: true)
  }

  @Test("prefixes, ports with masks, protocols and interfaces") func selectors() throws {
    func covers(_ change: (inout IPsecSelector) -> Void) throws -> Bool {
      try Self.policy(.out, change: change).covers(Self.flow)
    }
    func prefix(_ address: UInt32, _ bits: Int) throws -> IPPrefix {
      try #require(IPPrefix(containing: .v4(address), lengthBits: bits))
    }
    #expect(try covers { _ in })
    for (bits, isIn) in [(32, false), (31, false), (30, true), (24, true), (0, true)] {
      let destination = try prefix(0xC000_0201, bits)
      #expect(try covers { $0.destination = destination } == isIn, "\(bits)")
    }
    let source = try prefix(0xC000_0300, 24)
    #expect(try !covers { $0.source = source })
    let version6 = try #require(IPPrefix(containing: .v6(high: 0, low: 0, zone: nil), lengthBits: 0))
    #expect(try !covers { ($0.source, $0.destination) = (version6, version6) })
    #expect(try covers { $0.sourcePort = (1701, 0xFFFF) } && !covers { $0.sourcePort = (1702, 0xFFFF) })
    #expect(try covers { $0.destinationPort = (1700, 0xFFF0) } && !covers { $0.destinationPort = (1712, 0xFFF0) })
    #expect(try covers { $0.protocolNumber = 17 } && !covers { $0.protocolNumber = 115 })
    #expect(try covers { $0.interface = 3 } && !covers { $0.interface = 4 })
  }

  @Test("over IP there are no ports, and a policy for some does not cover it") func withoutPorts() throws {
    let flow = PacketFlow(
      ProtectionQuestion(
        encapsulation: .ip, local: Endpoint(address: .v4(0xC000_0201), port: 9),
        remote: Endpoint(address: .v4(0xC000_0202), port: 9), device: nil), interface: 3)
    #expect(try Self.policy(.out) { $0.protocolNumber = 115 }.covers(flow))
    #expect(try !Self.policy(.out) { $0.destinationPort = (1701, 0xFFFF) }.covers(flow))
  }

  // MARK: Verdicts

  private func words(_ table: IPsecTable, _ direction: IPsecPolicy.Direction = .out) -> String {
    switch table.verdict(on: Self.flow, direction) {
    case .encrypted(let algorithm): algorithm ?? "encrypted"
    case .clear(let words): words
    }
  }

  @Test("the first policy by priority counts, and of several with one priority all") func priorities() throws {
    let (esp, block) = (try Self.policy(.out), try Self.policy(.out, priority: 50, isBlocking: true))
    #expect(words(IPsecTable(policies: [esp])) == "encrypted")
    #expect(
      words(IPsecTable(policies: [esp, block]))
        == "the IPsec policy `dir out` with priority 50, which covers UDP from 192.0.2.1:1701 to 192.0.2.2:1701, "
        + "blocks it")
    let later = try Self.policy(.out, priority: 200, isBlocking: true)
    #expect(words(IPsecTable(policies: [later, esp])) == "encrypted")
    let equal = try Self.policy(.out, protocols: [])
    for policies in [[esp, equal], [equal, esp]] {
      #expect(words(IPsecTable(policies: policies)).hasSuffix("requires nothing"))
    }
    let elsewhere = try Self.policy(.out, priority: 1, isBlocking: true) { $0.protocolNumber = 6 }
    #expect(words(IPsecTable(policies: [elsewhere, esp])) == "encrypted")
    #expect(
      words(IPsecTable(policies: [esp]), .in)
        == "no IPsec policy `dir in` covers UDP from 192.0.2.1:1701 to 192.0.2.2:1701")
  }

  @Test("AH alone, an optional ESP and null encryption do not protect") func shortcomings() throws {
    #expect(words(IPsecTable(policies: [try Self.policy(.out, protocols: [51])])).contains("AH alone"))
    #expect(words(IPsecTable(policies: [try Self.policy(.out, isOptional: true)])).contains("`level use`"))
    #expect(words(IPsecTable(policies: [try Self.policy(.out, protocols: [51, 50])])) == "encrypted")
    var table = IPsecTable(policies: [try Self.policy(.out)])
    let association = Self.association
    table.associations = [association]
    #expect(words(table) == "cbc(aes)")
    for (key, other) in [("request", 8), ("mode", 1)] {
      table.associations[0] = association
      if key == "mode" {
        table.associations[0].mode = UInt8(other)
      } else {
        table.associations[0].requestID = UInt32(other)
      }
      #expect(words(table) == "encrypted", "of another \(key)")
    }
    var newer = association
    (newer.encryption, newer.madeAt) = ("rfc4106(gcm(aes))", 6)
    table.associations = [newer, association]
    #expect(words(table) == "rfc4106(gcm(aes))")
    for clear in ["ecb(cipher_null)", "rfc4543(gcm(aes))"] {
      newer.encryption = clear
      // Even the older one: it may be used until it expires.
      table.associations = [association, newer]
      if clear.hasPrefix("ecb") { table.associations[1].madeAt = 4 }
      #expect(words(table).hasSuffix("is served by ESP with \(clear), which does not encrypt"))
    }
  }
}
