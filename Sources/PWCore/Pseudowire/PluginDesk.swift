/// Where the plugins of this process are asked: it reads a pseudowire's options when it is asked about it for the first
/// time, and not again before they have changed.
public struct PluginDesk: Sendable {
  private let plugins: [any PseudowirePlugin]
  private var respondents: [LinkOwner: PseudowireRespondent] = [:]

  /// A desk for plugins, one for each pseudowire type.
  public init(_ plugins: [any PseudowirePlugin]) { self.plugins = plugins }

  /// The answer of the plugin that serves the pseudowire's type; a refusal where none does.
  public mutating func answer(_ question: PluginQuestion) -> PluginAnswer {
    if let known = respondents[question.owner], known.serves(question.declaration) { return known.answer(question) }
    let type = question.declaration.type
    guard let plugin = plugins.first(where: { $0.type == type }) else {
      return .refuse(
        CallResult(.unsupportedPseudowireType), reason: "no plugin serves pseudowire type \(type.rawValue)")
    }
    let respondent = plugin.respondent(for: question)
    respondents[question.owner] = respondent
    return respondent.answer(question)
  }

  /// Forgets the pseudowires: when there is another site, some of them are no longer there.
  public mutating func forget() { respondents = [:] }
}

/// Answers questions about one pseudowire, whose options have been read.
struct PseudowireRespondent: Sendable {
  private let type: PseudowireType
  private let options: OptionValue
  /// Answers one of them.
  let answer: @Sendable (PluginQuestion) -> PluginAnswer

  init(_ declaration: PseudowireDeclaration, answer: @escaping @Sendable (PluginQuestion) -> PluginAnswer) {
    (type, options) = (declaration.type, declaration.options)
    self.answer = answer
  }

  /// Whether a declaration is the one whose options were read, or another with the same ones.
  func serves(_ declaration: PseudowireDeclaration) -> Bool {
    declaration.type == type && declaration.options == options
  }
}

extension PseudowirePlugin {
  /// Answers a question about a pseudowire that is asked about once: its options are read for it alone.
  public func answer(_ question: PluginQuestion) -> PluginAnswer { respondent(for: question).answer(question) }

  func respondent(for question: PluginQuestion) -> PseudowireRespondent {
    let declaration = question.declaration
    // Complaints have been made when the site was read: here there is no file that they could be about.
    var reading = OptionReading(
      OptionNode(declaration.options),
      OptionContext(bridges: [], owner: question.owner, interfaceName: declaration.interfaceName))
    guard let options = read(&reading) else {
      let refusal = PluginAnswer.refuse(
        CallResult(.noFacilitiesPermanent, text: "options missing"),
        reason: reading.diagnostics.first?.message ?? "the options of \(name) are unusable")
      return PseudowireRespondent(declaration) { _ in refusal }
    }
    return PseudowireRespondent(declaration) { answer($0, options) }
  }
}
