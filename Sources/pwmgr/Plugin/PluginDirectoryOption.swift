import ArgumentParser
import Foundation
import PWPluginHost

/// Where plugins in other processes are found.
struct PluginDirectoryOption: ParsableArguments {
  @Option(
    help: ArgumentHelp("Where the executables of plugins are that are not pwmgr's own.", valueName: "folder"),
    completion: .directory)
  var pluginDirectory = PluginFile.usualDirectory

  /// The full path of the folder.
  var path: String { URL(filePath: pluginDirectory).path }
}
