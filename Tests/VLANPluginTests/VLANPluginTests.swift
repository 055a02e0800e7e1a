import PWCore
import Testing

@testable import VLANPlugin

/// Questions about a session, and the links that answer them.
struct VLANPluginTests {
  private let plugin = VLANPlugin()

  private let context = OptionContext(
    bridges: ["br-lan"], owner: LinkOwner(tunnel: "t", pseudowire: "p"), interfaceName: "pw0")

  private func outline(_ options: OptionValue) -> PseudowireOutline {
    plugin.report(on: OptionNode(options), in: context).outline
  }
  private static let port: [(key: String, value: OptionValue)] = [
    (key: "port", value: .scalar("eth1")), (key: "vlan", value: .scalar("111")),
  ]

  private func question(
    _ more: [(key: String, value: OptionValue)] = [], phase: PluginQuestion.Phase = .established,
    peerIsActive: Bool = true, pathMTU: Int = 1500, overhead: Int = 44
  ) -> PluginQuestion {
    let declaration = PseudowireDeclaration(
      name: "lan", type: .ethernetVLAN, remoteEndID: RemoteEndID(number: 100), interfaceName: "pw0",
      options: .mapping(Self.port + more))
    return PluginQuestion(
      owner: LinkOwner(tunnel: "berlin", pseudowire: "lan"), declaration: declaration, phase: phase,
      isPeerCircuitActive: peerIsActive, pathMTUOctets: pathMTU, overheadOctets: overhead)
  }

  private func links(
    _ tag: VLANTag = VLANTag(111), _ priorities: TagPriorities = .kept, mtu: LinkRequest.MTU = .carry, isUp: Bool = true
  ) -> PluginAnswer {
    .links([
      .session(.init(name: "pw0", mtu: mtu, isUp: isUp)),
      .vlanCircuit(.init(link: "pw0", port: "eth1", tag: tag, priorities: priorities)),
    ])
  }

  @Test("It serves type 0x0004 with an Ethernet payload")
  func identity() {
    #expect(plugin.name == "vlan")
    #expect(plugin.type.rawValue == 0x0004)
    #expect(plugin.payload == .ethernet)
  }

  @Test(
    "The VLAN is joined from the beginning; the link is up when the session is established and the peer's circuit active",
    arguments: [
      (.connecting, true, false), (.connecting, false, false), (.established, true, true), (.established, false, false),
    ] as [(PluginQuestion.Phase, Bool, Bool)])
  func linkState(phase: PluginQuestion.Phase, peerIsActive: Bool, isUp: Bool) {
    #expect(plugin.answer(question(phase: phase, peerIsActive: peerIsActive)) == links(isUp: isUp))
  }

  @Test("The attachment circuit is the VLAN of the port, by its kind of tag")
  func circuit() {
    let service = question([(key: "tag", value: .scalar("802.1ad"))])
    #expect(plugin.answer(service) == links(VLANTag(111, .service)))
    #expect(
      outline(service.declaration.options).attachment == .vlan(port: "eth1", VLANTag(111, .service)))
    #expect(outline(question().declaration.options).attachment == .vlan(port: "eth1", VLANTag(111)))
    #expect(outline(question().declaration.options).splitHorizonGroup == nil)
  }

  @Test("Priorities stay, become one, or change as the mapping says")
  func priorities() {
    #expect(plugin.answer(question([(key: "priority", value: .scalar("keep"))])) == links())
    let all = TagPriorities([0: 4, 1: 4, 2: 4, 3: 4, 5: 4, 6: 4, 7: 4])
    #expect(plugin.answer(question([(key: "priority", value: .scalar("4"))])) == links(VLANTag(111), all))
    let some: OptionValue = .mapping([(key: "5", value: .scalar("3")), (key: "0", value: .scalar("1"))])
    #expect(
      plugin.answer(question([(key: "priority", value: some)])) == links(VLANTag(111), TagPriorities([5: 3, 0: 1])))
  }

  @Test("Several VLANs are a trunk, whatever order they are written in")
  func trunk() {
    let options: OptionValue = .mapping([
      (key: "port", value: .scalar("eth1")), (key: "tag", value: .scalar("802.1ad")),
      (key: "vlans", value: .scalar("100, 2-50,1,60-61")),
    ])
    let vlans = VLANSet([1...50, 60...61, 100...100], .service)
    #expect(vlans.text == "1-50,60-61,100")
    #expect(vlans.tags.count == 53)
    #expect(outline(options).attachment == .trunk(port: "eth1", vlans))
    let wrong: OptionValue = .mapping([(key: "port", value: .scalar("eth1")), (key: "vlans", value: .scalar("1,x"))])
    #expect(outline(wrong).attachment == .none, "it has not passed the check")
    var question = question()
    question.declaration.options = options
    #expect(
      plugin.answer(question)
        == .links([
          .session(.init(name: "pw0", mtu: .carry, isUp: true)),
          .vlanTrunk(.init(link: "pw0", port: "eth1", vlans: vlans)),
        ]))
  }

  /// Overheads as in RFC 4719 section 3.3; the tag counts.
  @Test(
    "A packet of the fitting MTU in a frame with one tag fills the path exactly",
    arguments: [(1500, 44, 1438), (1500, 24, 1458), (9000, 44, 8938), (1280, 60, 1202), (200_000, 44, 65_535)])
  func fit(pathMTU: Int, overhead: Int, mtu: Int) {
    let question = question([(key: "mtu", value: .scalar("fit"))], pathMTU: pathMTU, overhead: overhead)
    #expect(plugin.answer(question) == links(mtu: .octets(mtu)))
    if mtu < 65_535 { #expect(mtu + 14 + 4 + overhead == pathMTU) }
  }

  @Test("A path that is too narrow for any packet is refused with the cure")
  func tooNarrow() {
    guard
      case .refuse(let result, let reason) = plugin.answer(
        question([(key: "mtu", value: .scalar("fit"))], pathMTU: 129))
    else {
      Issue.record("not refused")
      return
    }
    #expect(result.code == .noFacilitiesTemporary)
    #expect(reason.contains("mtu: carry"))
  }

  @Test("A number is taken as it is")
  func number() {
    #expect(plugin.answer(question([(key: "mtu", value: .scalar("1400"))])) == links(mtu: .octets(1400)))
  }
}
