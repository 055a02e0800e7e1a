import ArgumentParser
import FoundationEssentials
import PWPluginHost

/// `pwmgr plugin test PATH`.
struct PluginTestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test",
    abstract: "Play pwmgr's part towards a plugin, and report for each rule of the protocol whether it is kept.",
    discussion: """
      The plugin is started for each rule, and asked about sessions that do not exist, in the tunnel 'tester' and \
      with the interface 'pwmgrtest0'. Actions of its own at 'up' and 'down' are really performed. If they need the \
      interface, run the test where there is one: ip netns add trial; ip -n trial link add pwmgrtest0 type dummy (or \
      veth, if the kernel has no dummy); ip netns exec trial pwmgr plugin test ...; ip netns del trial. \
      docs/plugin-protocol.md has the rules.

      Exit codes: 0 if no rule is broken, 1 if one is, 66 if there is no such file.
      """)

  @Argument(help: "The executable.", completion: .file())
  var path: String

  @Option(
    help: ArgumentHelp("A key of the site file and its value; once for each key.", valueName: "key=value"),
    transform: PluginTestCommand.pair)
  var option: [Pair] = []

  @Option(help: ArgumentHelp("A bridge that the site would have; once for each.", valueName: "name"))
  var bridge: [String] = ["br-lan"]

  @Flag(help: "Print a JSON array instead of lines.")
  var json = false

  /// A key and its value.
  struct Pair: Equatable, Sendable {
    var key: String
    var value: String
  }

  func run() throws {
    let full = URL(filePath: path).path
    var isFolder = false
    guard FileManager.default.fileExists(atPath: full, isDirectory: &isFolder) else {
      StandardError.write("pwmgr: there is no \(path)")
      throw ExitStatus.noInput.exit
    }
    guard !isFolder else {
      let name = URL(filePath: path).lastPathComponent
      StandardError.write(
        "pwmgr: \(path) is a folder; a package in Swift has its plugin in \(path)/.build/debug/\(name)")
      throw ExitStatus.noInput.exit
    }
    var findings: [PluginTrial.Finding] = []
    let trial = PluginTrial(
      path: full, options: option.map { (key: $0.key, value: $0.value) }, bridges: bridge, version: Version.number)
    trial.run { finding in
      findings.append(finding)
      if !json { print(Self.line(finding)) }
    }
    if json { print(try Self.json(of: findings)) } else { print(Self.summary(findings)) }
    for key in trial.missingOptions {
      StandardError.write(
        "pwmgr: the plugin needs the option '\(key.name)' (\(key.plainValue)); the other rules cannot be tried without "
          + "it; add --option \(key.name)=VALUE")
    }
    guard trial.missingOptions.isEmpty else { throw ExitCode.validationFailure }
    guard findings.allSatisfy({ !$0.isBroken }) else { throw ExitCode.failure }
  }

  private static func line(_ finding: PluginTrial.Finding) -> String {
    switch finding.verdict {
    case .kept: "kept    \(finding.rule)"
    case .broken(let how): "BROKEN  \(finding.rule)\n        \(how)"
    case .untried(let why): "untried \(finding.rule)\n        \(why)"
    }
  }

  private static func summary(_ findings: [PluginTrial.Finding]) -> String {
    let broken = findings.count { $0.isBroken }
    let kept = findings.count { $0.verdict == .kept }
    return "\(kept) rules kept, \(broken) broken, \(findings.count - kept - broken) not tried"
  }

  private struct Line: Encodable {
    var rule: String
    var verdict: String
    var reason: String?

    init(_ finding: PluginTrial.Finding) {
      rule = finding.rule
      switch finding.verdict {
      case .kept: verdict = "kept"
      case .broken(let how): (verdict, reason) = ("broken", how)
      case .untried(let why): (verdict, reason) = ("untried", why)
      }
    }
  }

  private static func json(of findings: [PluginTrial.Finding]) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(findings.map(Line.init)), as: UTF8.self)
  }

  /// Reads `key=value`.
  static func pair(_ text: String) throws -> Pair {
    guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
      throw ValidationError("'\(text)' is not an option: write KEY=VALUE")
    }
    return Pair(key: String(text[..<equals]), value: String(text[text.index(after: equals)...]))
  }
}

extension PluginTrial.Finding {
  /// Whether the rule is broken.
  fileprivate var isBroken: Bool {
    switch verdict {
    case .broken: true
    case .kept, .untried: false
    }
  }
}
