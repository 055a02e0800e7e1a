import Synchronization
import Testing

@testable import PWCore

/// Where the plugins of a process are asked about sessions.
struct PluginDeskTests {
  /// Answers with the MTU that its `mtu` says, and counts how often it reads.
  private final class Counted: PseudowirePlugin {
    let name = "counted"
    let type = PseudowireType.ethernet
    let payload = PseudowirePayload.ethernet
    let readings = Mutex(0)
    private let mtu = Key<MTUOption>("mtu", .mtu, default: .carry, change: .session, "How large.")

    func read(_ reading: inout OptionReading) -> MTUOption? {
      readings.withLock { $0 += 1 }
      return reading.value(of: mtu)
    }

    func outline(of options: MTUOption) -> PseudowireOutline { PseudowireOutline() }

    func answer(_ question: PluginQuestion, _ options: MTUOption) -> PluginAnswer {
      guard let mtu = options.linkMTU(question, headerOctets: 14) else {
        return MTUOption.tooNarrow(question, headerOctets: 14)
      }
      return .links([.session(.init(name: question.declaration.interfaceName, mtu: mtu, isUp: false))])
    }
  }

  private func question(
    _ name: String, mtu: String, type: PseudowireType = .ethernet, pathMTU: Int = 1500
  ) -> PluginQuestion {
    PluginQuestion(
      owner: LinkOwner(tunnel: "berlin", pseudowire: name),
      declaration: PseudowireDeclaration(
        name: name, type: type, remoteEndID: RemoteEndID(number: 1), interfaceName: "berlin-\(name)",
        options: .mapping([(key: "mtu", value: .scalar(mtu))])),
      phase: .established, isPeerCircuitActive: true, pathMTUOctets: pathMTU, overheadOctets: 40)
  }

  private func link(_ name: String, _ mtu: LinkRequest.MTU) -> PluginAnswer {
    .links([.session(.init(name: "berlin-\(name)", mtu: mtu, isUp: false))])
  }

  @Test("The options of a pseudowire are read once, however often it is asked about")
  func once() {
    let plugin = Counted()
    var desk = PluginDesk([plugin])
    #expect(desk.answer(question("lan", mtu: "fit")) == link("lan", .octets(1446)))
    #expect(desk.answer(question("lan", mtu: "fit", pathMTU: 1400)) == link("lan", .octets(1346)))
    #expect(plugin.readings.withLock { $0 } == 1)
    #expect(desk.answer(question("wan", mtu: "1300")) == link("wan", .octets(1300)))
    #expect(plugin.readings.withLock { $0 } == 2)
  }

  @Test("Other options are read, and a desk that has forgotten a pseudowire reads its options again")
  func changes() {
    let plugin = Counted()
    var desk = PluginDesk([plugin])
    #expect(desk.answer(question("lan", mtu: "1300")) == link("lan", .octets(1300)))
    #expect(desk.answer(question("lan", mtu: "1400")) == link("lan", .octets(1400)))
    #expect(plugin.readings.withLock { $0 } == 2)
    desk.forget()
    #expect(desk.answer(question("lan", mtu: "1400")) == link("lan", .octets(1400)))
    #expect(plugin.readings.withLock { $0 } == 3)
  }

  @Test("A pseudowire of a type that no plugin serves is refused, and so is one whose type has changed to such a one")
  func unserved() {
    var desk = PluginDesk([Counted()])
    #expect(desk.answer(question("lan", mtu: "fit")) == link("lan", .octets(1446)))
    let refusal = PluginAnswer.refuse(
      CallResult(.unsupportedPseudowireType), reason: "no plugin serves pseudowire type 7")
    #expect(desk.answer(question("lan", mtu: "fit", type: .ppp)) == refusal)
  }
}
