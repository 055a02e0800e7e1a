/// The outer tag of a frame (IEEE 802.1Q): what a bridge or a card looks at first; tags behind it are payload.
public struct VLANTag: Hashable, Codable, Sendable {
  /// The VLAN identifiers that a frame can belong to: 0 means none, and 4095 is reserved (IEEE 802.1Q table 9-2).
  public static let identifiers: ClosedRange<UInt16> = 1...4094

  /// The VLAN identifier, one of ``identifiers``.
  public var identifier: UInt16
  /// Whose tag it is.
  public var kind: Kind

  /// A tag with an identifier, which must be one of ``identifiers``.
  public init(_ identifier: UInt16, _ kind: Kind = .customer) {
    precondition(VLANTag.identifiers.contains(identifier), "no VLAN identifier: \(identifier)")
    self.identifier = identifier
    self.kind = kind
  }

  /// The identifier that a text names; nil for anything else.
  public static func identifier(_ text: some StringProtocol) -> UInt16? {
    guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let identifier = UInt16(text) else { return nil }
    return identifiers.contains(identifier) ? identifier : nil
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

/// The changes to a tag's priority bits (PCP, IEEE 802.1Q section 6.9.3) where the tag is rewritten.
public struct TagPriorities: Hashable, Codable, Sendable {
  /// The priorities that there are.
  public static let range: ClosedRange<UInt8> = 0...7
  /// Every priority stays as it is.
  public static let kept = TagPriorities([:])

  /// The priority that each of the eight becomes, by the one that arrives.
  public private(set) var values: [UInt8]

  /// Priorities that change, by the one that arrives; all others stay.
  public init(_ changes: [UInt8: UInt8]) {
    values = TagPriorities.range.map { changes[$0] ?? $0 }
    precondition(values.allSatisfy(TagPriorities.range.contains), "a priority has three bits")
  }

  /// Every priority becomes another one: none of the eight is left out where all that might change are meant.
  public static let allChanged = TagPriorities(
    Dictionary(uniqueKeysWithValues: range.map { ($0, ($0 + 1) % 8) }))

  /// Those that change, in their order.
  public var changes: [(from: UInt8, to: UInt8)] {
    zip(TagPriorities.range, values).filter { $0 != $1 }.map { (from: $0, to: $1) }
  }

  /// The priorities that change here and stay in others, in their order.
  public func changes(missingIn others: TagPriorities) -> [UInt8] {
    let theirs = others.changes.map(\.from)
    return changes.map(\.from).filter { !theirs.contains($0) }
  }
}

/// Several VLANs of one kind of tag: a trunk.
public struct VLANSet: Hashable, Codable, Sendable {
  /// Whose tags they are.
  public var kind: VLANTag.Kind
  /// The identifiers, in their order; no two ranges overlap or adjoin.
  public private(set) var ranges: [ClosedRange<UInt16>]

  /// VLANs by their identifiers, each within ``VLANTag/identifiers``.
  public init(_ ranges: [ClosedRange<UInt16>], _ kind: VLANTag.Kind = .customer) {
    self.kind = kind
    self.ranges = []
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      precondition(
        VLANTag.identifiers.contains(range.lowerBound) && VLANTag.identifiers.contains(range.upperBound),
        "no VLAN identifiers: \(range)")
      if let last = self.ranges.last, range.lowerBound <= last.upperBound + 1 {
        self.ranges[self.ranges.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
      } else {
        self.ranges.append(range)
      }
    }
  }

  /// VLANs as the site file has them: `1-50,100`; nil for anything else. A VLAN that stands there twice counts once.
  public init?(text: String, _ kind: VLANTag.Kind = .customer) {
    let parts = VLANSet.parts(text)
    let ranges = parts.compactMap(VLANSet.range)
    guard ranges.count == parts.count else { return nil }
    self.init(ranges, kind)
  }

  /// The parts of a list of numbers and ranges, as written, without the spaces around them.
  public static func parts(_ text: String) -> [Substring] {
    text.split(separator: ",", omittingEmptySubsequences: false).map { part in
      var part = part.drop { $0 == " " }
      while part.last == " " { part.removeLast() }
      return part
    }
  }

  /// `1-50` or `100`; nil for anything else, and for a range that runs backwards.
  public static func range(_ part: Substring) -> ClosedRange<UInt16>? {
    let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { VLANTag.identifier($0) }
    guard let first = ends[0], let last = ends[ends.count - 1], ends.count <= 2, first <= last else { return nil }
    return first...last
  }

  /// Every one of them, in the order of their identifiers.
  public var tags: [VLANTag] { ranges.flatMap { $0.map { VLANTag($0, kind) } } }

  /// As the site file has them: `1-50,100`.
  public var text: String {
    ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }.joined(separator: ",")
  }
}
