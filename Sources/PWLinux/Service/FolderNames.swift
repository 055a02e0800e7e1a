import Glibc

/// The names of everything in a folder.
enum FolderNames {
  /// The most names that are read: a folder that is meant for us has fewer.
  static let maximumCount = 100_000

  /// Reads them, `.` and `..` left out, in no order.
  ///
  /// - Throws: what the system says, or that there are too many.
  static func read(_ folder: Descriptor, _ path: String) throws(SystemError) -> [FolderEntry] {
    let copy = fcntl(folder.rawValue, F_DUPFD_CLOEXEC, 0)
    guard copy >= 0 else { throw SystemError.last("read \(path)") }
    guard let stream = fdopendir(copy) else {
      close(copy)
      throw SystemError.last("read \(path)")
    }
    defer { closedir(stream) }
    var entries: [FolderEntry] = []
    while true {
      errno = 0
      guard let entry = readdir(stream) else {
        guard errno == 0 else { throw SystemError.last("read \(path)") }
        return entries
      }
      let found = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) {
          FolderEntry(name: String(cString: $0), isText: String(validatingCString: $0) != nil)
        }
      }
      guard entries.count < maximumCount else {
        throw SystemError.refusal(
          SystemError.beginning(path) + "it has more than \(maximumCount) files; remove some", code: EFBIG)
      }
      if found.name != ".", found.name != ".." { entries.append(found) }
    }
  }
}

/// A name in a folder.
public struct FolderEntry: Sendable {
  /// The name, repaired where it is not UTF-8.
  public let name: String
  /// Whether it is UTF-8, so that ``name`` leads to the file.
  public let isText: Bool
}
