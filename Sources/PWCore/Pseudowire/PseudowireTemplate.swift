/// A declaration that stands for many pseudowires: they are alike, but for their numbers (from 1), their names, their
/// end identifiers and some of their options.
public struct PseudowireTemplate: Equatable, Sendable {
  /// The most pseudowires that one declaration may stand for.
  public static let maximumSessions = 1000

  /// When their sessions are called for.
  public var calling: PseudowireDeclaration.Calling
  /// How many there are.
  public var count: Int
  /// The values of keys that each has for itself, one value for each, in the order of their numbers.
  public var ownValues: [String: [String]]

  /// A template for so many pseudowires.
  public init(calling: PseudowireDeclaration.Calling, count: Int, ownValues: [String: [String]] = [:]) {
    precondition(ownValues.values.allSatisfy { $0.count == count }, "a value for each pseudowire")
    self.calling = calling
    self.count = count
    self.ownValues = ownValues
  }

  /// The options of one of them.
  ///
  /// - Parameters:
  ///   - index: which one, from 0.
  ///   - options: those of the declaration, a mapping.
  public func options(at index: Int, of options: OptionValue) -> OptionValue {
    guard !ownValues.isEmpty, case .mapping(let pairs) = options else { return options }
    return .mapping(pairs.map { pair in ownValues[pair.key].map { (pair.key, .scalar($0[index])) } ?? pair })
  }

  /// The name of one of them, in the site and as its end identifier: `dsl/7`.
  public static func name(_ name: String, number: Int) -> String { "\(name)/\(number)" }
}
