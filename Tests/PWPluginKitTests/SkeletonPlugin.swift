import PWCore
import PWPluginKit

/// The pseudowire type 'skeleton'. As it is, it serves Ethernet pseudowires whose interface joins a bridge.
struct SkeletonPlugin: ServedPlugin {
  var name: String { "skeleton" }
  var version: String { "0.1" }
  var type: PseudowireType { .ethernet }
  var payload: PseudowirePayload { .ethernet }

  private let bridge = Key<String?>(
    "bridge", .text("name of a bridge of the site"), absent: "none", change: .session,
    "The bridge that the interface joins.")

  var optionKeys: [KeyDescription] { [bridge.description] }

  /// The options of a pseudowire, read and checked.
  struct Options {
    var bridge: String?
  }

  func read(_ reading: inout OptionReading) -> Options? {
    let name = reading.value(of: bridge)
    if let name, let mark = reading.mark(of: bridge), !reading.context.bridges.contains(name) {
      reading.error(mark, bridge.name, "the site has no bridge '\(name)'")
    }
    return Options(bridge: name)
  }

  func outline(of options: Options) -> PseudowireOutline {
    PseudowireOutline(attachment: options.bridge.map { .bridge($0) } ?? .none)
  }

  func answer(_ question: PluginQuestion, _ options: Options) -> PluginAnswer {
    let interface = question.declaration.interfaceName
    let isUp = question.phase == .established && question.isPeerCircuitActive
    var links: [LinkRequest] = [.session(.init(name: interface, mtu: .carry, isUp: isUp))]
    if let bridge = options.bridge { links.append(.bridgePort(.init(link: interface, bridge: bridge))) }
    return .links(links)
  }
}
