import EthernetPlugin
import Foundation
import PPPPlugin
import PWConfig
import PWCore
import Testing
import VLANPlugin

/// Damaged examples: whatever happens to a file, the reader answers, and never with a site and an error at once.
struct MutationTests {
  /// Small enough for every run; a longer one is a matter of this number.
  static let mutationsPerSeed = 250

  @Test("Damaged files are answered", arguments: 1...8 as ClosedRange<UInt64>)
  func mutations(seed: UInt64) throws {
    var random = SplitMix(state: seed)
    var examples: [[UInt8]] = []
    for file in try ExampleTests.topics.flatMap(ExampleTests.files) {
      examples.append(Array(try Data(contentsOf: URL(fileURLWithPath: ExampleTests.folder + "/" + file))))
    }
    let reader = SiteReader(plugins: [EthernetPlugin(), PPPPlugin(), VLANPlugin()])
    for step in 0..<Self.mutationsPerSeed {
      var octets = examples[random.below(examples.count)]
      for _ in 0...random.below(4) { Self.damage(&octets, &random) }
      let reading = reader.read(octets)
      let hasErrors = reading.diagnostics.contains { $0.severity == .error }
      #expect((reading.site == nil) == hasErrors, "seed \(seed), step \(step)")
      if let site = reading.site {
        #expect(reader.read(reading.text(origins: true)).site == site, "seed \(seed), step \(step)")
      }
      let lineCount = octets.count { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") } + 2
      for diagnostic in reading.diagnostics {
        #expect((1...lineCount).contains(diagnostic.mark.line), "seed \(seed), step \(step): \(diagnostic)")
        #expect(diagnostic.mark.column >= 1, "seed \(seed), step \(step): \(diagnostic)")
      }
      #expect(
        zip(reading.diagnostics, reading.diagnostics.dropFirst()).allSatisfy { $0.mark <= $1.mark },
        "seed \(seed), step \(step)")
    }
  }

  private static let interesting = Array("\t:-[]{}&*!|>'\"%@`#, \n0/\u{7}~?".utf8)

  private static func damage(_ octets: inout [UInt8], _ random: inout SplitMix) {
    guard !octets.isEmpty else { return }
    let place = random.below(octets.count)
    let end = min(octets.count, place + random.below(40))
    switch random.below(7) {
    case 0: octets.remove(at: place)
    case 1: octets.insert(interesting[random.below(interesting.count)], at: place)
    case 2: octets[place] = UInt8(truncatingIfNeeded: random.next())
    case 3: octets.removeSubrange(place..<end)
    case 4: octets.insert(contentsOf: octets[place..<end], at: random.below(octets.count))
    case 5: octets.removeSubrange(place...)
    default: swapLines(&octets, &random)
    }
  }

  private static func swapLines(_ octets: inout [UInt8], _ random: inout SplitMix) {
    var lines = octets.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    lines.swapAt(random.below(lines.count), random.below(lines.count))
    octets = Array(lines.joined(separator: [UInt8(ascii: "\n")]))
  }
}

/// Steele, Lea and Flood's SplitMix64: a seed says everything.
struct SplitMix {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func below(_ bound: Int) -> Int {
    Int(next() % UInt64(bound))
  }
}
