import ArgumentParser

/// `pwmgr`: one table of subcommands, each in a folder of its own.
struct PwmgrCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pwmgr",
    abstract: "Layer 2 pseudowires between sites, over L2TPv3 (RFC 3931).",
    subcommands: [
      RunCommand.self, Check.self, StatusCommand.self, Decode.self, ReplayCommand.self, PluginCommand.self,
      DemoCommand.self, Version.self,
    ])
}
