import FoundationEssentials
import Glibc

/// The files of a machine: its own, or planted ones of a test below another folder.
struct FileTree {
  /// Stands before every path; empty for the machine's own.
  var root = ""

  /// The text of a file; nil if there is none, or it cannot be read.
  func text(_ path: String) -> String? {
    (try? SiteFile.octets(of: root + path)).map { String(decoding: $0, as: UTF8.self) }
  }

  /// A number that is all of a file.
  func number(_ path: String) -> Int? {
    text(path).flatMap { Int($0.trimmed) }
  }

  /// The names in a folder, sorted; empty if there is none.
  func names(in path: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: root + path)) ?? []).sorted()
  }

  /// The target of a symbolic link.
  func target(of path: String) -> String? {
    try? FileManager.default.destinationOfSymbolicLink(atPath: root + path)
  }

  /// Whether there is such a file or folder.
  func has(_ path: String) -> Bool { access(root + path, F_OK) == 0 }

  /// The time when a file was written last.
  func modified(_ path: String) -> Date? {
    var status = stat()
    guard stat(root + path, &status) == 0 else { return nil }
    return Date(timeIntervalSince1970: Double(status.st_mtim.tv_sec))
  }

  /// The value of `KEY=value` in a text of such lines, the last one that has it.
  static func value(of key: String, in text: String) -> String? {
    text.split(separator: "\n").last { $0.hasPrefix(key + "=") }.map { String($0.dropFirst(key.count + 1)).trimmed }
  }
}

extension String {
  /// The same without white space at either end, and without quotation marks around it.
  fileprivate var trimmed: String {
    let marks: Set<Character> = [" ", "\t", "\n", "\"", "'"]
    guard let first = firstIndex(where: { !marks.contains($0) }), let last = lastIndex(where: { !marks.contains($0) })
    else { return "" }
    return String(self[first...last])
  }
}
