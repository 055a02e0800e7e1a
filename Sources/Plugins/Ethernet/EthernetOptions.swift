import PWCore

/// The keys of an Ethernet pseudowire, read from a site that has passed `check`.
struct EthernetOptions {
  var attachment: AttachmentCircuit
  var mtu: MTUOption
  var splitHorizonGroup: String?
  var passesFault: Bool
  var addresses: [InterfaceAddress]
  var vlans: PortVLANs?

  static let keys = [
    KeyDescription(
      "bridge", "name of a bridge of the site", absent: "none",
      "The bridge that the interface joins. Not together with `member`; with neither, the interface stands alone."),
    KeyDescription(
      "member", "interface name", absent: "none",
      "The one link that the interface is joined to, end to end and without learning: LLDP, LACP and EAPOL pass. VLANs "
        + "that pseudowires of type `vlan` carry from it (`port`) stay with those."),
    KeyDescription(
      "mtu", "`carry`, `fit` or a number, 68 to 65535", absent: "`carry`",
      "The largest packet that the pseudowire takes, in octets, without the Ethernet header. `carry`: that of the LAN; "
        + "outer packets that are too large for the path are fragmented. `fit`: what passes the path unfragmented in an "
        + "untagged frame; hosts that send 802.1Q tags must stay 4 octets below it."),
    KeyDescription(
      "split-horizon", "name", absent: "none",
      "With `bridge`: pseudowires that name the same group do not forward to each other, as a full mesh needs it. "
        + "One group per bridge."),
    KeyDescription(
      "vlans", "numbers and ranges, 1 to 4094, or `none`", absent: "none",
      "With a `bridge` that filters by VLAN: the VLANs whose frames pass the interface with their tags (`10,20-30`)."),
    KeyDescription(
      "untagged-vlan", "number, 1 to 4094, or `none`", absent: "the bridge's default",
      "With a `bridge` that filters by VLAN: the one whose frames pass the interface without a tag; `none` lets only tagged "
        + "frames pass. The bridge's default is VLAN 1, unless somebody has changed it."),
    KeyDescription(
      "pass-fault", "`true` or `false`", absent: "`false`",
      "With `member`: take the member down while the pseudowire does not forward, so that its neighbour notices."),
    KeyDescription(
      "addresses", "list of addresses with prefix lengths", absent: "none",
      "With neither `bridge` nor `member`: the interface's addresses (`[10.8.0.1/30, 2001:db8::1/64]`), put back whenever "
        + "it is made anew."),
  ]

  init(_ options: OptionValue) {
    if let bridge = Self.text(options, "bridge") {
      attachment = .bridge(bridge)
    } else if let member = Self.text(options, "member") {
      attachment = .member(member)
    } else {
      attachment = .none
    }
    mtu = Self.text(options, "mtu").flatMap(MTUOption.init) ?? .carry
    splitHorizonGroup = Self.text(options, "split-horizon")
    passesFault = Self.text(options, "pass-fault").flatMap(Switch.value) ?? false
    addresses = InterfaceAddress.list(options["addresses"])
    let (tagged, untagged) = (Self.text(options, "vlans"), Self.text(options, "untagged-vlan"))
    if tagged != nil || untagged != nil {
      vlans = PortVLANs(
        tagged: tagged.flatMap(PortVLANs.tagged) ?? VLANSet([]),
        untagged: untagged.flatMap(PortVLANs.untagged) ?? .asGiven)
    }
  }

  private static func text(_ options: OptionValue, _ key: String) -> String? {
    guard case .scalar(let text)? = options[key] else { return nil }
    return text
  }
}
