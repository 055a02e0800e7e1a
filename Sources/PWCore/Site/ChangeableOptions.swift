/// The options of a plugin that take another value while a session goes on.
///
/// The engine then asks the plugin anew which links the session wants, and the keeper of the links works out the
/// difference. A difference in any other option ends the session, and a new one is set up.
public struct ChangeableOptions: Equatable, Codable, Sendable {
  /// In alphabetical order, so that equal ones are written down alike.
  private var names: [String]

  /// Options by their names.
  public init(_ names: [String]) { self.names = names.sorted() }

  /// Whether a session goes on when its pseudowire's options become other ones.
  public func allow(_ new: OptionValue, inPlaceOf old: OptionValue) -> Bool {
    guard new != old else { return true }
    guard case .mapping(let before) = old, case .mapping(let after) = new else { return false }
    return (before + after).allSatisfy { old[$0.key] == new[$0.key] || names.contains($0.key) }
  }
}
