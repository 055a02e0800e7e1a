import PWCore

/// The keys of a VLAN pseudowire, read from a site that has passed `check`.
struct VLANOptions {
  var port: String
  var vlans: VLANs
  var priorities: TagPriorities
  var mtu: MTUOption

  /// What is carried.
  enum VLANs: Equatable {
    /// One VLAN, under the number that it has here.
    case one(VLANTag)
    /// A trunk: VLANs that have the same numbers at both ends.
    case several(VLANSet)
  }

  static let port = KeyDescription(
    "port", "interface name", absent: nil,
    "The link whose VLAN is carried. Its other VLANs and its untagged frames stay where they are, so that several "
      + "pseudowires, and the machine itself, can share it; or they go into a pseudowire of type `ethernet` that has "
      + "it as its `member`.")

  static let vlan = KeyDescription(
    "vlan", "number, 1 to 4094", absent: "`vlans` says which",
    "One VLAN: its identifier here; it may be another at the other end. Frames cross the network with their sender's "
      + "tag, and whatever tag arrives is rewritten to this one; untagged frames that arrive are dropped.")

  static let keys = [
    port,
    vlan,
    KeyDescription(
      "vlans", "numbers and ranges, 1 to 4094", absent: "`vlan` says which",
      "In place of `vlan`, a trunk: all these VLANs (`1-50,100`), the same at both ends, their tags as they are. Frames of others, "
        + "and untagged ones, do not pass."),
    KeyDescription(
      "tag", "`802.1q` or `802.1ad`", absent: "`802.1q`",
      "The kind of tag on the port: `802.1ad` is the outer tag of QinQ. Tags behind the outer one pass as they are."),
    KeyDescription(
      "priority", "`keep`, a number from 0 to 7, or a mapping", absent: "`keep`",
      "What becomes of the priority bits of frames that arrive from the peer: they stay, all become the one number, or each "
        + "becomes what the mapping says (`{5: 3}`), the others staying."),
    KeyDescription(
      "mtu", "`carry`, `fit` or a number, 68 to 65535", absent: "`carry`",
      "The largest packet that the pseudowire takes, in octets, without Ethernet header and tag. `carry`: that of the port; "
        + "outer packets that are too large for the path are fragmented. `fit`: what passes the path unfragmented in a frame "
        + "with one tag; hosts behind an inner tag must stay 4 octets below it."),
  ]

  /// The options of a pseudowire; nil if they have not passed `check`.
  init?(_ options: OptionValue) {
    guard case .scalar(let port)? = options["port"] else { return nil }
    self.port = port
    var kind = VLANTag.Kind.customer
    if case .scalar(let text)? = options["tag"] { kind = Self.kind(text) ?? kind }
    if case .scalar(let text)? = options["vlan"], let identifier = VLANTag.identifier(text) {
      vlans = .one(VLANTag(identifier, kind))
    } else if case .scalar(let text)? = options["vlans"], let set = VLANSet(text: text, kind) {
      vlans = .several(set)
    } else {
      return nil
    }
    priorities = options["priority"].flatMap(Self.priorities) ?? .kept
    mtu = .carry
    if case .scalar(let text)? = options["mtu"] { mtu = MTUOption(text) ?? .carry }
  }

  static func kind(_ text: String) -> VLANTag.Kind? {
    VLANTag.Kind.allCases.first { $0.name == text.lowercased() }
  }

  static func priority(_ text: String) -> UInt8? {
    guard let number = number(text), let priority = UInt8(exactly: number) else { return nil }
    return TagPriorities.range.contains(priority) ? priority : nil
  }

  private static func priorities(_ value: OptionValue) -> TagPriorities? {
    switch value {
    case .scalar(let text):
      guard let one = priority(text) else { return nil }
      return TagPriorities(Dictionary(uniqueKeysWithValues: TagPriorities.range.map { ($0, one) }))
    case .mapping(let pairs):
      var changes: [UInt8: UInt8] = [:]
      for pair in pairs {
        guard let from = priority(pair.key), case .scalar(let text) = pair.value, let to = priority(text) else {
          return nil
        }
        changes[from] = to
      }
      return TagPriorities(changes)
    case .sequence: return nil
    }
  }

  private static func number(_ text: String) -> Int? {
    text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(text) : nil
  }
}
