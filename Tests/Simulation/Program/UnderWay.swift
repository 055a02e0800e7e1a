import Glibc

/// Says what was under way when a precondition fails: of a trap an optimised program says nothing, and the seed would be lost.
struct UnderWay: Sendable {
  /// Octets of one shard's line.
  private static let lineOctets = 128

  private let shard: Int

  /// Prepares the lines of all shards, before the first of them begins.
  static func watch(shards: Int) {
    let octets = shards * lineOctets
    let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: octets)
    memory.initialize(repeating: UInt8(ascii: " "), count: octets)
    (lines, linesOctets) = (memory, octets)
    // A trap is the one on x86-64, the other on ARM.
    for number in [SIGILL, SIGTRAP] {
      signal(number) { number in
        // Only what a signal handler may do: no memory is asked for.
        _ = Glibc.write(STDERR_FILENO, lines, linesOctets)
        signal(number, SIG_DFL)
        raise(number)
      }
    }
  }

  init(shard: UInt64) {
    self.shard = Int(shard)
  }

  /// Takes down what begins now.
  func note(_ text: String) {
    guard let line = Self.line(shard) else { return }
    let octets = Array("pwsimulate: a trap may be due to \(text)".utf8.prefix(Self.lineOctets - 1))
    for index in 0..<Self.lineOctets - 1 { line[index] = index < octets.count ? octets[index] : UInt8(ascii: " ") }
    line[Self.lineOctets - 1] = UInt8(ascii: "\n")
  }

  private static func line(_ shard: Int) -> UnsafeMutablePointer<UInt8>? {
    lines.map { $0 + shard * lineOctets }
  }
}

// Set before the first shard begins; from then on each shard writes its own line, and the handler reads them.
nonisolated(unsafe) private var lines: UnsafeMutablePointer<UInt8>?
nonisolated(unsafe) private var linesOctets = 0
