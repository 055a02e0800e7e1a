import Foundation
import Glibc
import Testing

@testable import PWLinux

@Suite("The state file") struct StateFileTests {
  private static let entries = StateEntries(
    members: [
      "eth1": MemberRecord(index: 3, bridge: 7, wasRaised: true),
      "eth2": MemberRecord(
        index: 4, isHeldDown: true, isPromiscuous: true, redirect: 9, mayOwnHook: true),
    ],
    bridges: [
      "br0": .init(index: 7, wasRaised: true, formerSpanningTree: true),
      "br1": .init(index: 0, isCreated: true, address: [2, 0, 0x1F, 0xFF, 4, 5]),
    ])

  @Test("text comes back as it was")
  func roundTrip() {
    #expect(StateEntries(text: Self.entries.text) == Self.entries)
    #expect(StateEntries(text: "") == StateEntries())
  }

  @Test("cut anywhere, it keeps whole lines and invents nothing")
  func truncation() {
    let text = Self.entries.text
    for length in 0..<text.utf8.count {
      let cut = StateEntries(text: String(text.prefix(length)))
      for (name, record) in cut.members { #expect(Self.entries.members[name] == record) }
      for (name, entry) in cut.bridges { #expect(Self.entries.bridges[name] == entry) }
    }
  }

  @Test(
    "rubbish is passed over",
    arguments: ["\u{0}\u{0}\n", "member\n", "member eth1\n", "member eth1 =\n", "bridge x index=y\n"])
  func rubbish(_ text: String) {
    #expect(StateEntries(text: text + Self.entries.text) == Self.entries)
  }

  @Test("a file is read again by the same site and instance only")
  func file() throws {
    let path = TemporaryPath()
    let mark = LinkMark(site: "a", instance: "b")
    do {
      let stateFile = try StateFile(path: path.path, mark: mark)
      for (name, entry) in Self.entries.bridges { try stateFile.write(.bridge(name, entry)) }
      for (name, record) in Self.entries.members { try stateFile.write(.member(name, record)) }
    }
    try path.awaitUnlocked()
    #expect(try StateFile(path: path.path, mark: LinkMark(site: "a", instance: "c")).entries == StateEntries())
    try path.awaitUnlocked()
    #expect(try StateFile(path: path.path, mark: mark).entries == Self.entries)
  }

  @Test("after any number of changes the file tells the last state, and has not grown with them")
  func changes() throws {
    let path = TemporaryPath()
    let mark = LinkMark(site: "a", instance: "b")
    var expected = StateEntries()
    do {
      let stateFile = try StateFile(path: path.path, mark: mark)
      for round in 1...1000 {
        let change = StateChange.bridge("br\(round % 7)", round % 3 == 0 ? nil : .init(index: Int32(round)))
        expected.apply(change)
        try stateFile.write(change)
        try stateFile.write(.member("eth1", MemberRecord(index: 3, bridge: Int32(round))))
      }
      expected.apply(.member("eth1", MemberRecord(index: 3, bridge: 1000)))
      #expect(stateFile.entries == expected)
    }
    try path.awaitUnlocked()
    let text = try #require(FileManager.default.contents(atPath: path.path))
    #expect(text.split(separator: UInt8(ascii: "\n")).count < 500)
    #expect(try StateFile(path: path.path, mark: mark).entries == expected)
  }

  @Test("an entry that is gone comes back by a later line only")
  func gone() {
    let line = StateEntries.line(.bridge("br0", .init(index: 7)))
    let gone = StateEntries.line(.bridge("br0", nil))
    #expect(StateEntries(text: line + gone) == StateEntries())
    #expect(StateEntries(text: line + gone + line).bridges["br0"]?.index == 7)
  }
}
