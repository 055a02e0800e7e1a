import PWCore
import Testing

@testable import PWLinux

/// The options that pppd is given, and the reasons that it gives for its end.
@Suite("A pppd's options and its end") struct PPPDaemonTests {
  private static var link: LinkRequest.PPPTermination {
    var link = LinkRequest.PPPTermination(name: "ppp-berlin", isUp: true, mtuOctets: 1452)
    link.ipv4 = .init(local: .v4(0x0A09_0001), peer: .v4(0x0A09_0002))
    return link
  }

  private static func options(
    own: String? = nil, peer: String? = nil, change: (inout LinkRequest.PPPTermination) -> Void = { _ in }
  ) -> PPPDaemonOptions {
    var link = link
    change(&link)
    return PPPDaemonOptions(
      link, secrets: .init(own: own.map { Array($0.utf8) }, peer: peer.map { Array($0.utf8) }, unguessable: "xyzzy"))
  }

  private static func secrets(_ options: PPPDaemonOptions) -> String? {
    options.files.first { $0.path == "/etc/ppp/chap-secrets" }.map { String(decoding: $0.octets, as: UTF8.self) }
  }

  @Test("The name, the addresses, the MTU and the channel are on the command line")
  func plain() {
    let words = Self.options().arguments
    for pair in [
      ["pppol2tp", "3"], ["ifname", "ppp-berlin"], ["mtu", "1452"], ["mru", "1452"], ["lcp-echo-interval", "0"],
    ] {
      #expect(zip(words, words.dropFirst()).contains { [$0, $1] == pair }, "\(pair)")
    }
    #expect(words.first == "pppd")
    for word in ["10.9.0.1:10.9.0.2", "noipdefault", "noauth", "noipv6", "nodefaultroute", "nodetach", "refuse-pap"] {
      #expect(words.contains(word), "\(word)")
    }
    #expect(Self.secrets(Self.options()) == "")
  }

  @Test("An address that is left to the peer is accepted from it")
  func open() {
    let ours = Self.options { $0.ipv4 = .init(local: nil, peer: .v4(0x0A09_0002)) }.arguments
    #expect(ours.contains("ipcp-accept-local") && ours.contains(":10.9.0.2") && !ours.contains("ipcp-accept-remote"))
    let both = Self.options { $0.ipv4 = .init(local: nil, peer: nil) }.arguments
    #expect(both.contains("ipcp-accept-local") && both.contains("ipcp-accept-remote"))
    #expect(!both.contains { $0.contains(":") })
    let neither = Self.options {
      $0.ipv4 = nil
      $0.hasIPv6 = true
    }.arguments
    #expect(neither.contains("noip") && neither.contains("+ipv6") && !neither.contains("noipdefault"))
  }

  @Test("A secret is in a file that pppd alone sees, and on no command line")
  func secrets() {
    let options = Self.options(own: "our secret", peer: "theirs") {
      $0.credentials = .init(name: "amsterdam", secretFile: "/s/a")
      $0.demand = .init(method: .chap, peerName: "berlin", secretFile: "/s/b")
      $0.echo = .init(intervalSeconds: 5, failureCount: 2)
    }
    #expect(!options.arguments.contains { $0.contains("secret") || $0.contains("theirs") || $0.contains("/s/") })
    #expect(options.arguments.contains("require-chap") && options.arguments.contains("auth"))
    #expect(
      Self.secrets(options) == """
        "amsterdam" * "our\\040secret" *
        "berlin" "amsterdam" "theirs" *
        "amsterdam" "amsterdam" "xyzzy" *

        """)
    let anybody = Self.options(peer: "theirs") {
      $0.demand = .init(method: .msCHAPv2, peerName: nil, secretFile: "/s/b")
    }
    #expect(anybody.arguments.contains("require-mschap-v2"))
    #expect(Self.secrets(anybody)?.hasPrefix("* \"pwmgr\" \"theirs\" *\n") == true)
  }

  @Test(
    "No octet of a secret means anything to pppd's reader",
    arguments: [("a\"b", "\"a\\042b\""), ("\\#é", "\"\\134\\043\\303\\251\"")])
  func quoting(secret: String, word: String) {
    #expect(PPPDaemonOptions.quoted(Array(secret.utf8)) == word)
  }

  @Test(
    "An end that PPP itself brings on takes the session along; after any other pppd is started again",
    arguments: [
      (.exit(11), true), (.exit(15), true), (.exit(19), true), (.exit(10), true), (.exit(16), true), (.exit(0), true),
      (.exit(1), false), (.exit(2), false), (.exit(4), false), (.exit(5), false), (.exit(77), false),
      (.signal(9), false),
    ] as [(ProcessEnd, Bool)])
  func ends(end: ProcessEnd, endsSession: Bool) {
    let exit = PPPDaemonExit(end, lastWords: "what it said")
    #expect((exit.consequence == .endsSession) == endsSession)
    #expect(exit.reason.hasSuffix("(pppd: what it said)"))
  }

  @Test("A silent peer is told as such, though the link was hung up in the end")
  func silence() {
    let exit = PPPDaemonExit(.exit(16), lastWords: "No response to 3 echo-requests")
    #expect(exit.reason == PPPDaemonExit(.exit(15), lastWords: "No response to 3 echo-requests").reason)
    #expect(exit.reason.contains("does not answer LCP echo requests"))
  }

  @Test("Its last words are the last line that tells something, cut and fit to print")
  func words() {
    var output = PPPDaemonOutput()
    #expect(output.take(Array("Using interface ppp0\nCHAP authentication fai".utf8)) == ["Using interface ppp0"])
    #expect(output.lastWords == nil)
    #expect(output.take(Array("led\nModem hangup\n\nConnection terminated.\n".utf8)).count == 3)
    #expect(output.lastWords == "CHAP authentication failed")
    let odd = output.take([0x1B, 0x5B, 0x41, 0xFF] + [UInt8](repeating: 0x61, count: 1000) + [0x0A])
    #expect(odd.map(\.count) == [OutputLines.lineLimit])
    #expect(odd.first?.hasPrefix("?[A?aaa") == true)
  }
}
