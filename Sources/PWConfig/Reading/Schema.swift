public import PWCore

/// A mapping of the site file and the keys that it may have: the reader, its hints and the reference page are made of these.
public struct SchemaSection: Sendable {
  /// What the mapping describes, as in "unknown key in a tunnel".
  public let title: String
  /// Its keys, in the order of the reference page.
  public let keys: [KeyDescription]

  /// All of them, in the order of the reference page; plugins add theirs to the pseudowire's.
  public static let all: [SchemaSection] = [
    site, tunnel, AuthenticationKeys.schema, RetransmitKeys.schema, ReconnectKeys.schema,
    PseudowireKeys.schema, BridgeKeys.schema, PluginKeys.schema,
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

  /// What a key that is unknown here belongs to, if it is a key elsewhere.
  static func owner(of key: String, otherThan section: SchemaSection) -> SchemaSection? {
    all.first { other in other.title != section.title && other.keys.contains { $0.name == key } }
  }
}
