import PWCore

/// One pseudowire: what every type has, besides the keys of its plugin.
final class PseudowireKeys: KeySet {
  static let title = "pseudowire"
  static let declared = PseudowireKeys()
  static let schema = SchemaSection(of: declared)
  static let isShared = true

  let type = Key<Scalar?>(
    "type", .asWritten("`ethernet`, `ppp`, `vlan` or a plugin's name"), change: .session,
    "The kind of traffic that the pseudowire carries; the same at both ends.")
  let endID = Key<RemoteEndID?>(
    "end-id", .endID, unless: SessionIDKeys.title, change: .session,
    "The Remote End ID (RFC 3931 section 5.4.4): the same at both ends, and unique for its type in a tunnel. A plain "
      + "number (`100`) is sent as 4 octets, which every implementation understands; anything else, and a number in "
      + "quotation marks (`\"100\"`), is sent as text. A peer that spells a number as text, or the other way round, is "
      + "understood, unless the tunnel declares both.")
  let sessionIDs = SectionKey<SessionIDKeys>(
    absent: "none",
    "The Session IDs, in a tunnel with `signalling: none` or `keepalive`; there they take the place of the `end-id`.")
  let cookies = SectionKey<CookieKeys>(
    absent: "no cookies",
    "The cookies, in a tunnel with `signalling: none` or `keepalive`; the two may differ in length.")
  let descriptionText = Key<String?>(
    "description", .line, absent: "none", change: .inPlace,
    "A line for people, which `pwmgr status` shows: a circuit number, or the number of the desk that looks after it.")
  let enabled = Key<Bool>(
    "enabled", .boolean, default: true, change: .session,
    "Whether the pseudowire is to be there. If `false`, it has no session, and the peer's calls for it are refused "
      + "(CDN 3).")
  let localEndID = Key<RemoteEndID?>(
    "local-end-id", .endID, absent: "the `end-id`", change: .session,
    "The Local End ID (RFC 4667 section 4.3), where the ends have different names: ours, which is the `end-id` at the "
      + "other end. A call for it from another end is refused (CDN 25).")
  let attachmentGroup = Key<RemoteEndID?>(
    "attachment-group", .endID, absent: "the default group", change: .session,
    "The Attachment Group Identifier (RFC 4667 section 4.3), the VPN that both ends belong to: an `end-id` has a "
      + "meaning only within its group. The same at both ends.")
  let interfaceMTU = Key<PseudowireDeclaration.InterfaceMTU>(
    "interface-mtu", .interfaceMTU, default: .automatic, change: .session,
    "The MTU of our LAN as it is announced to the peer (RFC 4667 section 4.3), in octets. `auto`: that of the "
      + "narrowest link behind the pseudowire; `none`: nothing.")
  let mtuMismatch = Key<Bool>(
    "mtu-mismatch", .choice([("report", false), ("refuse", true)]), default: false, change: .session,
    "How to react when the MTU of the peer's LAN differs from ours: `report` it in the log and in `pwmgr status`, or "
      + "`refuse` the session (CDN 23).")
  let cookie = Key<CookieLength>(
    "cookie", .cookieLength, default: .automatic, change: .session,
    "Octets of the random cookie that the peer puts into every packet: 8 keep out strangers who cannot see the packets "
      + "(RFC 3931 section 8.2). `auto`: 8, or none if a peer that assigns no cookie itself has sent ten packets "
      + "without ours.")
  let sublayer = Key<PseudowireDeclaration.Sublayer?>(
    "sublayer", .choice([("auto", nil), ("none", PseudowireDeclaration.Sublayer.none), ("default", .standard)]),
    default: nil, change: .session,
    "The L2-Specific Sublayer (RFC 3931 section 4.6): 4 extra octets, needed for sequencing. `auto`: the one that the "
      + "peer asks for; `none` if both ends have `auto`, and `default` with `sequencing`.")
  let sequencing = Key<Bool>(
    "sequencing", .sequencing, default: false, change: .session,
    "Whether data packets carry sequence numbers, in the L2-Specific Sublayer; at both ends.")
  let lossLimit = Key<UInt8?>(
    "loss-limit", .percentage(1...100), absent: "none", change: .inPlace,
    "With `sequencing`: if more of the peer's data packets than this are lost, the session ends with CDN 4, and stays "
      + "down for a minute (RFC 4719 section 5). The loss must be seen in three samples in a row, each of at least ten "
      + "seconds and a thousand packets. Loss of 1% and more is reported in any case. In the kernel's data plane, "
      + "packets that overtake others count, too.")
  let mss = Key<SegmentLimit?>(
    "mss", .segmentLimit, default: nil, change: .session,
    "The limit to which the MSS of TCP connections through the pseudowire is lowered, in both directions, in "
      + "octets. `auto`: the MTU of the interface less 40 octets, over IPv6 less 60. Not with PPP, and with the "
      + "userspace data plane alone: see [TCP and MSS](#tcp-and-mss).")
  let interface = Key<Scalar?>(
    "interface", .asWritten("interface name"), absent: "TUNNEL-PSEUDOWIRE", change: .session,
    "The pseudowire's interface. A name that is too long for an interface is shortened, and made unique by eight "
      + "digits.")
}
