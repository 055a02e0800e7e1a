import ArgumentParser

/// `pwmgr plugin`.
struct PluginCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plugin",
    abstract: "List, create and test plugins, which serve pseudowire types.",
    discussion: """
      A plugin serves one value of 'type:' in the site file. pwmgr's own are compiled in; any other is an executable, in any \
      language, in the plugin directory or named in the site file. docs/plugin-authoring.md shows how to write one.
      """,
    subcommands: [PluginListCommand.self, PluginNewCommand.self, PluginTestCommand.self])
}
