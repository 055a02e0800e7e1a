import PWCore
import PWPluginKit
import PWPluginWire
import Testing

/// `SkeletonPlugin.swift` is what `pwmgr plugin new skeleton --language swift` writes (a test of that command compares them): it
/// is compiled here, and works as it is.
@Suite("The skeleton of a plugin in Swift")
struct SkeletonTests {
  private func session(_ bridge: String?) -> PluginSession {
    PluginSession(
      owner: LinkOwner(tunnel: "berlin", pseudowire: "lan"),
      declaration: PseudowireDeclaration(
        name: "lan", type: .ethernet, remoteEndID: RemoteEndID(number: 1), interfaceName: "berlin-lan",
        options: .mapping(bridge.map { [(key: "bridge", value: .scalar($0))] } ?? [])))
  }

  private func response(_ request: PluginRequest) -> PluginResponse {
    PluginResponder(SkeletonPlugin()).response(to: request)
  }

  @Test("its interface joins a bridge of the site, and no other")
  func bridges() throws {
    let right = try response(.validate(1, session("br-lan"), bridges: ["br-lan"])).validation()
    #expect(right.problems.isEmpty)
    #expect(right.attachment == .bridge("br-lan"))
    let wrong = try response(.validate(1, session("br-other"), bridges: ["br-lan"])).validation()
    #expect(wrong.problems.map(\.path) == [[.key("bridge")]])
    let none = try response(.validate(1, session(nil), bridges: [])).validation()
    #expect(none == PluginValidation())
    let empty = try response(.validate(1, session(""), bridges: ["br-lan"])).validation()
    #expect(empty.problems.map(\.path) == [[.key("bridge")]], "and not that what stands behind it has no name")
  }

  @Test("its interface is up when the session is established and the peer's circuit active", arguments: [true, false])
  func links(isActive: Bool) throws {
    let question = PluginQuestion(
      owner: LinkOwner(tunnel: "berlin", pseudowire: "lan"), declaration: try session("br-lan").declaration(),
      phase: .established, isPeerCircuitActive: isActive, pathMTUOctets: 1500, overheadOctets: 46)
    let answer = try response(.up(1, question)).answer(to: question, payload: .ethernet, bridges: ["br-lan"])
    #expect(
      answer
        == .links([
          .session(.init(name: "berlin-lan", mtu: .carry, isUp: isActive)),
          .bridgePort(.init(link: "berlin-lan", bridge: "br-lan")),
        ]))
  }
}
