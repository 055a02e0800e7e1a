/// The VLANs that pass at a port of a bridge that filters by VLAN (IEEE 802.1Q), as a site declares them.
public struct PortVLANs: Hashable, Codable, Sendable {
  /// Those whose frames pass with their tags.
  public var tagged: VLANSet
  /// The one whose frames pass without.
  public var untagged: Untagged

  /// VLANs of a port.
  public init(tagged: VLANSet = VLANSet([]), untagged: Untagged = .asGiven) {
    self.tagged = tagged
    self.untagged = untagged
  }

  /// Which VLAN untagged frames belong to.
  public enum Untagged: Hashable, Codable, Sendable {
    /// The one that the bridge gives its ports (its `vlan_default_pvid`, usually 1).
    case asGiven
    /// None: untagged frames do not pass.
    case none
    /// This one, of ``VLANTag/identifiers``.
    case vlan(UInt16)
  }

  /// Reads what stands behind `untagged-vlan`: a number, or `none`; nil for anything else.
  public static func untagged(_ text: String) -> Untagged? {
    text == "none" ? Untagged.none : VLANTag.identifier(text).map { .vlan($0) }
  }

  /// Reads what stands behind `vlans`: numbers and ranges, or `none`; nil for anything else.
  public static func tagged(_ text: String) -> VLANSet? { text == "none" ? VLANSet([]) : VLANSet(text: text) }

  /// The value of `vlans`, as the site file writes it.
  public var taggedText: String { tagged.ranges.isEmpty ? "none" : tagged.text }

  /// The value of `untagged-vlan`, as the site file writes it; nil where the key is not there.
  public var untaggedText: String? {
    switch untagged {
    case .asGiven: nil
    case .none: "none"
    case .vlan(let identifier): String(identifier)
    }
  }
}
