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

  private func expect(_ text: String, isStoredAs name: String) throws {
    let (lines, stored) = (text.split(separator: "\n", omittingEmptySubsequences: false), try stored(name))
    let number = zip(lines, stored).prefix { $0 == $1 }.count
    guard number < max(lines.count, stored.count) else { return }
    let (now, then) = (lines.dropFirst(number).first ?? "nothing", stored.dropFirst(number).first ?? "nothing")
    Issue.record("line \(number + 1) of Golden/\(name) is\n\(then)\nand not\n\(now)")
  }

  private func check(_ document: StatusDocument, _ name: String, replayed: String) throws {
    var document = document
    document.version = "0.0.0"
    let json = try document.json()
    try expect(String(decoding: json, as: UTF8.self) + "\n", isStoredAs: "\(name).json")
    let received = try StatusDocument(json: json)
    #expect(try received.json() == json)
    // What `pwmgr status` prints has been through JSON and its whole seconds; what `pwmgr replay` prints has not.
    try expect(StatusText(received).rendered(), isStoredAs: "\(name).txt")
    try expect(StatusText(document).rendered(), isStoredAs: replayed)
  }

  @Test func everythingIsSet() throws { try check(GoldenStatus.full(), "full", replayed: "full-replayed.txt") }

  @Test func nothingIsSet() throws { try check(GoldenStatus.bare(), "bare", replayed: "bare.txt") }

  /// A new field of the status has no place in the files above until somebody sets it.
  @Test func everythingReallyIsSet() {
    for child in Mirror(reflecting: GoldenStatus.tunnel()).children { expectSet(child) }
    // A template's name is that of another one, and when it is called for is not shown.
    for child in Mirror(reflecting: GoldenStatus.pseudowire()).children
    where child.label != "template" && child.label != "calling" { expectSet(child) }
  }

  private func expectSet(_ child: Mirror.Child) {
    let mirror = Mirror(reflecting: child.value)
    let isEmpty = mirror.displayStyle == .optional || mirror.displayStyle == .collection
    #expect(!isEmpty || !mirror.children.isEmpty, "\(child.label ?? "") is not set")
    if let value = child.value as? Bool { #expect(value, "\(child.label ?? "") is as it is by default") }
  }
}
