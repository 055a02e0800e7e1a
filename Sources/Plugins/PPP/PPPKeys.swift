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
    "sessions", .count(1...PseudowireTemplate.maximumSessions), absent: "one, without a number",
    "So many pseudowires, named `NAME/1`, `NAME/2` and so on, with end-ids `END-ID/1`, `END-ID/2` and so on: the "
      + "same number at both ends. They are there when they are asked for: the end with `pppoe` calls, and the end "
      + "where PPP ends waits. An `interface` has `%d` where the number goes.")
  let pppoe = NodeKey(
    "pppoe", "mapping", absent: "PPP ends here",
    "PPP does not end here but at the peer: clients on a link of ours begin it by PPPoE (RFC 2516), each with a "
      + "pseudowire of its own. Only `sessions` stands beside it.")
  let ipv4 = Key<Bool>(
    "ipv4", .onOrOff, default: true,
    "Whether IPv4 packets pass, between two addresses (RFC 1332).")
  let localAddress = Key<IPAddress?>(
    "local-address", .host, absent: "the peer says it",
    "Our end's address. We insist on it.")
  let peerAddress = Key<PPPOptions.PeerAddresses?>(
    "peer-address", .hosts, absent: "the peer says it",
    "The other end's address. We insist on it, and tell it to a peer that has none. With `sessions`: a range "
      + "(`10.0.0.2-10.0.0.101`), from which each session has its own.")
  let ipv6 = Key<Bool>(
    "ipv6", .onOrOff, default: false,
    "Whether IPv6 packets pass, between two link-local addresses (RFC 5072).")
  let defaultRoute = Key<Bool>(
    "default-route", .onOrOff, default: false,
    "Whether the machine's default route leads to the peer while the link is up. One that is there already stays.")
  let mtu = Key<PPPOptions.MTU>(
    "mtu", .fitOrOctets(Self.mtuRange), default: .fit,
    "The largest packet that we announce to receive (MRU) and send, in octets; the link's is the smaller one of the "
      + "two ends'. `fit`: what passes the path unfragmented.")
  let endName = Key<String>(
    "name", .endName(Self.nameOctets), default: Self.usualName,
    "The name under which we show who we are, and ask the peer to; different at the two ends.")
  let secretFile = Key<String?>(
    "secret-file", .linkSecretFile, absent: "none",
    "The file that holds the secret of `name`, for nobody else to read: we answer a peer that asks who we are. "
      + "Without it, such a peer is refused.")
  let peerAuthentication = Key<LinkRequest.PPPTermination.Demand.Method?>(
    "peer-authentication", .method, default: nil,
    "How the peer must show who it is: CHAP with MD5 (RFC 1994) or MS-CHAP version 2 (RFC 2759).")
  let peerName = Key<String?>(
    "peer-name", .endName(Self.nameOctets), absent: "any but ours",
    "With `peer-authentication`: the name that the peer must give.")
  let peerSecretFile = Key<String?>(
    "peer-secret-file", .linkSecretFile, absent: "none",
    "With `peer-authentication`, and needed there: the file that holds the peer's secret.")
  let echoInterval = Key<Int>(
    "echo-interval", .seconds(1...3_600), default: 10,
    "The time from one LCP echo request to the next (RFC 1661 section 5.8); `0s` never asks.")
  let echoFailures = Key<Int>(
    "echo-failures", .count(1...100), default: 3,
    "Echo requests in a row without an answer before the peer is taken for lost, and the session down.")
  let up = Key<String?>(
    "up", .program, absent: "none",
    "A program that is run when packets begin to pass, as `PROGRAM up INTERFACE`; [ppp.md](ppp.md#programs) has what "
      + "it is told.")
  let down = Key<String?>(
    "down", .program, absent: "none",
    "A program that is run when they no longer do, as `PROGRAM down INTERFACE`: the interface is gone by then.")
}
