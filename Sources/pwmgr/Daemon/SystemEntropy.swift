import Glibc
import PWCore

/// The engine's randomness in production: the system's generator (getentropy(3)), asked for many numbers at once, because a
/// session takes four. An object, not a value: two copies would hand out the same numbers.
final class SystemEntropy: EntropySource {
  /// Should the system refuse, it asks in other ways, or traps.
  private var generator = SystemRandomNumberGenerator()
  /// Drawn and not handed out yet.
  private var drawn: [UInt64] = []

  /// As many octets as getentropy(3) hands out at once.
  private static let octetsAtOnce = 256

  func next() -> UInt64 {
    if drawn.isEmpty { draw() }
    return drawn.popLast() ?? generator.next()
  }

  private func draw() {
    drawn = [UInt64](repeating: 0, count: Self.octetsAtOnce / MemoryLayout<UInt64>.size)
    let isDrawn = drawn.withUnsafeMutableBytes { octets in
      octets.baseAddress.map { getentropy($0, octets.count) == 0 } ?? false
    }
    if !isDrawn { drawn.removeAll() }
  }
}
