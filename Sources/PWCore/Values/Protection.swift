/// The protection that the packets of a tunnel have on their way, below L2TP, as the machine has been set up.
public enum Protection: Equatable, Codable, Sendable {
  /// The route to the peer leads into a WireGuard link of this name.
  case wireGuard(link: String)
  /// The policies of IPsec demand ESP in both directions. The algorithm is that of the security association in use, in
  /// the kernel's words; nil as long as there is none.
  case esp(algorithm: String?)
  /// The packets would be in clear in one direction at least.
  indirect case missing([ProtectionGap])

  /// Whether nobody on the way can read the packets.
  public var isThere: Bool {
    if case .missing = self { return false }
    return true
  }

  /// The things that are missing; empty where it is there.
  public var gaps: [ProtectionGap] {
    if case .missing(let gaps) = self { return gaps }
    return []
  }

  /// For people: `WireGuard (wg0)`, `ESP (rfc4106(gcm(aes)))`, or the things that are missing.
  public var words: String {
    switch self {
    case .wireGuard(let link): "WireGuard (\(link))"
    case .esp(let algorithm?): "ESP (\(algorithm))"
    case .esp(nil): "ESP (no security association yet)"
    case .missing(let gaps): Self.words(of: gaps)
    }
  }

  /// Each reason once: two gaps may have the same one.
  private static func words(of gaps: [ProtectionGap]) -> String {
    var all: [String] = []
    for gap in gaps where !all.contains(gap.words) { all.append(gap.words) }
    return all.joined(separator: "; ")
  }

  /// Whether another answer is the same as far as people and programs have to be told: an algorithm may change.
  func isLike(_ other: Protection) -> Bool {
    switch (self, other) {
    case (.esp, .esp): true
    case (.missing(let one), .missing(let other)): one.map(\.code) == other.map(\.code)
    default: self == other
    }
  }
}

/// Something that is missing for the packets of a tunnel to be protected.
public struct ProtectionGap: Equatable, Codable, Sendable {
  /// Which it is, for programs.
  public var code: Code
  /// The same for people, as a part of a sentence.
  public var words: String

  /// Something that is missing.
  public init(_ code: Code, _ words: String) {
    self.code = code
    self.words = words
  }

  /// The kinds. Programs rely on these names: a kind may be added, and none is renamed.
  public enum Code: String, CaseIterable, Codable, Sendable {
    /// No policy of IPsec demands ESP of packets that leave.
    case policyOut = "policy-out"
    /// No policy of IPsec demands ESP of packets that arrive.
    case policyIn = "policy-in"
    /// The route does not lead into a WireGuard link.
    case wireGuard = "wireguard"
    /// The kernel could not be asked.
    case unknown
  }
}
