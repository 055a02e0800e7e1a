import PWCore

/// A keyed hash that is not cryptography: it tells a right digest from a wrong one, which is all that a run needs.
struct SimulatedAuthenticator: MessageAuthenticator {
  /// A planted fault: whatever it compares is equal.
  var isCredulous = false

  func authenticationCode(
    _ digest: Authentication.Digest, key: [UInt8], prefix: [UInt8], message: Span<UInt8>
  ) -> [UInt8] {
    var state: UInt64 = 0xCBF2_9CE4_8422_2325 ^ UInt64(digest.rawValue)
    func mix(_ octet: UInt8) { state = (state ^ UInt64(octet)) &* 0x100_0000_01B3 }
    for octet in key { mix(octet) }
    mix(UInt8(truncatingIfNeeded: key.count))
    for octet in prefix { mix(octet) }
    for index in 0..<message.count { mix(message[index]) }
    return (0..<digest.octetCount).map { index in
      mix(UInt8(index))
      return UInt8(truncatingIfNeeded: state >> 32)
    }
  }

  func md5(_ octets: [UInt8]) -> [UInt8] {
    authenticationCode(.md5, key: [], prefix: [], message: octets.span)
  }

  func isEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    isCredulous || left == right
  }
}

/// The error that a misbehaving run throws: which seed, when, what, and the steps before.
struct Violation: Error, CustomStringConvertible {
  var world: SimulatedWorld
  var seed: UInt64
  var time: Instant
  var what: String
  var story: String?
  var trace: String

  var description: String {
    "seed \(seed), \(Trace.seconds(time)) s: \(what)\n\(story.map { $0 + "\n" } ?? "")\(trace)\n"
      + "(again: make simulate \(world == .sites ? "" : "WORLD=\(world) ")SEED=\(seed), or "
      + "PWMGR_SIMULATION_SEED=\(seed) swift test --filter \(world.testSuite))"
  }
}

/// A broken invariant, before the world adds seed and trace.
struct Breach: Error {
  var what: String

  init(_ what: String) {
    self.what = what
  }
}
