import PWCore

/// The keys of a PPP pseudowire, read from a site that has passed `check`.
struct PPPOptions {
  var mtu: MTU
  var ipv4: LinkRequest.PPPTermination.IPv4?
  var hasIPv6: Bool
  var isDefaultRoute: Bool
  var credentials: LinkRequest.PPPTermination.Credentials?
  var demand: LinkRequest.PPPTermination.Demand?
  var echo: LinkRequest.PPPTermination.Echo?
  var hooks: LinkRequest.PPPTermination.Hooks

  /// How large a packet the link takes.
  enum MTU: Equatable {
    /// What the path passes in one piece.
    case fit
    /// So many octets.
    case octets(Int)
  }

  /// From what PPP must be able to carry with IPv4 (RFC 791), up to what the kernel's PPP takes.
  static let mtuRange = 128...16_384
  static let echoIntervalSeconds = 1...3_600
  static let usualEchoIntervalSeconds = 10
  static let echoFailures = 1...100
  static let usualEchoFailures = 3
  /// The name in authentication is an octet string of a CHAP packet; these fit everywhere.
  static let nameOctets = 1...64

  static let secretFileKeys = ["secret-file", "peer-secret-file"]
  static let programKeys = ["up", "down"]

  static let keys =
    PPPTemplate.keys + [
      KeyDescription(
        "ipv4", "`true` or `false`", absent: "`true`", "Whether IPv4 packets pass, between two addresses (RFC 1332)."),
      KeyDescription(
        "local-address", "IPv4 address", absent: "the peer says it", "Our end's address. We insist on it."),
      KeyDescription(
        "peer-address", "IPv4 address, or a range of them", absent: "the peer says it",
        "The other end's address. We insist on it, and tell it to a peer that has none. With `sessions`: a range (`10.0.0.2-10.0.0.101`), from "
          + "which each session has its own."),
      KeyDescription(
        "ipv6", "`true` or `false`", absent: "`false`",
        "Whether IPv6 packets pass, between two link-local addresses (RFC 5072)."),
      KeyDescription(
        "default-route", "`true` or `false`", absent: "`false`",
        "Whether the machine's default route leads to the peer while the link is up. One that is there already stays."),
      KeyDescription(
        "mtu", "`fit` or a number, 128 to 16384", absent: "`fit`",
        "The largest packet that we announce to receive (MRU) and send, in octets; the link's is the smaller one of the two ends'. "
          + "`fit`: what passes the path unfragmented."),
      KeyDescription(
        "name", "text, up to 64 characters", absent: "`pwmgr`",
        "The name under which we show who we are, and ask the peer to; different at the two ends."),
      KeyDescription(
        "secret-file", "full path of a file", absent: "none",
        "The file that holds the secret of `name`, for nobody else to read: we answer a peer that asks who we are. Without it, "
          + "such a peer is refused."),
      KeyDescription(
        "peer-authentication", "`none`, `chap` or `mschap-v2`", absent: "`none`",
        "How the peer must show who it is: CHAP with MD5 (RFC 1994) or MS-CHAP version 2 (RFC 2759)."),
      KeyDescription(
        "peer-name", "text, up to 64 characters", absent: "any but ours",
        "With `peer-authentication`: the name that the peer must give."),
      KeyDescription(
        "peer-secret-file", "full path of a file", absent: "none",
        "With `peer-authentication`, and needed there: the file that holds the peer's secret."),
      KeyDescription(
        "echo-interval", "duration, 1s to 1h in whole seconds, or 0s", absent: "`10s`",
        "The time from one LCP echo request to the next (RFC 1661 section 5.8); `0s` never asks."),
      KeyDescription(
        "echo-failures", "number, 1 to 100", absent: "`3`",
        "Echo requests in a row without an answer before the peer is taken for lost, and the session down."),
      KeyDescription(
        "up", "full path of a program", absent: "none",
        "A program that is run when packets begin to pass, as `PROGRAM up INTERFACE`; [ppp.md](ppp.md#programs) has what it is told."
      ),
      KeyDescription(
        "down", "full path of a program", absent: "none",
        "A program that is run when they no longer do, as `PROGRAM down INTERFACE`: the interface is gone by then."),
    ]

  init(_ options: OptionValue) {
    func text(_ key: String) -> String? {
      guard case .scalar(let text)? = options[key] else { return nil }
      return text
    }
    func isOn(_ key: String, absent: Bool) -> Bool { text(key).flatMap(Switch.value) ?? absent }
    mtu = text("mtu").flatMap(Self.mtu) ?? .fit
    if isOn("ipv4", absent: true) {
      ipv4 = .init(
        local: text("local-address").flatMap(Self.hostAddress), peer: text("peer-address").flatMap(Self.hostAddress))
    }
    hasIPv6 = isOn("ipv6", absent: false)
    isDefaultRoute = isOn("default-route", absent: false)
    if let file = text("secret-file") { credentials = .init(name: text("name") ?? Self.usualName, secretFile: file) }
    if let method = text("peer-authentication").flatMap(LinkRequest.PPPTermination.Demand.Method.init(rawValue:)),
      let file = text("peer-secret-file")
    {
      demand = .init(method: method, peerName: text("peer-name"), secretFile: file)
    }
    let interval = text("echo-interval").flatMap(Self.seconds) ?? Self.usualEchoIntervalSeconds
    let failures = text("echo-failures").flatMap(Self.failures) ?? Self.usualEchoFailures
    hooks = .init(up: text("up"), down: text("down"))
    if interval > 0 { echo = .init(intervalSeconds: interval, failureCount: failures) }
  }

  /// The name of an end that does not say one.
  static let usualName = "pwmgr"
}

// MARK: - Values

extension PPPOptions {
  static func mtu(_ text: String) -> MTU? {
    if text == "fit" { return .fit }
    return number(text, in: mtuRange).map(MTU.octets)
  }

  static func failures(_ text: String) -> Int? { number(text, in: echoFailures) }

  /// `10s`, `2m`, `1h` or `0s`, as whole seconds.
  static func seconds(_ text: String) -> Int? {
    guard let (seconds, rest) = try? DurationText.duration(text).components, rest == 0 else { return nil }
    return seconds == 0 || echoIntervalSeconds.contains(Int(seconds)) ? Int(seconds) : nil
  }

  /// An IPv4 address that a host may have.
  static func hostAddress(_ text: String) -> IPAddress? {
    guard case .v4(let number)? = IPAddress(text), number >> 24 != 0, number >> 24 != 127, number >> 28 < 0xE else {
      return nil
    }
    return .v4(number)
  }

  /// Characters that print and are ASCII: what every implementation compares alike.
  static func isName(_ text: String) -> Bool {
    nameOctets.contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) } && text != "*"
  }

  static func number(_ text: String, in range: ClosedRange<Int>) -> Int? {
    guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(text),
      range.contains(number)
    else { return nil }
    return number
  }
}
