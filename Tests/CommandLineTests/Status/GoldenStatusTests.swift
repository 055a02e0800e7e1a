import Foundation
import PWCore
import Testing

@testable import pwmgr

/// The status as programs and people read it, to the octet: others parse it.
@Suite struct GoldenStatusTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden")

  private func stored(_ name: String) throws -> [Substring] {
    try String(contentsOf: Self.folder.appending(path: name), encoding: .utf8).split(
      separator: "\n", omittingEmptySubsequences: false)
  }

  /// `PWMGR_REWRITE=1 swift test --filter GoldenStatusTests`, then read the diff.
  private static let rewrites = ProcessInfo.processInfo.environment["PWMGR_REWRITE"] == "1"

  private func expect(_ text: String, isStoredAs name: String) throws {
    if Self.rewrites { try text.write(to: Self.folder.appending(path: name), atomically: true, encoding: .utf8) }
    let (lines, stored) = (text.split(separator: "\n", omittingEmptySubsequences: false), try stored(name))
    let number = zip(lines, stored).prefix { $0 == $1 }.count
    guard number < max(lines.count, stored.count) else { return }
    let (now, then) = (lines.dropFirst(number).first ?? "nothing", stored.dropFirst(number).first ?? "nothing")
    Issue.record("line \(number + 1) of Golden/\(name) is\n\(then)\nand not\n\(now)")
  }

  private func check(_ document: StatusDocument, _ name: String, replayed: String) throws {
    let json = try document.json(GoldenStatus.clock)
    try expect(String(decoding: json, as: UTF8.self) + "\n", isStoredAs: "\(name).json")
    let received = try StatusDocument(json: json)
    #expect(try received.json() == json)
    // A document that was read from JSON has whole seconds; `pwmgr replay` prints one that was not.
    try expect(StatusText(received).rendered(), isStoredAs: "\(name).txt")
    try expect(StatusText(document).rendered(), isStoredAs: replayed)
    try expect(StatusText(received, .narrow).rendered(), isStoredAs: "\(name)-narrow.txt")
  }

  @Test("a line has at most 80 columns, and no word is lost") func narrowLines() throws {
    for document in [GoldenStatus.full(), GoldenStatus.bare()] {
      let narrow = StatusText(document, .narrow).rendered()
      for line in narrow.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
      // Columns that the narrow table leaves out are shown of each pseudowire by itself.
      let details = try document.site.tunnels.flatMap { tunnel in
        try tunnel.pseudowires.map { pseudowire in
          let selection = StatusSelection(name: "\(tunnel.name)/\(pseudowire.name)")
          return StatusText(try selection.applied(to: document), .narrow, selection).rendered()
        }
      }
      for line in details.joined().split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
      let words = Set((narrow + details.joined()).split { " ,\n".contains($0) })
      let headings = Set("TYPE END-ID SESSION SINCE SESSION-ID COOKIE CIRCUIT".split(separator: " "))
        .union("RX-PACKETS RX-OCTETS TX-PACKETS TX-OCTETS".split(separator: " "))
      for word in StatusText(document).rendered().split(whereSeparator: { " ,\n".contains($0) }) {
        #expect(words.contains(word) || headings.contains(word), "'\(word)' is lost")
      }
    }
  }

  @Test("every object of a kind has every key of its kind") func keysAreAlwaysThere() throws {
    let documents = try [GoldenStatus.full(), GoldenStatus.bare()].map {
      try #require(JSONSerialization.jsonObject(with: $0.json()) as? [String: Any])
    }
    #expect(Set(documents[0].keys) == Set(documents[1].keys))
    func objects(_ key: String, in parents: [[String: Any]]) -> [[String: Any]] {
      parents.flatMap { $0[key] as? [[String: Any]] ?? [] }
    }
    let tunnels = objects("tunnels", in: documents)
    let pseudowires = objects("pseudowires", in: tunnels)
    let counters = pseudowires.compactMap { $0["counters"] as? [String: Any] }
    let kinds = [tunnels, pseudowires, counters, objects("templates", in: tunnels), objects("plugins", in: documents)]
    for kind in kinds {
      let keys = Set(try #require(kind.first).keys)
      for object in kind { #expect(Set(object.keys) == keys) }
    }
  }

  @Test func everythingIsSet() throws { try check(GoldenStatus.full(), "full", replayed: "full-replayed.txt") }

  @Test func nothingIsSet() throws { try check(GoldenStatus.bare(), "bare", replayed: "bare.txt") }

  /// A new property of the status has no place in the files above until somebody sets it.
  @Test func everythingReallyIsSet() throws {
    let tunnel = try #require(GoldenStatus.full().site.tunnels.first)
    for child in Mirror(reflecting: tunnel).children { expectSet(child) }
    let pseudowire = try #require(tunnel.pseudowires.first)
    // Others have a template and a client, and when a session is called for is not shown.
    let others = ["template", "client", "calling"]
    for child in Mirror(reflecting: pseudowire).children where !others.contains(child.label ?? "") { expectSet(child) }
  }

  /// And none in JSON before it has a key.
  @Test func everythingHasAKey() throws {
    for document in [GoldenStatus.full(), GoldenStatus.bare()] {
      let read = try JSONDecoder().decode(StatusDocument.self, from: JSONEncoder().encode(document))
      // Of the pseudowires of a template only their number is written.
      var written = document
      for index in written.site.tunnels.indices {
        for place in written.site.tunnels[index].pseudowires.indices {
          written.site.tunnels[index].pseudowires[place].template = nil
        }
      }
      #expect(read == written)
    }
  }

  private func expectSet(_ child: Mirror.Child) {
    let mirror = Mirror(reflecting: child.value)
    let isEmpty = mirror.displayStyle == .optional || mirror.displayStyle == .collection
    #expect(!isEmpty || !mirror.children.isEmpty, "\(child.label ?? "") is not set")
    if let value = child.value as? Bool { #expect(value, "\(child.label ?? "") is as it is by default") }
  }
}
