import PWCore
import Testing

@testable import EthernetPlugin

/// Questions about a session, and the links that answer them.
struct EthernetPluginTests {
  private let plugin = EthernetPlugin()

  private let context = OptionContext(
    bridges: ["br-lan"], owner: LinkOwner(tunnel: "t", pseudowire: "p"), interfaceName: "pw0")

  private func outline(_ options: OptionValue) -> PseudowireOutline {
    plugin.report(on: OptionNode(options), in: context).outline
  }

  @Test(
    "A port's VLANs are those of either key, and nothing is said of them where there is none",
    arguments: [
      ([], nil), ([("vlans", "10")], PortVLANs(tagged: VLANSet([10...10]))),
      ([("untagged-vlan", "none")], PortVLANs(untagged: .none)),
      ([("vlans", "none"), ("untagged-vlan", "7")], PortVLANs(untagged: .vlan(7))),
    ] as [([(String, String)], PortVLANs?)])
  func portVLANs(options: [(String, String)], vlans: PortVLANs?) {
    let answer = plugin.answer(question([("bridge", "br-lan")] + options))
    let port = LinkRequest.bridgePort(.init(link: "pw0", bridge: "br-lan", vlans: vlans))
    #expect(answer == .links([.session(.init(name: "pw0", mtu: .carry, isUp: true)), port]))
  }

  private func question(
    _ options: [(String, String)], phase: PluginQuestion.Phase = .established, peerIsActive: Bool = true,
    pathMTU: Int = 1500, overhead: Int = 44
  ) -> PluginQuestion {
    let declaration = PseudowireDeclaration(
      name: "lan", type: .ethernet, remoteEndID: RemoteEndID(number: 100), interfaceName: "pw0",
      options: .mapping(options.map { (key: $0.0, value: .scalar($0.1)) }))
    return PluginQuestion(
      owner: LinkOwner(tunnel: "berlin", pseudowire: "lan"), declaration: declaration, phase: phase,
      isPeerCircuitActive: peerIsActive, pathMTUOctets: pathMTU, overheadOctets: overhead)
  }

  @Test("It serves type 0x0005 with an Ethernet payload")
  func identity() {
    #expect(plugin.name == "ethernet")
    #expect(plugin.type.rawValue == 0x0005)
    #expect(plugin.payload == .ethernet)
  }

  @Test(
    "The link is up when the session is established and the peer's circuit active, and only then",
    arguments: [
      (.connecting, true, false), (.connecting, false, false), (.established, true, true), (.established, false, false),
    ] as [(PluginQuestion.Phase, Bool, Bool)])
  func linkState(phase: PluginQuestion.Phase, peerIsActive: Bool, isUp: Bool) {
    let answer = plugin.answer(question([], phase: phase, peerIsActive: peerIsActive))
    #expect(answer == .links([.session(.init(name: "pw0", mtu: .carry, isUp: isUp))]))
  }

  @Test(
    "The interface is a port of the bridge from the beginning",
    arguments: [.connecting, .established] as [PluginQuestion.Phase])
  func bridge(phase: PluginQuestion.Phase) {
    let answer = plugin.answer(question([("bridge", "br-lan")], phase: phase))
    #expect(
      answer
        == .links([
          .session(.init(name: "pw0", mtu: .carry, isUp: phase == .established)),
          .bridgePort(.init(link: "pw0", bridge: "br-lan", isIsolated: false)),
        ]))
    #expect(outline(.mapping([(key: "bridge", value: .scalar("br-lan"))])).attachment == .bridge("br-lan"))
  }

  @Test("A split-horizon group isolates the port")
  func splitHorizon() {
    let options = [("bridge", "br-lan"), ("split-horizon", "mesh")]
    let answer = plugin.answer(question(options))
    #expect(
      answer
        == .links([
          .session(.init(name: "pw0", mtu: .carry, isUp: true)),
          .bridgePort(.init(link: "pw0", bridge: "br-lan", isIsolated: true)),
        ]))
    #expect(outline(question(options).declaration.options).splitHorizonGroup == "mesh")
    #expect(outline(question([("bridge", "br-lan")]).declaration.options).splitHorizonGroup == nil)
  }

  @Test(
    "A member is joined end to end, and hears of faults if it is to", arguments: [("true", true), ("false", false)])
  func member(text: String, passesFault: Bool) {
    let options = [("member", "eth1"), ("pass-fault", text)]
    #expect(
      plugin.answer(question(options))
        == .links([
          .session(.init(name: "pw0", mtu: .carry, isUp: true)),
          .pointToPoint(.init(link: "pw0", member: "eth1", passesFaultToMember: passesFault)),
        ]))
    #expect(outline(question(options).declaration.options).attachment == .member("eth1"))
  }

  @Test("With neither bridge nor member the circuit is always there")
  func alone() {
    #expect(outline(.mapping([])).attachment == .none)
  }

  /// Overheads as in RFC 4719 section 3.3: outer IP header and N.
  @Test(
    "An untagged packet of the fitting MTU fills the path exactly",
    arguments: [
      (1500, 20 + 8 + 4 + 4 + 8, 1442), (1500, 20 + 4 + 0, 1462), (1500, 40 + 8 + 8 + 8 + 4, 1418), (9000, 44, 8942),
      (1280, 60, 1206), (200_000, 44, 65_535),
    ])
  func fit(pathMTU: Int, overhead: Int, mtu: Int) {
    let answer = plugin.answer(question([("mtu", "fit")], pathMTU: pathMTU, overhead: overhead))
    #expect(answer == .links([.session(.init(name: "pw0", mtu: .octets(mtu), isUp: true))]))
    if mtu < 65_535 { #expect(mtu + EthernetFrame.headerOctets + overhead == pathMTU) }
  }

  @Test("A path that is too narrow for any packet is refused with the cure")
  func tooNarrow() throws {
    guard case .refuse(let result, let reason) = plugin.answer(question([("mtu", "fit")], pathMTU: 125)) else {
      Issue.record("not refused")
      return
    }
    #expect(result.code == .noFacilitiesTemporary)
    #expect(reason.contains("mtu: carry"))
    #expect(
      plugin.answer(question([("mtu", "fit")], pathMTU: 126))
        == .links([.session(.init(name: "pw0", mtu: .octets(68), isUp: true))]))
  }

  @Test("A number is taken as it is")
  func number() {
    let answer = plugin.answer(question([("mtu", "1400")]))
    #expect(answer == .links([.session(.init(name: "pw0", mtu: .octets(1400), isUp: true))]))
  }
}
