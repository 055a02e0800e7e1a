import Foundation

/// The checkout that the tests were built from, as text.
enum Checkout {
  /// Its top folder.
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// Every Swift file below a folder of the checkout.
  static func swiftFiles(below folder: String) throws -> [URL] {
    try FileManager.default.subpathsOfDirectory(atPath: root.appending(path: folder).path)
      .filter { $0.hasSuffix(".swift") }.map { root.appending(path: folder).appending(path: $0) }
  }

  /// The modules that a file imports.
  static func imports(in text: String) -> [String] {
    text.split(separator: "\n").compactMap { line in
      guard let match = line.firstMatch(of: /^(?:@\w+\s+|public\s+|internal\s+|package\s+)*import\s+(?:\w+\s+)?(\w+)/)
      else {
        return nil
      }
      return String(match.1)
    }
  }

  /// The names of the types that a file declares at its outermost level.
  static func declaredTypes(in text: String) -> [String] {
    code(of: text).split(separator: "\n").compactMap { line in
      line.firstMatch(
        of: /^(?:public |indirect |final |private |fileprivate )*(?:struct|enum|class|protocol|typealias) (\w+)/
      )
      .map { String($0.1) }
    }
  }

  /// Every word of a file that is code.
  static func words(in text: String) -> Set<String> {
    Set(code(of: text).split { !$0.isLetter && !$0.isNumber && $0 != "_" }.map(String.init))
  }

  /// The text without comments and string literals.
  static func code(of text: String) -> String {
    text.replacing(/\/\/[^\n]*/, with: "").replacing(/"(?:\\.|[^"\\\n])*"/, with: "\"\"")
  }
}
