public import EthernetPlugin
public import PPPPlugin
import PWCore
public import PWPluginKit
import PWPluginWire
import Testing
public import VLANPlugin

/// Our own plugins, served as anybody's would be: across the wire they say the same as in this process.
extension EthernetPlugin: ServedPlugin {}
extension PPPPlugin: ServedPlugin {}
extension VLANPlugin: ServedPlugin {}

@Suite("A compiled-in plugin says the same from another process")
struct CarriedPluginTests {
  private static let context = OptionContext(
    bridges: ["br-lan"], owner: LinkOwner(tunnel: "berlin", pseudowire: "lan"), interfaceName: "berlin-lan")

  /// There and back again, as octets.
  private func exchange(_ request: PluginRequest, _ plugin: some ServedPlugin) throws -> PluginResponse {
    let received = try PluginLine.request(PluginLine.octets(of: request).dropLast())
    #expect(received == request)
    let response = PluginResponder(plugin).response(to: received)
    let line = PluginLine.octets(of: response)
    #expect(line.count <= PluginProtocol.maximumResponseOctets)
    #expect(try PluginLine.response(line.dropLast()) == response)
    return response
  }

  private func question(
    _ type: PseudowireType, _ options: [(String, String)], established: Bool = true
  ) -> PluginQuestion {
    PluginQuestion(
      owner: Self.context.owner,
      declaration: PseudowireDeclaration(
        name: "lan", type: type, remoteEndID: RemoteEndID(text: "lan-1"), interfaceName: "berlin-lan",
        cookieLengthOctets: 4, sublayer: .standard, isSequenced: true,
        options: .mapping(options.map { (key: $0.0, value: .scalar($0.1)) })),
      phase: established ? .established : .connecting, isPeerCircuitActive: true, pathMTUOctets: 1480,
      overheadOctets: 40)
  }

  @Test("version: type, payload, options and verbs")
  func version() throws {
    let identity = try exchange(.version(1, pwmgr: "1.2.3"), EthernetPlugin()).identity()
    #expect(identity.type == .ethernet)
    #expect(identity.payload == .ethernet)
    #expect(identity.options == EthernetPlugin().optionKeys)
    #expect(identity.verbs == PluginVerb.optional)
  }

  @Test("up: the same links, whatever the options", arguments: [true, false])
  func links(established: Bool) throws {
    let ethernet: [[(String, String)]] = [
      [], [("bridge", "br-lan")], [("bridge", "br-lan"), ("split-horizon", "core")], [("member", "eth1")],
      [("member", "eth1"), ("pass-fault", "true"), ("mtu", "1400")], [("bridge", "br-lan"), ("mtu", "fit")],
    ]
    for options in ethernet { try expectSame(question(.ethernet, options, established: established), EthernetPlugin()) }
    let vlan: [[(String, String)]] = [
      [("port", "eth1"), ("vlan", "111")], [("port", "eth1"), ("vlan", "222"), ("tag", "802.1ad"), ("priority", "5")],
      [("port", "eth1"), ("vlans", "1-50,100"), ("tag", "802.1ad"), ("priority", "5")],
    ]
    for options in vlan { try expectSame(question(.ethernetVLAN, options, established: established), VLANPlugin()) }
  }

  @Test("up: the same PPP link, with all that it may have, and without", arguments: [true, false])
  func pppLinks(established: Bool) throws {
    let all = [
      ("local-address", "10.9.0.1"), ("peer-address", "10.9.0.2"), ("ipv6", "true"), ("default-route", "true"),
      ("mtu", "1400"), ("name", "ams"), ("secret-file", "/s/ams"), ("peer-authentication", "mschap-v2"),
      ("peer-name", "ber"), ("peer-secret-file", "/s/ber"), ("echo-interval", "5s"), ("echo-failures", "2"),
      ("up", "/bin/up"), ("down", "/bin/down"),
    ]
    for options in [all, [], [("ipv4", "false"), ("ipv6", "true"), ("echo-interval", "0s")]] {
      try expectSame(question(.ppp, options, established: established), PPPPlugin())
    }
    let session = PluginSession(owner: Self.context.owner, declaration: question(.ppp, all).declaration)
    let validation = try exchange(.validate(1, session, bridges: []), PPPPlugin()).validation()
    #expect(Set(validation.secretFiles) == [[.key("secret-file")], [.key("peer-secret-file")]])
  }

  private func expectSame(_ question: PluginQuestion, _ plugin: some ServedPlugin) throws {
    let response = try exchange(.up(7, question), plugin)
    #expect(response.id == 7)
    #expect(
      try response.answer(to: question, payload: plugin.payload, bridges: ["br-lan"]) == plugin.answer(question))
  }

  @Test("up: a refusal with its code and its reason")
  func refusal() throws {
    let question = question(.ethernet, [("mtu", "fit")])
    var narrow = question
    narrow.pathMTUOctets = 100
    let answer = try exchange(.up(1, narrow), EthernetPlugin())
      .answer(to: narrow, payload: .ethernet, bridges: [])
    guard case .refuse(let result, let reason) = answer else {
      Issue.record("\(answer) is no refusal")
      return
    }
    #expect(result.code == .noFacilitiesTemporary)
    #expect(reason.contains("leaves no room"))
  }

  @Test("validate: each complaint with the way to what it is about")
  func validate() throws {
    let declaration = question(.ethernetVLAN, []).declaration
    var faulty = declaration
    faulty.options = .mapping([
      (key: "port", value: .scalar("eth1")), (key: "priority", value: .mapping([(key: "9", value: .scalar("x"))])),
      (key: "vlan", value: .scalar("5000")),
    ])
    let session = PluginSession(owner: Self.context.owner, declaration: faulty)
    let validation = try exchange(.validate(1, session, bridges: ["br-lan"]), VLANPlugin()).validation()
    #expect(
      validation.problems.map(\.path) == [
        [.key("vlan")], [.key("priority"), .key("9")], [.key("priority"), .key("9")],
      ])
    #expect(validation.problems.map(\.key) == [false, true, false])
    #expect(validation.problems.allSatisfy { $0.severity == "error" })
  }

  @Test("validate: the attachment of the pseudowire, and its group")
  func attachment() throws {
    let session = PluginSession(
      owner: Self.context.owner,
      declaration: question(.ethernet, [("bridge", "br-lan"), ("split-horizon", "core")]).declaration)
    let validation = try exchange(.validate(1, session, bridges: ["br-lan"]), EthernetPlugin()).validation()
    #expect(validation.problems.isEmpty)
    #expect(validation.attachment == .bridge("br-lan"))
    #expect(validation.splitHorizonGroup == "core")
    let vlan = PluginSession(
      owner: Self.context.owner,
      declaration: question(.ethernetVLAN, [("port", "eth1"), ("vlan", "7"), ("tag", "802.1ad")]).declaration)
    let circuit = try exchange(.validate(1, vlan, bridges: []), VLANPlugin()).validation().attachment
    #expect(circuit == .vlan(port: "eth1", VLANTag(7, .service)))
    let trunk = PluginSession(
      owner: Self.context.owner,
      declaration: question(.ethernetVLAN, [("port", "eth1"), ("vlans", "3,1-2, 9")]).declaration)
    let circuits = try exchange(.validate(1, trunk, bridges: []), VLANPlugin()).validation().attachment
    #expect(circuits == .trunk(port: "eth1", VLANSet([1...3, 9...9])))
  }

  @Test("a request that has no known verb, or lacks its parts, is answered with an error")
  func faults() throws {
    let responder = PluginResponder(EthernetPlugin())
    for line in [
      #"{"id":1,"verb":"dance"}"#, #"{"id":1,"verb":"up"}"#, #"{"id":1,"verb":"gc"}"#,
      #"{"id":1,"verb":"version","protocols":[7]}"#,
    ] {
      let response = responder.response(to: try PluginLine.request(line.utf8))
      #expect(response.id == 1)
      #expect(response.error != nil, "\(line)")
    }
  }
}
