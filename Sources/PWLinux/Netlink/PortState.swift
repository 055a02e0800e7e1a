import CNetlink

/// The state of a bridge's port (BR_STATE_*, linux/if_bridge.h): frames pass in one of them alone.
enum PortState: UInt8, Sendable {
  /// It takes no part in the bridge.
  case disabled = 0
  /// The spanning tree has not decided yet.
  case listening = 1
  /// It learns addresses, and forwards nothing yet.
  case learning = 2
  /// Frames pass.
  case forwarding = 3
  /// The spanning tree, or somebody, keeps it from forwarding.
  case blocking = 4

  /// Reads IFLA_BRPORT_STATE among a port's attributes.
  init?(_ attributes: NetlinkAttributes) {
    guard let number = attributes.first(IFLA_BRPORT_STATE)?.number(as: UInt8.self) else { return nil }
    self.init(rawValue: number)
  }

  /// As `bridge link` shows it.
  var word: String {
    switch self {
    case .disabled: "disabled"
    case .listening: "listening"
    case .learning: "learning"
    case .forwarding: "forwarding"
    case .blocking: "blocking"
    }
  }
}
