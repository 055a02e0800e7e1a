import PWCore
import PWPluginKit

/// The pseudowire type 'skeleton'. As it is, it serves Ethernet pseudowires whose interface joins a bridge.
struct SkeletonPlugin: ServedPlugin {
  var name: String { "skeleton" }
  var version: String { "0.1" }
  var type: PseudowireType { .ethernet }
  var payload: PseudowirePayload { .ethernet }

  var optionKeys: [KeyDescription] {
    [
      KeyDescription(
        "bridge", "name of a bridge of the site", absent: "none", "The bridge that the interface joins.")
    ]
  }

  func check(_ options: OptionNode, in context: OptionContext) -> [Diagnostic] {
    var reading = OptionReading(options, context)
    if let (bridge, mark) = reading.scalar("bridge"), !context.bridges.contains(bridge) {
      reading.error(mark, "bridge", "the site has no bridge '\(bridge)'")
    }
    return reading.diagnostics
  }

  func attachmentCircuit(of options: OptionValue) -> AttachmentCircuit {
    bridge(in: options).map { .bridge($0) } ?? .none
  }

  func answer(_ question: PluginQuestion) -> PluginAnswer {
    let interface = question.declaration.interfaceName
    let isUp = question.phase == .established && question.isPeerCircuitActive
    var links: [LinkRequest] = [.session(.init(name: interface, mtu: .carry, isUp: isUp))]
    if let bridge = bridge(in: question.declaration.options) {
      links.append(.bridgePort(.init(link: interface, bridge: bridge)))
    }
    return .links(links)
  }

  private func bridge(in options: OptionValue) -> String? {
    guard case .scalar(let bridge)? = options["bridge"] else { return nil }
    return bridge
  }
}
