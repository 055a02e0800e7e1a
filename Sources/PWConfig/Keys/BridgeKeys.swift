import PWCore

/// The keys of one bridge.
final class BridgeKeys: KeySet {
  static let title = "bridge"
  static let declared = BridgeKeys()
  static let schema = SchemaSection(of: declared)

  let members = ListKey<String>(
    "members", .interfaceName, plural: "interface names", example: "eth1", change: .inPlace,
    "Links that are ports of the bridge: the LAN. They may appear later.")
  let stp = Key<Bool?>(
    "stp", .boolean, absent: "off, or as it was", change: .inPlace,
    "The spanning tree protocol. If left out, a bridge that pwmgr makes does not use it, and an adopted one keeps its "
      + "setting.")
  let mtu = Key<Int?>(
    "mtu", .number(MTUOption.range), absent: "follows its ports", change: .inPlace,
    "The MTU of a bridge that pwmgr makes, in octets.")
  let mac = Key<MACAddress?>(
    "mac", .macAddress, absent: "derived", change: .inPlace,
    "The MAC address of a bridge that pwmgr makes. If left out, it is a locally administered one (`02:…`), derived "
      + "from the site's name and Router ID and the bridge's name, so it is the same after every start.")
  let addresses = ListKey<InterfaceAddress>(
    "addresses", .interfaceAddress, plural: "addresses with prefix lengths", example: "192.0.2.1/24", change: .inPlace,
    "The addresses of a bridge that pwmgr makes (`[192.0.2.1/24, 2001:db8::1/64]`), set again whenever they are "
      + "missing.")
  let vlanFiltering = Key<Bool?>(
    "vlan-filtering", .boolean, absent: "off", change: .inPlace,
    "Whether a bridge that pwmgr makes filters by VLAN (IEEE 802.1Q). Then each port passes its own VLANs: VLAN 1, "
      + "untagged, unless `vlans` and `untagged-vlan` of the pseudowire, or `bridge vlan`, say otherwise.")
}
