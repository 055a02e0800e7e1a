import PWCore

/// The keys of an Ethernet pseudowire, in the order of the reference page.
struct EthernetKeys: Sendable {
  static let declared = EthernetKeys()

  let bridge = Key<String?>(
    "bridge", .text("name of a bridge of the site"), absent: "none", change: .session,
    "The bridge that the interface joins. Not together with `member`; with neither, the interface joins nothing.")
  let member = Key<String?>(
    "member", .interfaceName, absent: "none", change: .session,
    "The one link that the interface is joined to, end to end and without learning: LLDP, LACP and EAPOL pass. VLANs "
      + "that pseudowires of type `vlan` carry from it (`port`) stay with those.")
  let mtu = Key<MTUOption>(
    "mtu", .mtu, default: .carry, change: .inPlace,
    "The largest packet that the pseudowire takes, in octets, without the Ethernet header. `carry`: that of the LAN; "
      + "outer packets that are too large for the path are fragmented. `fit`: the largest size that passes the path "
      + "unfragmented in an untagged frame; hosts that send 802.1Q tags must stay 4 octets below it.")
  let splitHorizon = Key<String?>(
    "split-horizon", .groupName, absent: "none", change: .inPlace,
    "With `bridge`: pseudowires that name the same group do not forward to each other, as a full mesh requires. One "
      + "group per bridge.")
  let vlans = Key<VLANSet?>(
    "vlans", .portVLANs, absent: "none", change: .session,
    "With a `bridge` that filters by VLAN: the VLANs whose frames pass the interface with their tags (`10,20-30`).")
  let untaggedVLAN = Key<PortVLANs.Untagged?>(
    "untagged-vlan", .untaggedVLAN, absent: "the bridge's default", change: .session,
    "With a `bridge` that filters by VLAN: the VLAN whose frames pass the interface without a tag; `none` lets only "
      + "tagged frames pass. The bridge's default is VLAN 1, unless somebody has changed it.")
  let passFault = Key<Bool>(
    "pass-fault", .boolean, default: false, change: .inPlace,
    "With `member`: take the member down while the pseudowire does not forward, so that its neighbour notices.")
  let addresses = NodeKey(
    "addresses", "list of addresses with prefix lengths", absent: "none", change: .session,
    "With neither `bridge` nor `member`: the interface's addresses (`[10.8.0.1/30, 2001:db8::1/64]`), set again "
      + "whenever it is recreated.")
}

extension KeyType where Value == String {
  /// The name of a split-horizon group.
  fileprivate static var groupName: KeyType {
    KeyType("name") { (scalar) throws(ValueFault) in
      let name = scalar.text
      let isName =
        (1...63).contains(name.utf8.count)
        && name.utf8.allSatisfy { octet in
          (0x30...0x39).contains(octet) || (0x41...0x5A).contains(octet) || (0x61...0x7A).contains(octet)
            || "-_.".utf8.contains(octet)
        }
      guard isName else { throw ValueFault("'\(name)' is not a name; use letters, digits, '-', '_' and '.'") }
      return name
    }
  }
}

/// 1 to 4094: the VLANs that a port of a bridge may have.
private let identifiers = "\(VLANTag.identifiers.lowerBound) to \(VLANTag.identifiers.upperBound)"

extension KeyType where Value == VLANSet {
  /// The VLANs whose frames pass a port of a bridge with their tags.
  fileprivate static var portVLANs: KeyType {
    KeyType("numbers and ranges, \(identifiers), or `none`") { (scalar) throws(ValueFault) in
      guard let vlans = PortVLANs.tagged(scalar.text) else {
        throw ValueFault(
          "'\(scalar.text)' is not a list of VLANs; write 'none', or numbers from \(identifiers), as in '10,20-30'")
      }
      return vlans
    }
  }
}

extension KeyType where Value == PortVLANs.Untagged {
  /// The VLAN whose frames pass a port of a bridge without a tag.
  fileprivate static var untaggedVLAN: KeyType {
    KeyType("number, \(identifiers), or `none`") { (scalar) throws(ValueFault) in
      guard let untagged = PortVLANs.untagged(scalar.text) else {
        throw ValueFault("'\(scalar.text)' is not a VLAN; write 'none', or a number from \(identifiers)")
      }
      return untagged
    }
  }
}
