import Glibc
import PWCore
public import PWPluginWire

/// The executables of plugins: what may be one, and where they are.
public enum PluginFile {
  /// Where plugins are looked for, if nobody says otherwise.
  public static let usualDirectory = "/usr/lib/pwmgr/plugins"
  /// S_ISVTX (sys/stat.h).
  private static let sticky: mode_t = 0o1000
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

  /// Whether a file may be started as a plugin. It runs with all that pwmgr may do: nobody else may be able to change
  /// it, or to put another in its place.
  ///
  /// - Throws: why not, and the cure.
  public static func check(_ path: String) throws(PluginFault) {
    guard path.hasPrefix("/") else { throw PluginFault("'\(path)' is no full path") }
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw PluginFault("there is no \(path): \(String(cString: strerror(errno)))")
    }
    guard status.st_mode & S_IFMT == S_IFREG else { throw PluginFault("\(path) is not a file") }
    guard access(path, X_OK) == 0 else { throw PluginFault("\(path) is not executable; chmod 755 \(path)") }
    try requireOurs(path, status, isFolder: false)
    let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
    var place = stat()
    guard stat(folder.isEmpty ? "/" : folder, &place) == 0 else { return }
    try requireOurs(folder, place, isFolder: true)
  }

  private static func requireOurs(_ path: String, _ status: stat, isFolder: Bool) throws(PluginFault) {
    guard status.st_uid == 0 || status.st_uid == geteuid() else {
      throw PluginFault("\(path) belongs to somebody else, who could change it; chown root \(path)")
    }
    // In a folder like /tmp everybody may write, and nobody may replace what is another's.
    guard status.st_mode & 0o022 == 0 || isFolder && status.st_mode & sticky != 0 else {
      throw PluginFault("others may write \(path); chmod go-w \(path)")
    }
  }

  private static func isExecutable(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && status.st_mode & 0o111 != 0
  }
}
