import Glibc
import PWCore
import PWLinux
public import PWPluginWire

/// The executables of plugins: what may be one, and where they are.
public enum PluginFile {
  /// Where plugins are looked for, if nobody says otherwise.
  public static let usualDirectory = "/usr/lib/pwmgr/plugins"
  /// Entries of a directory that are looked at.
  static let maximumEntries = 256

  /// The names of the plugins in a directory, in order; none if it is not there. Files with other names are none, so that notes
  /// and copies (`hooks.py~`, `README`) may lie beside them.
  public static func names(in directory: String) -> [String] {
    guard let folder = opendir(directory) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while names.count < maximumEntries, let entry = readdir(folder) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { octets in
        String(decoding: octets.prefix { $0 != 0 }, as: UTF8.self)
      }
      if PluginDeclaration.isName(name), isExecutable("\(directory)/\(name)") { names.append(name) }
    }
    return names.sorted()
  }

  /// Whether a file may be started as a plugin: it runs with all that pwmgr may do (``OwnProgram``).
  ///
  /// - Throws: why not, and the cure.
  public static func check(_ path: String) throws(PluginFault) {
    do throws(OwnProgram.Refusal) {
      try OwnProgram.check(path)
    } catch {
      throw PluginFault(error.description)
    }
  }

  private static func isExecutable(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && status.st_mode & 0o111 != 0
  }
}
