import EthernetPlugin
import Foundation
import PPPPlugin
import PWConfig
import PWCore
import Testing
import VLANPlugin

/// `docs/site-file.md` and the reader's table of keys say the same.
struct ReferenceTests {
  static let path = Place.root + "/docs/site-file.md"

  static var tables: [(title: String, keys: [KeyDescription])] {
    SchemaSection.all.map { ($0.title, $0.keys) } + [
      ("ethernet", EthernetPlugin().optionKeys), ("ppp", PPPPlugin().optionKeys),
      ("pppoe", PPPPlugin.accessKeys), ("vlan", VLANPlugin().optionKeys),
    ]
  }

  /// A table between two comments, which the page's reader does not see.
  static func block(_ title: String, _ keys: [KeyDescription]) -> String {
    let rows = keys.map { key in
      "| `\(key.name)` | \(key.value) | \(key.absent ?? "**required**") | \(words(of: key.change)) | \(key.meaning) |\n"
    }
    return
      "<!-- keys: \(title) -->\n| key | value | if left out | a change | meaning |\n|---|---|---|---|---|\n"
      + "\(rows.joined())<!-- end -->\n"
  }

  /// The cost of a change, as the page's section on changes explains it.
  private static func words(of change: ChangeImpact?) -> String {
    switch change {
    case nil: "by key"
    case .some(.none): "no effect"
    case .inPlace: "in place"
    case .session: "session"
    case .tunnel: "tunnel"
    case .restart: "restart"
    }
  }

  @Test("Every key is on the page as the reader knows it", arguments: ReferenceTests.tables)
  func everyKey(title: String, keys: [KeyDescription]) throws {
    let page = try String(contentsOfFile: Self.path, encoding: .utf8)
    #expect(page.contains(Self.block(title, keys)))
  }

  @Test("The page has no other tables of keys")
  func nothingElse() throws {
    let page = try String(contentsOfFile: Self.path, encoding: .utf8)
    #expect(page.components(separatedBy: "<!-- keys: ").count - 1 == Self.tables.count)
  }

  @Test("The page's example is right")
  func example() throws {
    let page = try String(contentsOfFile: Self.path, encoding: .utf8)
    let yaml = try #require(page.components(separatedBy: "```yaml\n").dropFirst().first)
    let reading = SiteReader(plugins: [EthernetPlugin(), PPPPlugin(), VLANPlugin()]).read(
      yaml.components(separatedBy: "```").first ?? "")
    #expect(reading.diagnostics == [])
    #expect(reading.site != nil)
  }

  @Test("The page is rewritten on demand", .enabled(if: Place.rewrites))
  func rewrite() throws {
    var page = try String(contentsOfFile: Self.path, encoding: .utf8)
    for table in Self.tables {
      let begin = try #require(page.range(of: "<!-- keys: \(table.title) -->\n"))
      let end = try #require(page.range(of: "<!-- end -->\n", range: begin.upperBound..<page.endIndex))
      page.replaceSubrange(begin.lowerBound..<end.upperBound, with: Self.block(table.title, table.keys))
    }
    try page.write(toFile: Self.path, atomically: true, encoding: .utf8)
  }
}
