import EthernetPlugin
import PPPPlugin
import PWCore
import VLANPlugin

/// The pseudowire types that this binary knows: a new one is one line here.
enum CompiledInPlugins {
  /// All of them, in the order in which `check` names them.
  static let all: [any PseudowirePlugin] = [EthernetPlugin(), PPPPlugin(), VLANPlugin()]

  /// The plugin of a pseudowire type.
  static func plugin(for type: PseudowireType) -> (any PseudowirePlugin)? {
    all.first { $0.type == type }
  }

  /// The types and payloads of the plugins, for the engine.
  static var descriptions: [PluginDescription] {
    all.map { PluginDescription(type: $0.type, payload: $0.payload, options: $0.optionKeys) }
  }
}
