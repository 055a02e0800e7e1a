import Foundation
import Testing

@testable import pwmgr

/// The JSON Schema in `docs/`: the one that `pwmgr schema` prints.
struct SchemaTests {
  private static let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "docs/site-file.schema.json")

  /// `PWMGR_REWRITE=1 swift test --filter SchemaTests` writes it anew.
  @Test("The schema in docs is the one of the keys that there are")
  func current() throws {
    let text = try SiteSchema(plugins: CompiledInPlugins.all).text()
    if ProcessInfo.processInfo.environment["PWMGR_REWRITE"] == "1" {
      try text.write(to: Self.file, atomically: true, encoding: .utf8)
    }
    #expect(try String(contentsOf: Self.file, encoding: .utf8) == text)
  }
}
