/// What a declaration that stands for many pseudowires says of them: they are alike, but for their numbers (from 1), their names, their
/// end identifiers and their options.
public struct PseudowireTemplate: Equatable, Sendable {
  /// The most pseudowires that one declaration may stand for.
  public static let maximumSessions = 1000

  /// When their sessions are called for.
  public var calling: PseudowireDeclaration.Calling
  /// The options of each, in the order of their numbers.
  public var options: [OptionValue]

  /// A template for as many pseudowires as there are options.
  public init(calling: PseudowireDeclaration.Calling, options: [OptionValue]) {
    self.calling = calling
    self.options = options
  }

  /// The name of one of them, in the site and as its end identifier: `dsl/7`.
  public static func name(_ name: String, number: Int) -> String { "\(name)/\(number)" }
}
