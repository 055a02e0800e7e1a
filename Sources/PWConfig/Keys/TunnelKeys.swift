import PWCore

/// The keys of one tunnel: a peer, and how to speak to it.
final class TunnelKeys: KeySet {
  static let title = "tunnel"
  static let declared = TunnelKeys()
  static let schema = SchemaSection(of: declared)

  private static let usual = TunnelDeclaration(name: "", peer: .any)

  let peer = ValueOrListKey<TunnelDeclaration.Peer, PeerHost>(
    "peer", .peer, or: .peerHost, words: "address, host name, list of these, prefix or `any`", change: .tunnel,
    "The peer. A name is resolved again at every attempt. Several addresses of one peer are tried "
      + "in order: see [a peer with several addresses](#a-peer-with-several-addresses). A prefix (`192.0.2.0/24`) "
      + "waits for a peer from there, `any` for an authenticated peer from anywhere; both need `role: accept`, and "
      + "`any` needs a secret.")
  let descriptionText = Key<String?>(
    "description", .line, absent: "none", change: .inPlace,
    "A line for people, which `pwmgr status` shows: a circuit number, or the number of the desk that looks after it.")
  let enabled = Key<Bool>(
    "enabled", .boolean, default: true, change: .tunnel,
    "Whether the tunnel is to be there. If `false`, it calls nobody, the peer's attempts are refused (StopCCN 4), and "
      + "`pwmgr status` shows its pseudowires as `off`.")
  let local = Key<IPAddress?>(
    "local", .localAddress, absent: "the route to the peer decides", change: .tunnel,
    "Our address, of the same family as the peer's.")
  let bindDevice = Key<String?>(
    "bind-device", .interfaceName, absent: "any", change: .tunnel,
    "The interface, or the [VRF](#vrfs), that the tunnel's sockets are bound to. When it is removed and made again, "
      + "they are bound to the new one; meanwhile, and while it is down or has no carrier, no pseudowire of the tunnel "
      + "counts as forwarding.")
  let family = Key<AddressFamily?>(
    "family", .choice([("ipv4", .v4), ("ipv6", .v6)]), absent: "either", change: .tunnel,
    "The family of a host name's addresses that is used. If left out: that of `local`, or both.")
  let signalling = Key<Signalling>(
    "signalling", .choice, default: .full, change: .tunnel,
    "How sessions come about: a control connection sets them up (`full`); it shows only that the peer is there, and "
      + "the sessions are written in the files of both ends (`keepalive`); or there is none, and all of it is written "
      + "there (`none`): see [tunnels without signalling](#tunnels-without-signalling).")
  let connectionIDs = SectionKey<ConnectionIDKeys>(
    absent: "none", "The Control Connection IDs of a tunnel with `signalling: none`, which needs both.")
  let liveness = Key<Duration?>(
    "liveness", .duration(.seconds(5) ... .seconds(86_400)), absent: "silence says nothing", change: .inPlace,
    "With `signalling: none`: if no frame has arrived from the peer for so long, its pseudowires do not count as "
      + "forwarding.")
  let role = Key<TunnelDeclaration.Role>(
    "role", .choice, default: TunnelKeys.usual.role, change: .tunnel,
    "The end that opens the control connection: ours, the peer's, or the first to try.")
  let encapsulation = Key<Encapsulation>(
    "encapsulation", .choice([("udp", .udp), ("ip", .ip)]), default: TunnelKeys.usual.encapsulation, change: .tunnel,
    "The carrier of L2TPv3. `ip` (protocol 115) is 12 octets smaller, but does not pass a NAT.")
  let dscp = Key<PacketMarking?>(
    "dscp", .packetMarking, absent: "as the kernel has it", change: .tunnel,
    "The code point (DSCP) that marks control and data packets: `46`, or its name, `ef`. The peer is asked to use the "
      + "same one (RFC 3308); a peer that declares another is refused (StopCCN 8). `inherit`: data packets are marked "
      + "like the IP packets inside, and the peer is not asked.")
  let ttl = Key<UInt8?>(
    "ttl", .number(1...255), absent: "as the kernel has it", change: .tunnel,
    "The Time to Live (over IPv6 the Hop Limit) of control and data packets: how many routers may pass them on.")
  let protection = Key<ProtectionDemand>(
    "protection", .choice, default: TunnelKeys.usual.protection, change: .inPlace,
    "Whether the packets must be encrypted below L2TP, by IPsec or WireGuard, which pwmgr does not set up but looks "
      + "for. `required`: otherwise nothing is sent, and a connection ends without a message. `expected`: otherwise "
      + "`pwmgr status` and the log warn. See [encryption.md](encryption.md).")
  let localPort = Key<UInt16?>(
    "local-port", .port, absent: "chosen by the kernel", change: .tunnel,
    "The UDP port that we call from. Some routers insist on 1701.")
  let peerPort = Key<UInt16>(
    "peer-port", .port, default: TunnelKeys.usual.peerPort, change: .tunnel, "The UDP port that we call.")
  let listenPort = Key<UInt16?>(
    "listen-port", .port, absent: "the site's", change: .tunnel,
    "The UDP port that the peer calls; its site writes it as `peer-port`.")
  let answerPort = Key<UInt16?>(
    "answer-port", .port, absent: "the port that was called", change: .tunnel,
    "The UDP port that we answer from (RFC 3931 section 4.1.2.2). Firewalls on the path may block ports other than "
      + "1701; a hub with thousands of tunnels is faster if they are spread over several ports.")
  let peerHostName = Key<String?>(
    "peer-host-name", .hostName, absent: "any", change: .tunnel,
    "The Host Name that the peer must present to be this tunnel's.")
  let peerRouterID = Key<UInt32?>(
    "peer-router-id", .routerID, absent: "any", change: .tunnel,
    "The Router ID that the peer must present to be this tunnel's.")
  let hello = Key<Duration>(
    "hello", .duration(.milliseconds(100) ... .seconds(3_600), orZero: true, isShownInSeconds: true),
    default: TunnelKeys.usual.helloInterval, change: .inPlace,
    "The silence after which a HELLO asks whether the peer is alive (RFC 3931 section 4.4); `0s`: silence causes none.")
  let mtuProbe = Key<Bool>(
    "mtu-probe", .boolean, default: true, change: .inPlace,
    "Whether the MTU of the path is measured with HELLOs of various lengths: once the connection is established, when "
      + "the routes change, and every ten minutes, whatever `hello` says. This needs no ICMP messages.")
  let retransmit = SectionKey<RetransmitKeys>(
    absent: "as below", "How long an unanswered control message is repeated.")
  let receiveWindow = Key<UInt16>(
    "receive-window", .number(1...1_024), default: TunnelKeys.usual.reliability.receiveWindow, change: .inPlace,
    "Control messages that the peer may send before it must wait for us (RFC 3931 section 5.4.3).")
  let setupTimeout = Key<Duration>(
    "setup-timeout", .duration(.seconds(1) ... .seconds(3_600)), default: TunnelKeys.usual.reliability.setupTimeout,
    change: .inPlace,
    "How long a connection or session may take to come up before it is given up and tried again.")
  let reconnect = SectionKey<ReconnectKeys>(
    absent: "as below", "How soon a lost or refused connection is tried again.")
  let authentication = SectionKey<AuthenticationKeys>(
    absent: "none", "How control messages, or the set-up alone, are authenticated (RFC 3931 section 4.3).")
  let compatibility = Key<Compatibility>(
    "compatibility", .choice, default: TunnelKeys.usual.compatibility, change: .tunnel,
    "The AVPs that are used: only those of RFC 3931 (`rfc`), those and the ones that Cisco's routers used before "
      + "it (`cisco`), or whichever the peer's first message uses (`auto`). See [old routers](#old-routers).")
  let pseudowires = MappingKey<PseudowireKeys>("pseudowires", from: .name, "The pseudowires that run over the tunnel.")
}
