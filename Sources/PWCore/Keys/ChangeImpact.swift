/// The most that a changed value of a key of the site file costs while the site runs, from nothing up.
///
/// Each key declares its own beside its name and type; a key without one does not compile. The engine acts by them
/// where the options of a pseudowire change, and tests compare the cost of other keys with what they declare.
public enum ChangeImpact: String, Comparable, Codable, Sendable, CaseIterable {
  /// Nothing that runs depends on it.
  case none
  /// It takes effect while everything goes on: no frame is lost, and no identifier changes.
  case inPlace = "in-place"
  /// The session of the pseudowire is set up anew.
  case session
  /// The control connection is set up anew, with every session of the tunnel.
  case tunnel
  /// The running daemon refuses it: it has to be started again.
  case restart

  /// Whether the first costs less than the second.
  public static func < (left: ChangeImpact, right: ChangeImpact) -> Bool { left.rank < right.rank }

  private var rank: Int {
    switch self {
    case .none: 0
    case .inPlace: 1
    case .session: 2
    case .tunnel: 3
    case .restart: 4
    }
  }
}

extension ChangeableOptions {
  /// Those among the keys that a plugin reads whose change takes effect in place.
  public init(of keys: [KeyDescription]) {
    self.init(keys.filter { ($0.change ?? .session) <= .inPlace }.map(\.name))
  }
}
