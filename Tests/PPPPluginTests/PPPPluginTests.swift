import PWCore
import Testing

@testable import PPPPlugin

/// Questions about a session, and the link that answers them.
struct PPPPluginTests {
  private let plugin = PPPPlugin()

  private let context = OptionContext(
    bridges: ["br-lan"], owner: LinkOwner(tunnel: "t", pseudowire: "p"), interfaceName: "pw0")

  private func outline(_ options: OptionValue) -> PseudowireOutline {
    plugin.report(on: OptionNode(options), in: context).outline
  }

  private func answer(
    _ options: [(String, String)] = [], phase: PluginQuestion.Phase = .established, peerIsActive: Bool = true,
    pathMTU: Int = 1500, overhead: Int = 44
  ) -> PluginAnswer {
    let declaration = PseudowireDeclaration(
      name: "link", type: .ppp, remoteEndID: RemoteEndID(number: 100), interfaceName: "ppp-berlin",
      options: .mapping(options.map { (key: $0.0, value: .scalar($0.1)) }))
    return plugin.answer(
      PluginQuestion(
        owner: LinkOwner(tunnel: "berlin", pseudowire: "link"), declaration: declaration, phase: phase,
        isPeerCircuitActive: peerIsActive, pathMTUOctets: pathMTU, overheadOctets: overhead))
  }

  private func link(_ options: [(String, String)], pathMTU: Int = 1500) throws -> LinkRequest.PPPTermination {
    guard case .links(let requests) = answer(options, pathMTU: pathMTU),
      case .pppTermination(let link)? = requests.first
    else { throw Unexpected() }
    #expect(requests.count == 1)
    return link
  }

  private struct Unexpected: Error {}

  @Test("It serves type 0x0007 with a PPP payload, and nothing stands behind it")
  func identity() {
    #expect(plugin.name == "ppp")
    #expect(plugin.type.rawValue == 0x0007)
    #expect(plugin.payload == .ppp)
    #expect(outline(.mapping([])).attachment == .none)
  }

  @Test(
    "PPP is spoken when the session is established and the peer's circuit active, and only then",
    arguments: [
      (.connecting, true, false), (.connecting, false, false), (.established, true, true), (.established, false, false),
    ] as [(PluginQuestion.Phase, Bool, Bool)])
  func phases(phase: PluginQuestion.Phase, peerIsActive: Bool, isUp: Bool) {
    guard case .links(let requests) = answer(phase: phase, peerIsActive: peerIsActive),
      case .pppTermination(let link)? = requests.first
    else {
      Issue.record("no link")
      return
    }
    #expect(link.isUp == isUp)
    #expect(link.name == "ppp-berlin")
  }

  @Test("Without options: IPv4 between whatever the peer says, nobody is asked who he is, an echo every ten seconds")
  func defaults() throws {
    var expected = LinkRequest.PPPTermination(name: "ppp-berlin", isUp: true, mtuOctets: 1452)
    expected.ipv4 = .init(local: nil, peer: nil)
    expected.echo = .init(intervalSeconds: 10, failureCount: 3)
    #expect(try link([]) == expected)
  }

  @Test("Every option reaches the link")
  func options() throws {
    var expected = LinkRequest.PPPTermination(name: "ppp-berlin", isUp: true, mtuOctets: 1400)
    expected.ipv4 = .init(local: .v4(0x0A09_0001), peer: .v4(0x0A09_0002))
    expected.hasIPv6 = true
    expected.isDefaultRoute = true
    expected.credentials = .init(name: "amsterdam", secretFile: "/s/a")
    expected.demand = .init(method: .msCHAPv2, peerName: "berlin", secretFile: "/s/b")
    expected.echo = .init(intervalSeconds: 120, failureCount: 7)
    expected.hooks = .init(up: "/h/up", down: "/h/down")
    let found = try link([
      ("mtu", "1400"), ("local-address", "10.9.0.1"), ("peer-address", "10.9.0.2"), ("ipv6", "yes"),
      ("default-route", "on"), ("name", "amsterdam"), ("secret-file", "/s/a"), ("peer-authentication", "mschap-v2"),
      ("peer-name", "berlin"), ("peer-secret-file", "/s/b"), ("echo-interval", "2m"), ("echo-failures", "7"),
      ("up", "/h/up"), ("down", "/h/down"),
    ])
    #expect(found == expected)
    #expect(try link([("ipv4", "no"), ("ipv6", "on")]).ipv4 == nil)
    #expect(try link([("echo-interval", "0s")]).echo == nil)
    #expect(try link([("peer-authentication", "none")]).demand == nil)
    #expect(try link([("secret-file", "/s/a")]).credentials?.name == "pwmgr")
  }

  /// The overhead counts the outer headers; FF 03 and the protocol number come on top.
  @Test(
    "The MTU fills the path exactly, as far as PPP goes", arguments: [(1500, 1452), (9000, 8952), (65_535, 16_384)])
  func fits(path: Int, mtu: Int) throws {
    #expect(try link([], pathMTU: path).mtuOctets == mtu)
  }

  @Test("A path that leaves no room is refused with the reason")
  func tooNarrow() {
    guard case .refuse(let result, let reason) = answer(pathMTU: 175) else {
      Issue.record("not refused")
      return
    }
    #expect(result.code == .noFacilitiesTemporary)
    #expect(reason.contains("175"))
  }

  @Test("The files with secrets are named, with their places")
  func secretFiles() {
    let pairs = [("name", "a"), ("secret-file", "/s/a"), ("peer-secret-file", "/s/b"), ("peer-name", "/c")]
    let nodes = pairs.enumerated().map { index, pair in
      let mark = Mark(line: index + 1, column: 9)
      let node = OptionNode(mark: mark, content: .scalar(pair.1, isPlain: true))
      return (key: pair.0, keyMark: Mark(line: index + 1, column: 1), value: node)
    }
    let options = OptionNode(mark: Mark(line: 1, column: 1), content: .mapping(nodes))
    #expect(
      plugin.report(on: options, in: context).secretFiles == [
        SecretFilePlace(path: "/s/a", mark: Mark(line: 2, column: 9)),
        SecretFilePlace(path: "/s/b", mark: Mark(line: 3, column: 9)),
      ])
  }
}
