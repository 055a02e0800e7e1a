import ArgumentParser
import FoundationEssentials
import PWPluginHost

/// Where plugins in other processes are found.
struct PluginDirectoryOption: ParsableArguments {
  @Option(
    help: ArgumentHelp("The folder with the executables of third-party plugins.", valueName: "folder"),
    completion: .directory)
  var pluginDirectory = PluginFile.usualDirectory

  /// The full path of the folder.
  var path: String { URL(filePath: pluginDirectory).path }
}
