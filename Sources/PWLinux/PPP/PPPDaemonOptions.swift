import PWCore

/// How pppd(8) is asked for a link: its command line, which holds no secret, and the files that it finds in /etc/ppp.
struct PPPDaemonOptions: Equatable {
  /// Where Debian, and everybody else, has it.
  static let program = "/usr/sbin/pppd"
  /// The folders that are empty for each pppd of ours but for ``files``: its options, scripts and secrets are ours
  /// alone, and so are its process file and its table of links.
  static let emptyFolders = ["/etc/ppp", "/run"]
  private static let secretsFile = "/etc/ppp/chap-secrets"
  /// The descriptor of the channel.
  private static let channel = "3"

  /// The command line, the program's name first.
  var arguments: [String]
  /// The files that this pppd alone finds: an empty file of options, and the secrets.
  var files: [ConfinedProcess.PrivateFile]

  /// Secrets as they are at this moment, and octets that nobody can guess.
  struct Secrets {
    /// Ours, where there are credentials.
    var own: [UInt8]?
    /// The peer's, where there is a demand.
    var peer: [UInt8]?
    /// Anything that is new each time, as text.
    var unguessable: String
  }

  /// The options of a link.
  init(_ link: LinkRequest.PPPTermination, secrets: Secrets) {
    arguments = [
      "pppd", "plugin", "pppol2tp.so", "pppol2tp", Self.channel, "nodetach", "logfd", "1", "ifname", link.name,
      // Compression and framing of serial lines: what L2TP carries is neither worth it nor framed so.
      "noccp", "novj", "noaccomp", "nopcomp", "default-asyncmap", "nomp", "noendpoint",
      "mtu", String(link.mtuOctets), "mru", String(link.mtuOctets),
    ]
    arguments += Self.addresses(link)
    arguments += Self.authentication(link)
    if let echo = link.echo {
      arguments += ["lcp-echo-interval", String(echo.intervalSeconds), "lcp-echo-failure", String(echo.failureCount)]
    } else {
      arguments += ["lcp-echo-interval", "0"]
    }
    // A missing file is an error to pppd.
    files = [
      ConfinedProcess.PrivateFile(path: "/etc/ppp/options", octets: []),
      ConfinedProcess.PrivateFile(path: Self.secretsFile, octets: Array(Self.secretLines(link, secrets).utf8)),
    ]
  }

  private static func addresses(_ link: LinkRequest.PPPTermination) -> [String] {
    var words = [link.hasIPv6 ? "+ipv6" : "noipv6", link.isDefaultRoute ? "defaultroute" : "nodefaultroute"]
    guard let ipv4 = link.ipv4 else { return words + ["noip"] }
    words.append("noipdefault")
    if ipv4.local == nil { words.append("ipcp-accept-local") }
    if ipv4.peer == nil { words.append("ipcp-accept-remote") }
    if ipv4.local != nil || ipv4.peer != nil {
      words.append("\(ipv4.local.map { "\($0)" } ?? ""):\(ipv4.peer.map { "\($0)" } ?? "")")
    }
    return words
  }

  /// Protocols that show the secret, or almost, are refused in both directions.
  private static func authentication(_ link: LinkRequest.PPPTermination) -> [String] {
    var words = ["refuse-pap", "refuse-eap", "refuse-mschap"]
    if let credentials = link.credentials { words += ["name", credentials.name] } else { words += ["name", "pwmgr"] }
    guard let demand = link.demand else { return words + ["noauth"] }
    words.append("auth")
    switch demand.method {
    case .chap: words.append("require-chap")
    case .msCHAPv2: words.append("require-mschap-v2")
    }
    return words
  }

  /// Lines of chap-secrets: client, server, secret, addresses.
  private static func secretLines(_ link: LinkRequest.PPPTermination, _ secrets: Secrets) -> String {
    let ours = link.credentials?.name ?? "pwmgr"
    var text = ""
    if let own = secrets.own { text += "\(quoted(ours)) * \(quoted(own)) *\n" }
    if let peer = secrets.peer {
      text += "\(link.demand?.peerName.map { quoted($0) } ?? "*") \(quoted(ours)) \(quoted(peer)) *\n"
      // A peer that gives our name could hand our own answers back to us: nobody knows this secret.
      text += "\(quoted(ours)) \(quoted(ours)) \(quoted(secrets.unguessable)) *\n"
    }
    return text
  }

  private static func quoted(_ text: String) -> String { quoted(Array(text.utf8)) }

  /// A word for pppd: octets that could mean something to it are written in octal.
  static func quoted(_ octets: [UInt8]) -> String {
    var word = "\""
    for octet in octets {
      switch octet {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
        word.unicodeScalars.append(Unicode.Scalar(octet))
      case _:
        let digits = String(octet, radix: 8)
        word += "\\" + String(repeating: "0", count: 3 - digits.count) + digits
      }
    }
    return word + "\""
  }
}
