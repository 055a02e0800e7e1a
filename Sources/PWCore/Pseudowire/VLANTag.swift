/// The outer tag of a frame (IEEE 802.1Q): what a bridge or a card looks at first; tags behind it are payload.
public struct VLANTag: Hashable, Codable, Sendable {
  /// The VLAN identifiers that a frame can belong to: 0 means none, and 4095 is reserved (IEEE 802.1Q table 9-2).
  public static let identifiers: ClosedRange<UInt16> = 1...4094

  /// The VLAN identifier, one of ``identifiers``.
  public var identifier: UInt16
  /// Whose tag it is.
  public var kind: Kind

  /// A tag.
  public init(_ identifier: UInt16, _ kind: Kind = .customer) {
    precondition(VLANTag.identifiers.contains(identifier), "no VLAN identifier: \(identifier)")
    self.identifier = identifier
    self.kind = kind
  }

  /// Tags are told apart by the EtherType in front of them.
  public enum Kind: UInt16, CaseIterable, Codable, Sendable {
    /// The C-tag of IEEE 802.1Q.
    case customer = 0x8100
    /// The S-tag of a provider's bridges (IEEE 802.1ad): QinQ.
    case service = 0x88A8

    /// The standard's name, as the site file has it.
    public var name: String {
      switch self {
      case .customer: "802.1q"
      case .service: "802.1ad"
      }
    }
  }

  /// The octets that a tag adds to a frame.
  public static let octets = 4
}

/// What becomes of a tag's priority bits (PCP, IEEE 802.1Q section 6.9.3) where the tag is rewritten.
public struct TagPriorities: Hashable, Codable, Sendable {
  /// The priorities that there are.
  public static let range: ClosedRange<UInt8> = 0...7
  /// Every priority stays as it is.
  public static let kept = TagPriorities([:])

  /// What each of the eight becomes, by the one that arrives.
  public private(set) var values: [UInt8]

  /// Priorities that change, by the one that arrives; all others stay.
  public init(_ changes: [UInt8: UInt8]) {
    values = TagPriorities.range.map { changes[$0] ?? $0 }
    precondition(values.allSatisfy(TagPriorities.range.contains), "a priority has three bits")
  }

  /// Those that change, in their order.
  public var changes: [(from: UInt8, to: UInt8)] {
    zip(TagPriorities.range, values).filter { $0 != $1 }.map { (from: $0, to: $1) }
  }
}
