import Glibc

/// The names of all that is in a folder, whoever may write in it.
public enum FolderNames {
  /// More of them are in no folder that is meant for us.
  static let maximumCount = 100_000

  /// Reads them, `.` and `..` left out, in no order.
  ///
  /// - Throws: what the system says, or that there are too many.
  public static func of(_ path: String) throws(SystemError) -> [String] {
    try read(Descriptor.checked(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), "read \(path)"), path)
  }

  /// The same for a folder that is open.
  static func read(_ folder: Descriptor, _ path: String) throws(SystemError) -> [String] {
    let copy = fcntl(folder.rawValue, F_DUPFD_CLOEXEC, 0)
    guard copy >= 0 else { throw SystemError.last("read \(path)") }
    guard let stream = fdopendir(copy) else {
      close(copy)
      throw SystemError.last("read \(path)")
    }
    defer { closedir(stream) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = readdir(stream) else {
        guard errno == 0 else { throw SystemError.last("read \(path)") }
        return names
      }
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
      }
      guard names.count < maximumCount else {
        throw SystemError.refusal("read \(path): it has more than \(maximumCount) files; remove some", code: EFBIG)
      }
      if name != ".", name != ".." { names.append(name) }
    }
  }
}
