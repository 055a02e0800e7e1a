import PWCore

/// The keys of a VLAN pseudowire, in the order of the reference page.
struct VLANKeys: Sendable {
  static let declared = VLANKeys()

  let port = Key<String?>(
    "port", .interfaceName, change: .session,
    "The link whose VLAN is carried. Its other VLANs and its untagged frames stay where they are, so that several "
      + "pseudowires, and the machine itself, can share it; or they go into a pseudowire of type `ethernet` that has "
      + "it as its `member`.")
  let vlan = Key<UInt16?>(
    "vlan", .identifier, absent: "`vlans` says which", change: .session,
    "One VLAN: its identifier here; the other end may use another. Frames cross the network with their sender's tag, "
      + "and any tag that arrives is rewritten to this one; untagged frames that arrive are dropped.")
  let vlans = NodeKey(
    "vlans", "numbers and ranges, \(Self.identifiers)", absent: "`vlan` says which", change: .inPlace,
    "In place of `vlan`, a trunk: all these VLANs (`1-50,100`), the same at both ends, with their tags unchanged. "
      + "Frames of other VLANs, and untagged frames, do not pass.")
  let tag = Key<VLANTag.Kind>(
    "tag", .tagKind, default: .customer, change: .session,
    "The kind of tag on the port: `802.1ad` is the outer tag of QinQ. Tags behind the outer one pass unchanged.")
  let priority = NodeKey(
    "priority", "`keep`, a number from \(Self.priorities), or a mapping", absent: "`keep`", change: .inPlace,
    "How to treat the priority bits of frames that arrive from the peer: `keep` leaves them, a number replaces them "
      + "all, and a mapping (`{5: 3}`) replaces those that it names.")
  let mtu = Key<MTUOption>(
    "mtu", .mtu, default: .carry, change: .inPlace,
    "The largest packet that the pseudowire takes, in octets, without Ethernet header and tag. `carry`: that of the "
      + "port; outer packets that are too large for the path are fragmented. `fit`: the largest size that passes the "
      + "path unfragmented in a frame with one tag; hosts behind an inner tag must stay 4 octets below it.")

  /// `1 to 4094`.
  static let identifiers = "\(VLANTag.identifiers.lowerBound) to \(VLANTag.identifiers.upperBound)"
  /// `0 to 7`.
  static let priorities = "\(TagPriorities.range.lowerBound) to \(TagPriorities.range.upperBound)"
}

extension KeyType where Value == UInt16 {
  /// A VLAN that a frame can be in.
  fileprivate static var identifier: KeyType {
    KeyType("number, \(VLANKeys.identifiers)") { (scalar) throws(ValueFault) in
      guard let identifier = VLANTag.identifier(scalar.text) else {
        throw ValueFault(
          "'\(scalar.text)' is not a VLAN; write a number from \(VLANKeys.identifiers) (0 and 4095 are reserved)")
      }
      return identifier
    }
  }
}

extension KeyType where Value == VLANTag.Kind {
  /// A kind of tag, in any case of its letters.
  fileprivate static var tagKind: KeyType {
    let names = VLANTag.Kind.allCases.map(\.name)
    return KeyType(names.map { "`\($0)`" }.joined(separator: " or "), written: { "`\($0.name)`" }) {
      (scalar) throws(ValueFault) in
      if let kind = VLANTag.Kind.allCases.first(where: { $0.name == scalar.text.lowercased() }) { return kind }
      let otherwise = "; write \(names.map { "'\($0)'" }.joined(separator: " or "))"
      throw ValueFault(
        "'\(scalar.text)' is not a kind of tag\(Spelling.hint(for: scalar.text, among: names, otherwise: otherwise))")
    }
  }
}
