import Glibc
public import PWCore
import PWPluginWire

/// The plugins of a directory, and those that a site file names, for who reads it.
public final class PluginDirectory: PluginFinder {
  private let directory: String
  /// The path of the directory, for messages.
  public var place: String { directory }
  private let version: String

  /// Plugins of a directory.
  ///
  /// - Parameters:
  ///   - directory: its full path; one that is not there has none.
  ///   - version: pwmgr's own, which they are told.
  public init(_ directory: String, version: String) {
    self.directory = directory
    self.version = version
  }

  /// The names of the files.
  public var names: [String] { PluginFile.names(in: directory) }

  /// Starts the plugin of a name.
  public func plugin(named name: String, path: String?) throws(PluginUnusable) -> FoundPlugin? {
    let path = path ?? "\(directory)/\(name)"
    guard access(path, F_OK) == 0 || path != "\(directory)/\(name)" else { return nil }
    do throws(PluginFault) {
      let plugin = try OutsidePlugin(name: name, path: path, version: version)
      return FoundPlugin(plugin: plugin, declaration: plugin.declaration)
    } catch {
      throw PluginUnusable(error.description)
    }
  }
}
