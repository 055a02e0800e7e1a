import PWCore
import Testing

/// The catalogue and the specs agree with each other and with the lengths of RFC 3931 section 5.4.
@Suite struct CatalogueTests {
  @Test func numbersAreUniqueAndFit() {
    for table in [AVPCatalogue.ietf, AVPCatalogue.cisco] {
      #expect(Set(table.map(\.type)).count == table.count)
      #expect(table.allSatisfy { $0.type < AVPSet.limit })
    }
    #expect(Set(MessageSpec.all.map(\.type)).count == 15)
  }

  @Test func everyFieldOfASpecIsUnderstood() {
    for spec in MessageSpec.all {
      for number in spec.required.numbers + spec.optional.numbers {
        #expect(AVPCatalogue.format(vendorID: 0, type: number).isUnderstood, "\(spec.name) \(number)")
        #expect(!(spec.required.contains(number) && spec.optional.contains(number)))
      }
    }
  }

  static let fixedCases: [(UInt16, [UInt16])] = [
    (0, [2]), (5, [8]), (10, [2]), (15, [4]), (25, [4]), (34, [18, 26]), (59, [17, 21]), (60, [4]),
    (61, [4]), (63, [4]), (64, [4]), (65, [0, 4, 8]), (68, [2]), (69, [2]), (70, [2]), (71, [2]), (74, [8]), (75, [8]),
    (91, [2]), (47, [2]), (48, [2]), (2, [2]), (3, [4]), (39, [0]), (76, [6]), (77, [10]), (96, [2]), (97, [20]),
  ]

  @Test(arguments: fixedCases)
  func lengths(_ type: UInt16, _ expected: [UInt16]) {
    let format = AVPCatalogue.format(vendorID: 0, type: type)
    #expect((0...AVPCatalogue.maximumValueOctets).filter { format.accepts(octets: $0) } == expected)
  }

  static let openCases: [(UInt16, UInt16, UInt16)] = [
    (1, 2, 1), (7, 1, 1), (8, 0, 1), (36, 0, 1), (58, 6, 1), (62, 2, 2), (66, 0, 1), (72, 0, 1),
    (73, 1, 1), (89, 0, 1), (90, 0, 1), (102, 4, 4), (127, 0, 1), (900, 0, 1),
  ]

  @Test(arguments: openCases)
  func openLengths(_ type: UInt16, _ minimum: UInt16, _ step: UInt16) {
    let format = AVPCatalogue.format(vendorID: 0, type: type)
    let accepted = (0...AVPCatalogue.maximumValueOctets).filter { format.accepts(octets: $0) }
    #expect(accepted == Array(stride(from: minimum, through: AVPCatalogue.maximumValueOctets, by: Int(step))))
  }

  /// The M bits of section 5.4: "SHOULD be set to 1" and "SHOULD be set to 0".
  @Test func mandatoryBits() {
    for definition in AVPCatalogue.ietf where AVPCatalogue.format(vendorID: 0, type: definition.type).isUnderstood {
      #expect(definition.isMandatory == !PublishedBits.withoutM.contains(definition.type), "\(definition.name)")
    }
    for definition in AVPCatalogue.ietf where AVPCatalogue.format(vendorID: 0, type: definition.type).isUnderstood {
      #expect(definition.isHideable == !PublishedBits.neverHidden.contains(definition.type), "\(definition.name)")
    }
  }

  @Test func sets() {
    var set: AVPSet = [.messageType, .circuitStatus, .interfaceMTU]
    #expect(set.numbers == [0, 71, 91])
    #expect(set.firstMissing(from: [.messageType]) == 71)
    #expect(set.firstMissing(from: set) == nil)
    set.insert(127)
    #expect(set.contains(127) && !set.contains(126) && !set.contains(128) && !set.contains(.max))
    #expect(set.union([.nonce]).numbers == [0, 71, 73, 91, 127])
  }

  @Test func digestsOnlyWhereTheyBelong() {
    let digest = "80170000003b00" + String(repeating: "11", count: 16)
    let hello = "8008000000000006"
    #expect(ControlCodec.digests(of: message(octets(hello + digest + digest)).span).second?.octets == 50..<66)
    let late = ControlCodec.digests(of: message(octets(hello + "000600090001" + digest)).span)
    #expect(late.first == nil && late.second == nil)
    let split = ControlCodec.digests(of: message(octets(hello + digest + "000600090001" + digest)).span)
    #expect(split.first != nil && split.second == nil)
    let short = ControlCodec.digests(
      of: message(octets(hello + "80160000003b00" + String(repeating: "11", count: 15))).span)
    #expect(short.first?.type == nil && short.first?.octets == 27..<42)
    let unknown = ControlCodec.digests(
      of: message(octets(hello + "80170000003b02" + String(repeating: "11", count: 16))).span)
    #expect(unknown.first?.type == nil)
  }

  @Test func noncesOfStartMessagesOnly() {
    let nonce = "80160000004900112233445566778899aabbccddeeff"
    for (type, expected) in [("01", 20..<36), ("02", 20..<36), ("0a", nil)] as [(String, Range<Int>?)] {
      let found = ControlCodec.digests(of: message(octets("80080000000000" + type + nonce)).span).nonce
      #expect(found == expected.map { ($0.lowerBound + 6)..<($0.upperBound + 6) })
    }
  }
}
