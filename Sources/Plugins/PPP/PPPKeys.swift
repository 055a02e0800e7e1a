import PWCore

/// The keys of a PPP pseudowire, in the order of the reference page.
struct PPPKeys: Sendable {
  static let declared = PPPKeys()

  /// The name in authentication is an octet string of a CHAP packet; these fit everywhere.
  private static let nameOctets = 1...64
  /// From what PPP must be able to carry with IPv4 (RFC 791), up to what the kernel's PPP takes.
  static let mtuRange = 128...16_384
  /// The name of an end that does not say one.
  static let usualName = "pwmgr"

  let sessions = Key<Int?>(
    "sessions", .count(1...PseudowireTemplate.maximumSessions), absent: "one, without a number", change: .session,
    "The number of pseudowires that this declares, named `NAME/1`, `NAME/2` and so on, with end-ids `END-ID/1`, "
      + "`END-ID/2` and so on: the same number at both ends. They are set up on demand: the end with `pppoe` calls, "
      + "and the end where PPP ends waits. An `interface` has `%d` in place of the number.")
  let pppoe = NodeKey(
    "pppoe", "mapping", absent: "PPP ends here", change: .session,
    "PPP does not end here but at the peer: clients on a link of ours start it by PPPoE (RFC 2516), each with a "
      + "pseudowire of its own. It needs `sessions`, and no other key of this table beside it.")
  let ipv4 = Key<Bool>(
    "ipv4", .onOrOff, default: true, change: .session,
    "Whether IPv4 packets pass, between two addresses (RFC 1332).")
  let localAddress = Key<IPAddress?>(
    "local-address", .host, absent: "the peer decides", change: .session,
    "Our end's address. We insist on it.")
  let peerAddress = Key<PPPOptions.PeerAddresses?>(
    "peer-address", .hosts, absent: "the peer decides", change: .session,
    "The other end's address. We insist on it, and tell it to a peer that has none. With `sessions`: a range "
      + "(`10.0.0.2-10.0.0.101`), from which each session has its own.")
  let ipv6 = Key<Bool>(
    "ipv6", .onOrOff, default: false, change: .session,
    "Whether IPv6 packets pass, between two link-local addresses (RFC 5072).")
  let defaultRoute = Key<Bool>(
    "default-route", .onOrOff, default: false, change: .session,
    "Whether the machine's default route leads to the peer while the link is up. An existing default route stays.")
  let mtu = Key<PPPOptions.MTU>(
    "mtu", .fitOrOctets(Self.mtuRange), default: .fit, change: .session,
    "The largest packet that we send, and that we announce to the peer as our MRU, in octets; the link uses the "
      + "smaller value of the two ends. `fit`: the largest size that passes the path unfragmented.")
  let endName = Key<String>(
    "name", .endName(Self.nameOctets), default: Self.usualName, change: .session,
    "The name that we give when we prove our identity, or demand that the peer prove its own; different at the two "
      + "ends.")
  let secretFile = Key<String?>(
    "secret-file", .linkSecretFile, absent: "none", change: .session,
    "The file that holds the secret of `name`, readable by nobody else. With it we prove our identity to a peer that "
      + "demands it; without it, such a peer is refused.")
  let peerAuthentication = Key<LinkRequest.PPPTermination.Demand.Method?>(
    "peer-authentication", .method, default: nil, change: .session,
    "How the peer must prove its identity: CHAP with MD5 (RFC 1994) or MS-CHAP version 2 (RFC 2759).")
  let peerName = Key<String?>(
    "peer-name", .endName(Self.nameOctets), absent: "any but ours", change: .session,
    "With `peer-authentication`: the name that the peer must give.")
  let peerSecretFile = Key<String?>(
    "peer-secret-file", .linkSecretFile, absent: "none", change: .session,
    "Required with `peer-authentication`: the file that holds the peer's secret.")
  let echoInterval = Key<Int>(
    "echo-interval", .seconds(1...3_600), default: 10, change: .session,
    "The time from one LCP echo request to the next (RFC 1661 section 5.8); `0s` never asks.")
  let echoFailures = Key<Int>(
    "echo-failures", .count(1...100), default: 3, change: .session,
    "Echo requests in a row without an answer before the peer is considered lost, and the session goes down.")
  let up = Key<String?>(
    "up", .program, absent: "none", change: .session,
    "A program that is run when packets begin to pass, as `PROGRAM up INTERFACE`; [ppp.md](ppp.md#programs) describes "
      + "its environment.")
  let down = Key<String?>(
    "down", .program, absent: "none", change: .session,
    "A program that is run when packets no longer pass, as `PROGRAM down INTERFACE`: the interface is gone by then.")
}
