/// Something about a pseudowire that the operator should know though frames pass.
public struct PseudowireWarning: Equatable, Sendable {
  /// What it is about, for programs.
  public var code: Code
  /// The same for people: what is wrong, and the cure.
  public var words: String

  /// A warning.
  public init(_ code: Code, _ words: String) {
    self.code = code
    self.words = words
  }

  /// The kinds. Programs rely on these names: a kind may be added, and none is renamed.
  public enum Code: String, CaseIterable, Codable, Sendable {
    /// Frames of the LAN may be too large for the pseudowire.
    case lanMTU = "lan-mtu"
    /// The two ends' attachment circuits have different MTUs.
    case interfaceMTU = "interface-mtu"
    /// VLANs of the bridge do not pass the pseudowire's port, or cannot be told apart there.
    case vlans
    /// The firewall may drop frames that cross the bridge.
    case firewall
    /// Data packets of the peer are lost on their way.
    case loss
    /// A plugin in another process has a problem.
    case plugin
    /// Anything else.
    case other
  }
}

extension PseudowireWarning: CodedWords {
  /// Whatever the keeper of links has not told apart.
  public static var usualCode: Code { .other }
}
