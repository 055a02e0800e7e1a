import PWCore
import Testing

/// No input traps the codec or makes it loop: the vectors with octets changed, dropped and repeated.
@Suite struct MutationTests {
  /// SplitMix64, so that a failure can be repeated.
  struct Generator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = state
      mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
      return mixed ^ mixed >> 31
    }
  }

  @Test(arguments: try Vector.all()) func nothingTraps(_ vector: Vector) {
    var generator = Generator(state: UInt64(vector.hex.utf8.count))
    var refused = 0
    for round in 0..<300 {
      let octets = mutated(vector.octets, &generator)
      let dialect: AVPDialect = round % 2 == 0 ? .rfc : .cisco
      do {
        let received = try ControlCodec.decode(octets.span, dialect: dialect)
        // A message that could be read can be written, and means the same when it is read again.
        if let message = received.message {
          let again = try ControlCodec.decode(message.encoded().octets.span, dialect: dialect)
          #expect(again.message == message, "round \(round)")
        }
      } catch {
        refused += 1
        #expect(error.offset <= octets.count, "round \(round)")
        #expect(!error.description.isEmpty)
      }
      _ = ControlCodec.digests(of: octets.span)
      _ = MessageDescription(of: octets.span).description
    }
    #expect(refused > 0)
  }

  private func mutated(_ original: [UInt8], _ generator: inout Generator) -> [UInt8] {
    var octets = original
    for _ in 0..<Int.random(in: 1...6, using: &generator) where !octets.isEmpty {
      let index = Int.random(in: 0..<octets.count, using: &generator)
      switch Int.random(in: 0..<5, using: &generator) {
      case 0: octets[index] = UInt8.random(in: 0...255, using: &generator)
      case 1: octets[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      case 2: octets.removeLast(octets.count - index)
      case 3: octets.insert(contentsOf: octets[..<min(index, 64)], at: index)
      default: octets.remove(at: index)
      }
    }
    // Mostly with a right Length, or few mutants get past the header.
    if octets.count >= 4, Int.random(in: 0..<4, using: &generator) > 0 {
      octets[0] = 0xC8
      octets[1] = 3
      octets[2] = UInt8(octets.count >> 8)
      octets[3] = UInt8(octets.count & 255)
    }
    return octets
  }
}
