import ArgumentParser
import PWCore

/// `pwmgr`: one table of subcommands, each in a folder of its own.
struct PwmgrCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pwmgr",
    abstract: "Layer 2 pseudowires between sites, over L2TPv3 (RFC 3931).",
    version: "pwmgr \(Version.number)",
    subcommands: [
      RunCommand.self, Check.self, ShowCommand.self, ImportCommand.self, PlanCommand.self, ApplyCommand.self,
      TryCommand.self, ConfirmCommand.self, RollbackCommand.self, HistoryCommand.self, ReloadCommand.self,
      StatusCommand.self, EventsCommand.self, HooksCommand.self, WaitCommand.self, MetricsCommand.self,
      ExporterCommand.self, DownCommand.self, UpCommand.self, ResetCommand.self, LogLevelCommand.self,
      ExplainCommand.self, DoctorCommand.self, Decode.self, ReplayCommand.self, PluginCommand.self,
      SchemaCommand.self, DemoCommand.self, Version.self,
    ])

  /// The fault of the first word of a command line, where that should be a subcommand; nil where there is none.
  static func complaint(of words: some Collection<String>) -> String? {
    guard let word = words.first, !word.hasPrefix("-"), word != "help" else { return nil }
    let names = configuration.subcommands.compactMap { $0.configuration.commandName }
    guard !names.contains(word) else { return nil }
    let hint = Spelling.hint(for: word, among: names, otherwise: "; the commands are \(names.joined(separator: ", "))")
    return "'\(word)' is not a command of pwmgr\(hint)"
  }
}
