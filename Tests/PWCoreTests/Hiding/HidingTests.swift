import Testing

@testable import PWCore

/// The fixtures that tests of hidden AVPs share: a key, a source of random octets, and messages put together by hand.
enum Hidden {
  static let authenticator = ChecksumAuthenticator()
  static let hiding = AVPHiding(
    key: MessageDigest.hidingKey(secret: Array("secret".utf8), using: authenticator), using: authenticator)
  static let stranger = AVPHiding(
    key: MessageDigest.hidingKey(secret: Array("other".utf8), using: authenticator), using: authenticator)

  /// A message with its AVPs hidden, its random octets from a seed.
  static func message(
    _ message: ControlMessage, _ choice: Authentication.Hiding = .all, digest: Authentication.Digest? = nil,
    seed: UInt64 = 1
  ) -> EncodedMessage {
    var entropy = SeededEntropy(state: seed)
    return message.encoded(reservingDigest: digest).hidden(choice, by: hiding) { count in
      (0..<count).map { _ in UInt8(truncatingIfNeeded: entropy.next()) }
    }
  }

  static func avps(of octets: [UInt8]) throws -> [AVPView] {
    var cursor = AVPCursor(messageOctets: octets.count)
    var avps: [AVPView] = []
    while let avp = try cursor.next(in: octets.span) { avps.append(avp) }
    return avps
  }

  /// An AVP of the IETF's.
  static func avp(_ type: AVPType, _ value: [UInt8], mandatory: Bool = true, hidden: Bool = false) -> [UInt8] {
    let length = 6 + value.count
    let bits = (mandatory ? 0x8000 : 0) | (hidden ? 0x4000 : 0) | length
    return [UInt8(bits >> 8), UInt8(bits & 255), 0, 0, UInt8(type.rawValue >> 8), UInt8(type.rawValue & 255)] + value
  }

  /// A hidden one.
  static func hidden(
    _ type: AVPType, _ value: [UInt8], vector: [UInt8], padding: [UInt8] = [], mandatory: Bool = true
  ) -> [UInt8] {
    avp(
      type, hiding.hidden(value, type: type.rawValue, randomVector: vector, padding: padding), mandatory: mandatory,
      hidden: true)
  }

  static let vector = Array(UInt8(0x20)...0x2F)
  static let hello = octets("8008000000000006")
  static let call = octets("800800000000000a" + "800a0000003fa0000001" + "800a0000004000000000")
  static let callRest = octets("800a0000000f00000001" + "8008000000440005" + "8008000000470003")
}

@Suite("Hidden AVPs, one message")
struct HidingTests {
  @Test(
    "every message survives, whatever is hidden in it",
    arguments: RoundTripTests.messages().map(RoundTripTests.Sample.init))
  func survives(_ sample: RoundTripTests.Sample) throws {
    for choice in Authentication.Hiding.allCases {
      for digest in [nil, Authentication.Digest.md5, .sha1] {
        let encoded = Hidden.message(sample.message, choice, digest: digest)
        let received = try ControlCodec.decode(encoded.octets.span, hiding: Hidden.hiding)
        #expect(received.message == sample.message)
        let avps = try Hidden.avps(of: encoded.octets)
        #expect(received.hadHiddenAVPs == avps.contains { $0.isHidden && $0.vendorID == 0 })
        let digests = ControlCodec.digests(of: encoded.octets.span)
        #expect(digests.first?.octets.lowerBound == encoded.digestOffset)
        #expect(digests.messageType == (sample.message.isVendors ? nil : sample.message.messageType))
      }
    }
  }

  @Test("AVPs that may be hidden are, others are not, and a Random Vector precedes the first")
  func choices() throws {
    var hiddenTypes = Set<UInt16>()
    for message in RoundTripTests.messages() {
      for choice in Authentication.Hiding.allCases {
        var hasVector = false
        for avp in try Hidden.avps(of: Hidden.message(message, choice, digest: .sha1).octets) where avp.vendorID == 0 {
          if avp.isRandomVector { hasVector = true }
          let isChosen = choice.types.contains(avp.type) && message.messageType != .stopNotification
          #expect(avp.isHidden == isChosen, "\(message.messageType.name) \(avp.type)")
          if avp.isHidden {
            #expect(hasVector)
            #expect(AVPCatalogue.definition(vendorID: 0, type: avp.type)?.isHideable == true)
            hiddenTypes.insert(avp.type)
          }
        }
      }
    }
    // Every AVP with a field in a message and that may be hidden was.
    let fields = MessageSpec.all.reduce(AVPSet()) { $0.union($1.required).union($1.optional) }
    let expected = fields.numbers.filter { AVPCatalogue.format(vendorID: 0, type: $0).isHideable }
    #expect(hiddenTypes == Set(expected))
    #expect(Authentication.Hiding.all.types.numbers.contains(58))
    #expect(Authentication.Hiding.sensitive.types.numbers == [65, 66, 89, 90])
    #expect(Authentication.Hiding.none.types.numbers.isEmpty)
  }

  @Test("every AVP that may be hidden, at the ends of its lengths")
  func everyType() throws {
    for definition in AVPCatalogue.ietf where definition.isHideable {
      let lengths = definition.value.lengths
      for count in [Int(lengths.minimum), min(Int(lengths.maximum), AVPHiding.maximumValueOctets)] {
        let value = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ 1) }
        let padding = [UInt8](repeating: 0xEE, count: AVPHiding.paddingOctets(for: count))
        let hidden = Hidden.hiding.hidden(
          value, type: definition.type, randomVector: Hidden.vector, padding: padding)
        #expect(hidden.count == 2 + count + padding.count)
        #expect(hidden.count.isMultiple(of: 16) || hidden.count == 1017)
        #expect(
          try Hidden.hiding.revealed(hidden, type: definition.type, randomVector: Hidden.vector) == value,
          "\(definition.name)")
      }
    }
  }

  @Test("short values do not tell how long they are")
  func padding() throws {
    var lengths = Set<Int>()
    for cookie in [[], [1, 2, 3, 4], [1, 2, 3, 4, 5, 6, 7, 8]] as [[UInt8]] {
      var path = DataPathParameters()
      path.cookie = Cookie(octets: cookie)
      path.circuitStatus = .active
      let reply = IncomingCallReply(identifiers: RoundTripTests.identifiers, dataPath: path)
      let encoded = Hidden.message(.incomingCallReply(reply), .sensitive)
      let avp = try #require(try Hidden.avps(of: encoded.octets).first { $0.isHidden })
      #expect(avp.type == AVPType.assignedCookie.rawValue)
      lengths.insert(avp.valueOctets)
    }
    #expect(lengths == [16])
    #expect(AVPHiding.paddingOctets(for: 14) == 0)
    #expect(AVPHiding.paddingOctets(for: 1015) == 0)
    #expect(AVPHiding.paddingOctets(for: 1007) == 8)
  }

  @Test("each message has a Random Vector of its own, and so has each value of an AVP that is there twice")
  func freshVectors() throws {
    var reply = StartReply(parameters: RoundTripTests.bareParameters)
    reply.others = [[1, 2], [3, 4]].map { RawAVP(vendorID: 0, type: 94, isMandatory: false, value: $0) }
    let encoded = Hidden.message(.startReply(reply))
    let avps = try Hidden.avps(of: encoded.octets)
    #expect(avps.filter(\.isRandomVector).count == 2)
    #expect(avps.map(\.type).suffix(4) == [62, 94, 36, 94])
    let vectors = avps.filter(\.isRandomVector).map { encoded.octets.span.octets(at: $0.valueOffset, count: 16) }
    #expect(Set(vectors).count == 2)
    for (avp, vector, value) in [
      (avps[avps.count - 3], vectors[0], [1, 2]), (avps[avps.count - 1], vectors[1], [3, 4]),
    ]
      as [(AVPView, [UInt8], [UInt8])]
    {
      let hidden = encoded.octets.span.octets(at: avp.valueOffset, count: avp.valueOctets)
      #expect(try Hidden.hiding.revealed(hidden, type: 94, randomVector: vector) == value)
    }
  }

  @Test("a message with nothing to hide stays as it is, and StopCCN stays in clear")
  func nothingToHide() {
    let stop = ControlMessage.stopNotification(
      StopNotification(result: StopResult(.shuttingDown), assignedConnectionID: ControlConnectionID(rawValue: 5)))
    for message in [.hello(Hello()), .startConnected(StartConnected()), stop] as [ControlMessage] {
      #expect(Hidden.message(message, digest: .md5) == message.encoded(reservingDigest: .md5))
    }
    let start = ControlMessage.startRequest(StartRequest(parameters: RoundTripTests.bareParameters))
    #expect(Hidden.message(start, .sensitive) == start.encoded())
    #expect(Hidden.message(start, .none) == start.encoded())
    let empty = EncodedMessage.zeroLengthBody().hidden(.all, by: Hidden.hiding) { [UInt8](repeating: 0, count: $0) }
    #expect(empty == .zeroLengthBody())
  }
}

extension ControlMessage {
  fileprivate var isVendors: Bool {
    guard case .unknown(let message) = self else { return false }
    return message.vendorID != 0
  }
}
