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

  @Test("The schema of a drop-in is that of a site, but for what a site must have at its top")
  func dropIn() throws {
    func top(isDropIn: Bool) throws -> [String: Any] {
      let text = try SiteSchema(plugins: CompiledInPlugins.all, isDropIn: isDropIn).text()
      return try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }
    let (site, dropIn) = (try top(isDropIn: false), try top(isDropIn: true))
    #expect(site["required"] as? [String] == ["site", "router-id"])
    #expect(dropIn["required"] == nil)
    #expect(dropIn["additionalProperties"] as? Bool == false)
    #expect(NSDictionary(dictionary: ["it": site["properties"] ?? 0]) == ["it": dropIn["properties"] ?? 0])
  }
}
