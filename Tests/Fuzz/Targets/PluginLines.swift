import EthernetPlugin
import PWCore
import PWPluginKit
import PWPluginWire

/// Served only to be given anything.
private struct FuzzedPlugin: ServedPlugin {
  private let plugin = EthernetPlugin()
  var name: String { plugin.name }
  var type: PseudowireType { plugin.type }
  var payload: PseudowirePayload { plugin.payload }
  var optionKeys: [KeyDescription] { plugin.optionKeys }
  func read(_ reading: inout OptionReading) -> EthernetOptions? { plugin.read(&reading) }
  func outline(of options: EthernetOptions) -> PseudowireOutline { plugin.outline(of: options) }
  func answer(_ question: PluginQuestion, _ options: EthernetOptions) -> PluginAnswer {
    plugin.answer(question, options)
  }
}

extension FuzzTarget {
  /// Lines that a plugin writes, and lines that the kit reads: taken or refused, and what is taken is what links can be.
  static let pluginLines = FuzzTarget(name: "plugin-lines") { octets in
    let question = PluginQuestion(
      owner: LinkOwner(tunnel: "t", pseudowire: "p"),
      declaration: PseudowireDeclaration(
        name: "p", type: .ethernet, remoteEndID: RemoteEndID(number: 1), interfaceName: "t-p"),
      phase: .established, isPeerCircuitActive: true, pathMTUOctets: 1500, overheadOctets: 40)
    if let response = try? PluginLine.response(octets) {
      _ = try? response.identity()
      _ = try? response.validation()
      for text in response.shownProblems() {
        precondition(text.unicodeScalars.allSatisfy { $0.value >= 0x20 }, "a control character is shown")
      }
      if case .links(let requests)? = try? response.answer(to: question, payload: .ethernet, bridges: ["br0"]) {
        for case .session(let link) in requests { precondition(link.name == "t-p", "a link of somebody else's") }
        precondition((1...2).contains(requests.count))
      }
    }
    if let request = try? PluginLine.request(octets) {
      let response = PluginResponder(FuzzedPlugin()).response(to: request)
      precondition(response.id == request.id)
      precondition((try? PluginLine.response(PluginLine.octets(of: response).dropLast())) == response)
    }
  }
}
