import PWCore
import Synchronization

/// Counts control messages by name as the kernel takes them, on whatever thread sends. One that it refuses has not
/// left; one that an interface drops counts, because that interface's captures have seen it.
public final class ControlMessageCounter: Sendable {
  private let state = Mutex<[String: Int]>([:])

  /// Nothing has been sent yet.
  init() {}

  /// How many of each: `SCCRQ`, `ICRQ`, `ZLB`, ...
  public var counts: [String: Int] { state.withLock { $0 } }

  /// How many of each, in one line.
  public var words: String {
    counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
  }

  /// Counts a message that was sent.
  func count(_ octets: [UInt8]) {
    let name = Self.name(of: octets)
    state.withLock { $0[name, default: 0] += 1 }
  }

  private static func name(of octets: [UInt8]) -> String {
    guard octets.count > ControlHeader.lengthOctets else { return "ZLB" }
    guard let type = ControlCodec.digests(of: octets.span).messageType else { return "other" }
    return MessageSpec.all.first { $0.type == type }?.name ?? "type \(type.rawValue)"
  }
}
