public import PWCore
import PWPluginWire

/// Tries whether a plugin keeps the rules of the protocol: plays pwmgr's part, and worse.
public final class PluginTrial {
  /// The result of trying a rule.
  public struct Finding: Equatable, Sendable {
    /// The rule in words: what a plugin does that keeps it.
    public var rule: String
    /// Whether the plugin keeps the rule.
    public var verdict: Verdict
  }

  /// Whether a rule is kept.
  public enum Verdict: Equatable, Sendable {
    /// The plugin keeps the rule.
    case kept
    /// It is not: how.
    case broken(String)
    /// It could not be tried: why.
    case untried(String)
  }

  /// A version of the protocol that nobody has written.
  static let futureVersion = 4711
  /// The pseudowire that is asked about.
  static let usualName = "test"
  /// Those that are asked about at once.
  static var namesAtOnce: [String] { (0..<PluginLimits.openQuestions).map { "pw\($0)" } }
  /// Advice for a refusal, which may be about the options or the interface.
  static let cure =
    "use --option KEY=VALUE; if it needs the interface, which does not exist: 'pwmgr plugin test --help' says how to "
    + "create one"
  /// Sessions in the longest line that is tried.
  static let manySessions = 2000
  /// Values that no plugin expects.
  static let oddValues: [OptionValue] = [
    .scalar(""), .scalar("\u{0}\u{1B}[31m \u{1F41F} \u{202E}"), .scalar(String(repeating: "9", count: 4000)),
    .sequence([.scalar("a"), .sequence([])]), .mapping([(key: "a.b c", value: .mapping([]))]),
  ]

  let path: String
  let version: String
  let bridges: [String]
  private let options: OptionValue
  /// The keys of the options of the test.
  let optionNames: [String]
  private let patience: PluginPatience
  private(set) var identity = PluginIdentity(version: "", type: .ethernet, payload: .ethernet)

  /// Prepares the trial of a plugin; ``run(_:)`` begins it.
  ///
  /// - Parameters:
  ///   - path: the full path of its executable.
  ///   - options: what the site file would say.
  ///   - bridges: the bridges that the site would have.
  ///   - version: pwmgr's own.
  ///   - patience: how long it is waited for.
  public init(
    path: String, options: [(key: String, value: String)], bridges: [String], version: String,
    patience: PluginPatience = .usual
  ) {
    self.path = path
    self.options = .mapping(options.map { (key: $0.key, value: .scalar($0.value)) }.sorted { $0.key < $1.key })
    optionNames = options.map(\.key)
    self.bridges = bridges
    self.version = version
    self.patience = patience
  }

  /// The options that must be there and are not, once the plugin has said what it is: without them nothing more is tried.
  public var missingOptions: [KeyDescription] { identity.missingOptions(in: options) }

  /// Tries one rule after the other, and tells of each as soon as it is found; a plugin that does not say what it is, or whose
  /// options are not all there, is not tried further.
  public func run(_ tell: (Finding) -> Void) {
    for (number, rule) in PluginRule.all.enumerated() {
      let verdict: Verdict
      do throws(PluginFault) {
        verdict = try rule.attempt(self).map { .untried($0) } ?? .kept
      } catch {
        verdict = .broken(error.description)
      }
      tell(Finding(rule: rule.title, verdict: verdict))
      if number == 0, verdict != .kept || !missingOptions.isEmpty { return }
    }
    leaveNothing()
  }

  /// Takes down all that was asked for: what a plugin has made is not to outlive the trial.
  private func leaveNothing() {
    guard identity.verbs.contains(.down), let enquiry = try? start() else { return }
    for name in [PluginTrial.usualName] + PluginTrial.namesAtOnce {
      let session = session(name)
      _ = try? enquiry.ask(.down) { .down($0, session) }
    }
    try? enquiry.finish()
  }

  // MARK: Parts of rules

  /// All options of the plugin, each with a value that no plugin expects. One whose type says that pwmgr would refuse
  /// it has the value of the test, if there is one: the plugin may rely on types.
  func options(eachOf odd: OptionValue) -> [(key: String, value: OptionValue)] {
    identity.options.compactMap { key in
      let isTold = key.form?.faults(of: OptionNode(odd)).isEmpty ?? true
      return (isTold ? odd : options[key.name]).map { (key: key.name, value: $0) }
    }
  }

  /// A process that has been asked nothing.
  func enquire() throws(PluginFault) -> PluginEnquiry { try PluginEnquiry(path: path, patience: patience) }

  /// A process that has said what it is.
  func start() throws(PluginFault) -> PluginEnquiry {
    let enquiry = try enquire()
    identity = try enquiry.identity(version: version)
    return enquiry
  }

  func session(_ name: String = PluginTrial.usualName, options: OptionValue? = nil, isEstablished: Bool? = nil)
    -> PluginSession
  {
    let question = question(name, established: true)
    var declaration = question.declaration
    declaration.options = options ?? self.options
    var session = PluginSession(owner: question.owner, declaration: declaration)
    session.isEstablished = isEstablished
    return session
  }

  func question(_ name: String = PluginTrial.usualName, established: Bool, peerIsActive: Bool = true) -> PluginQuestion
  {
    PluginQuestion(
      owner: LinkOwner(tunnel: "tester", pseudowire: name),
      declaration: PseudowireDeclaration(
        name: name, type: identity.type, remoteEndID: RemoteEndID(text: name), interfaceName: "pwmgrtest0",
        options: options),
      phase: established ? .established : .connecting, isPeerCircuitActive: peerIsActive, pathMTUOctets: 1500,
      overheadOctets: 46)
  }

  func ask(
    _ enquiry: PluginEnquiry, _ verb: PluginVerb, options: OptionValue? = nil
  ) throws(PluginFault) -> PluginResponse {
    let session = session(options: options)
    return try enquiry.ask(verb) { [self] identifier in
      switch verb {
      case .version: .version(identifier, pwmgr: version)
      case .validate: .validate(identifier, session, bridges: bridges)
      case .up: .up(identifier, question(established: true))
      case .down: .down(identifier, session)
      case .check: .check(identifier, session)
      case .gc: .gc(identifier, [self.session(isEstablished: true)])
      case .status: .status(identifier)
      }
    }
  }

  func up(
    _ enquiry: PluginEnquiry, established: Bool, peerIsActive: Bool = true
  ) throws(PluginFault) -> PluginAnswer {
    let question = question(established: established, peerIsActive: peerIsActive)
    return try enquiry.ask(.up) { .up($0, question) }
      .answer(to: question, payload: identity.payload, bridges: Set(bridges))
  }

  /// Whether the interface is down in an answer; why that cannot be told, if so.
  func expectDown(_ answer: PluginAnswer, _ when: String) throws(PluginFault) -> String? {
    switch answer {
    case .refuse(_, let reason): return "it refuses the session: \(reason) (\(PluginTrial.cure))"
    case .links(let requests):
      for case .session(let link) in requests where link.isUp { throw PluginFault("it is up \(when)") }
      for case .pppTermination(let link) in requests where link.isUp { throw PluginFault("it is up \(when)") }
      return nil
    }
  }

  func expectError(
    _ enquiry: PluginEnquiry, _ what: String, _ make: @escaping (Int) -> PluginRequest
  ) throws(PluginFault) {
    do throws(PluginFault) {
      _ = try enquiry.ask(.status, make)
    } catch {
      _ = try requireAlive(enquiry, after: error)
      return
    }
    throw PluginFault("it answers \(what) as if it were one")
  }

  /// After an error that was an answer, the plugin is there and answers; after one that was its end it is not.
  func requireAlive(_ enquiry: PluginEnquiry, after fault: PluginFault) throws(PluginFault) -> String? {
    do throws(PluginFault) {
      _ = try enquiry.ask(.version) { [version] in .version($0, pwmgr: version) }
    } catch {
      throw fault
    }
    return nil
  }
}
