import PWCore

/// Counts control messages by name, as they leave.
struct ControlMessageCounter {
  /// How many of each: `SCCRQ`, `ICRQ`, `ZLB`, ...
  private(set) var counts: [String: Int] = [:]

  /// Counts a message, from its flags word.
  mutating func count(_ octets: [UInt8]) {
    counts[Self.name(of: octets), default: 0] += 1
  }

  private static func name(of octets: [UInt8]) -> String {
    guard octets.count > ControlHeader.lengthOctets else { return "ZLB" }
    guard let type = ControlCodec.digests(of: octets.span).messageType else { return "other" }
    return MessageSpec.all.first { $0.type == type }?.name ?? "type \(type.rawValue)"
  }

  /// How many of each, in one line.
  var words: String {
    counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
  }
}
