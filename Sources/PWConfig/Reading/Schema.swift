public import PWCore

/// A mapping of the site file and the keys that it may have: the reader, its hints and the reference page are made of these.
public struct SchemaSection: Sendable {
  /// What the mapping describes, as in "unknown key in a tunnel".
  public let title: String
  /// Its keys, in the order of the reference page.
  public let keys: [KeyDescription]

  /// All of them, in the order of the reference page; plugins add theirs to the pseudowire's.
  public static let all: [SchemaSection] = [
    site, tunnel, AuthenticationKeys.schema, RetransmitKeys.schema, ReconnectKeys.schema, pseudowire, BridgeKeys.schema,
    PluginKeys.schema,
  ]

  /// The top of the file.
  public static let site = SchemaSection(
    title: "site",
    keys: [
      KeyDescription(
        "site", "name", absent: nil,
        "The site's name: the mark on every link that pwmgr makes, and the Host Name that peers hear."),
      KeyDescription(
        "router-id", "dotted or decimal number", absent: nil,
        "The Router ID that peers hear (RFC 3931 section 5.4.3): different at every site, not 0."),
      KeyDescription(
        "host-name", "text", absent: "the site's name", "The Host Name that peers hear (RFC 3931 section 5.4.3)."),
      KeyDescription(
        "data-plane", "`auto`, `kernel`, `userspace` or `null`", absent: "`auto`",
        "What carries the frames: the kernel's L2TP drivers, a TAP device and sockets of our own, or nothing at all "
          + "(for tests). `auto` takes the kernel where its modules load and can carry the site ([VRFs](#vrfs)), else "
          + "userspace."),
      KeyDescription(
        "listen-port", "port", absent: "1701",
        "The UDP port that peers call, for all tunnels that do not say otherwise. Their sites write it as `peer-port`."),
      KeyDescription(
        "control-group", "name of a group", absent: "root alone",
        "Members of this group, besides root, may use the control socket (`pwmgr status`)."),
      KeyDescription("tunnels", "mapping: name to tunnel", absent: "none", "The peers: one control connection each."),
      KeyDescription(
        "bridges", "mapping: interface name to bridge", absent: "none",
        "Bridges that pseudowires and links join. One that is there already is adopted and left as it was at the end."),
      KeyDescription(
        "plugins", "mapping: name to plugin", absent: "none",
        "Plugins in other processes that are not in the plugin directory. See [plugins](#plugins)."),
    ])

  /// One peer.
  public static let tunnel = SchemaSection(
    title: "tunnel",
    keys: [
      KeyDescription(
        "peer", "address, host name, list of these, prefix or `any`", absent: nil,
        "The peer. A name is resolved again at every attempt. Several addresses of one peer are tried "
          + "in order: see [a peer with several addresses](#a-peer-with-several-addresses). A prefix (`192.0.2.0/24`) "
          + "waits for a peer from there, `any` for an authenticated peer from anywhere; both need `role: accept`, and "
          + "`any` needs a secret."
      ),
      KeyDescription(
        "local", "address", absent: "the route to the peer decides", "Our address, of the same family as the peer's."),
      KeyDescription(
        "bind-device", "interface name", absent: "any",
        "The interface, or the [VRF](#vrfs), that the tunnel's sockets are bound to. When it is removed and made again, "
          + "they are bound to the new one; meanwhile, and while it is down or has no carrier, nothing is said to forward."
      ),
      KeyDescription(
        "family", "`ipv4` or `ipv6`", absent: "either",
        "Which addresses of host names are used; left out, those of `local`'s family, or all."),
      KeyDescription(
        "role", "`initiate`, `accept` or `both`", absent: "`both`",
        "Who opens the control connection: we, the peer, or whoever comes first."),
      KeyDescription(
        "encapsulation", "`udp` or `ip`", absent: "`udp`",
        "What L2TPv3 travels in. `ip` (protocol 115) is 12 octets smaller and passes no NAT."),
      KeyDescription(
        "dscp", "number, 0 to 63, name, or `inherit`", absent: "as the kernel has it",
        "The code point (DSCP) that control and data packets are marked with: `46`, or by its name, `ef`. The peer is asked to "
          + "mark its own so (RFC 3308); one that declares another is refused (StopCCN 8). `inherit`: data packets are "
          + "marked as the IP packets inside are; the peer is asked for nothing."),
      KeyDescription(
        "ttl", "number, 1 to 255", absent: "as the kernel has it",
        "The Time to Live (over IPv6 the Hop Limit) of control and data packets: how many routers may pass them on."),
      KeyDescription(
        "local-port", "port", absent: "chosen by the kernel",
        "The UDP port that we call from. Some routers insist on 1701."),
      KeyDescription("peer-port", "port", absent: "1701", "The UDP port that we call."),
      KeyDescription(
        "listen-port", "port", absent: "the site's",
        "The UDP port that the peer calls; its site writes it as `peer-port`."),
      KeyDescription(
        "answer-port", "port", absent: "the port that was called",
        "The UDP port that we answer from (RFC 3931 section 4.1.2.2). Firewalls between may not like another one than 1701; "
          + "a hub with thousands of tunnels is faster with them spread over several."),
      KeyDescription(
        "peer-host-name", "text", absent: "any", "The Host Name that the peer must present to be this tunnel's."),
      KeyDescription(
        "peer-router-id", "dotted or decimal number", absent: "any",
        "The Router ID that the peer must present to be this tunnel's."),
      KeyDescription(
        "hello", "duration, 100ms to 1h, or 0s", absent: "`60s`",
        "Silence after which the peer is asked whether it is there (RFC 3931 section 4.4); `0s` never asks."),
      KeyDescription(
        "mtu-probe", "`true` or `false`", absent: "`true`",
        "Whether what the path passes is found out by HELLOs that are repeated at various lengths, once the connection "
          + "stands, when the routes change, and every ten minutes, whatever `hello` says; no ICMP message is needed for it."
      ),
      KeyDescription(
        "retransmit", "mapping", absent: "as below", "How long an unanswered control message is repeated."),
      KeyDescription(
        "receive-window", "number, 1 to 1024", absent: "`16`",
        "Control messages that the peer may send before it must wait for us (RFC 3931 section 5.4.3)."),
      KeyDescription(
        "setup-timeout", "duration, 1s to 1h", absent: "`2m`",
        "How long a connection or session may take to come up before it is given up and tried again."),
      KeyDescription(
        "reconnect", "mapping", absent: "as below", "How soon a lost or refused connection is tried again."),
      KeyDescription(
        "authentication", "mapping", absent: "none",
        "How control messages, or the set-up alone, are authenticated (RFC 3931 section 4.3)."),
      KeyDescription(
        "compatibility", "`rfc`, `cisco` or `auto`", absent: "`rfc`",
        "Which AVPs are spoken: RFC 3931's alone; beside them those that Cisco's routers had before it; or as the peer's "
          + "first message does. See [old routers](#old-routers)."),
      KeyDescription(
        "pseudowires", "mapping: name to pseudowire", absent: "none", "What runs over the tunnel."),
    ])

  /// One pseudowire: what every type has.
  public static let pseudowire = SchemaSection(
    title: "pseudowire",
    keys: [
      KeyDescription(
        "type", "`ethernet`, `ppp`, `vlan` or a plugin's name", absent: nil,
        "What the pseudowire carries; the same at both ends."),
      KeyDescription(
        "end-id", "number or text", absent: nil,
        "The Remote End ID (RFC 3931 section 5.4.4): the same at both ends, and once per type in a tunnel. A plain number "
          + "(`100`) is sent as 4 octets, which every implementation understands; anything else, and a number in quotation "
          + "marks (`\"100\"`), is sent as text. A peer that spells a number as text, or the other way round, is understood, "
          + "unless the tunnel declares both."),
      KeyDescription(
        "local-end-id", "number or text", absent: "the `end-id`",
        "The Local End ID (RFC 4667 section 4.3), where the ends have different names: ours, which is the `end-id` at the "
          + "other end. A call for it from another end is refused (CDN 25)."),
      KeyDescription(
        "attachment-group", "number or text", absent: "the default group",
        "The Attachment Group Identifier (RFC 4667 section 4.3), the VPN that both ends belong to: an `end-id` means "
          + "something within its group. The same at both ends."),
      KeyDescription(
        "interface-mtu", "`auto`, `none` or a number, 68 to 65535", absent: "`auto`",
        "What the peer is told of the MTU of our LAN (RFC 4667 section 4.3), in octets. `auto`: that of the narrowest link "
          + "behind the pseudowire; `none`: nothing."),
      KeyDescription(
        "mtu-mismatch", "`report` or `refuse`", absent: "`report`",
        "What to do when the peer's LAN has another MTU than ours: `report` it in the log and in `pwmgr status`, or "
          + "`refuse` the session (CDN 23)."),
      KeyDescription(
        "cookie", "`auto`, `0`, `4` or `8`", absent: "`auto`",
        "Octets of the random cookie that the peer puts into every packet: 8 keep strangers out who cannot see the "
          + "packets (RFC 3931 section 8.2). `auto`: 8, and none after ten packets of a peer that assigns no cookie itself "
          + "and has put ours into none."),
      KeyDescription(
        "sublayer", "`auto`, `none` or `default`", absent: "`auto`",
        "The L2-Specific Sublayer (RFC 3931 section 4.6): 4 octets more, needed for sequencing. `auto`: as the peer asks for "
          + "it; `none` where both ends have `auto`, and `default` with `sequencing`."),
      KeyDescription(
        "sequencing", "`true`, `all`, `false` or `none`", absent: "`false`",
        "Whether data packets carry sequence numbers, in the L2-Specific Sublayer; at both ends."),
      KeyDescription(
        "loss-limit", "percentage, 1% to 100%", absent: "none",
        "With `sequencing`: of more loss of the peer's data packets the session ends with CDN 4, and stays away for a minute "
          + "(RFC 4719 section 5). It has to be seen in three samples one after the other, of ten seconds and a thousand packets "
          + "at least. Loss of 1% and more is reported in any case. In the kernel's data plane packets that overtake others count, "
          + "too."),
      KeyDescription(
        "mss", "`off`, `auto` or a number, 536 to 65495", absent: "`off`",
        "What the MSS of TCP connections through the pseudowire is lowered to, in both directions, in octets. `auto`: "
          + "the MTU of the interface less 40 octets, over IPv6 less 60. Not with PPP, and with the userspace data "
          + "plane alone: see [TCP and MSS](#tcp-and-mss)."),
      KeyDescription(
        "interface", "interface name", absent: "TUNNEL-PSEUDOWIRE",
        "The pseudowire's interface. Names too long for an interface are cut, and made different by eight digits."),
    ])

  /// What a key that is unknown here belongs to, if it is a key elsewhere.
  static func owner(of key: String, otherThan section: SchemaSection) -> SchemaSection? {
    all.first { other in other.title != section.title && other.keys.contains { $0.name == key } }
  }
}
