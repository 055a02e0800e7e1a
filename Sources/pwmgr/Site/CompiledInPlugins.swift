import EthernetPlugin
import PWCore

/// The pseudowire types that this binary knows.
enum CompiledInPlugins {
  /// All of them, in the order in which `check` names them.
  static let all: [any PseudowirePlugin] = [EthernetPlugin()]
}
