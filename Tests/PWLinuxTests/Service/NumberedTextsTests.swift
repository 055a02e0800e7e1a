import Glibc
import Testing

@testable import PWLinux

@Suite("Contents that are kept, numbered") struct NumberedTextsTests {
  private func folder() throws -> String {
    var name = Array("/tmp/numbered.XXXXXX".utf8CString)
    return try #require(mkdtemp(&name).map { String(cString: $0) })
  }

  @Test("each has the next number, and the same again is none")
  func numbers() throws {
    let path = try folder()
    let texts = try NumberedTexts(in: OwnFolder(path: path + "/below"))
    #expect(try texts.entries().isEmpty)
    #expect(try texts.add(Array("one".utf8), seconds: 7, label: "start"))
    #expect(try !texts.add(Array("one".utf8), seconds: 8, label: "reload"))
    #expect(try texts.add([], seconds: 9, label: "reload"))
    #expect(try texts.add(Array("one".utf8), seconds: 9, label: "apply"))
    let entries = try texts.entries()
    #expect(entries.map(\.number) == [1, 2, 3])
    #expect(entries.map(\.seconds) == [7, 9, 9])
    #expect(entries.map(\.label) == ["start", "reload", "apply"])
    #expect(try entries.map { try texts.content(of: $0) } == [Array("one".utf8), [], Array("one".utf8)])
    // Another process finds the same.
    #expect(try NumberedTexts(in: OwnFolder(path: path + "/below")).entries() == entries)
    try Namespace.shell("rm -r \(path)")
  }

  @Test("of more than are kept, the oldest go; files of others stay, and are not taken for one")
  func bounds() throws {
    let path = try folder()
    let texts = try NumberedTexts(in: OwnFolder(path: path))
    try Namespace.shell(
      "cd \(path) && touch 1.yaml 0.1.start.yaml 01.1.start.yaml x.1.start.yaml 5.1..yaml .9.1.start.yaml")
    for number in 1...NumberedTexts.maximumCount + 5 {
      try texts.add(Array("\(number)".utf8), seconds: number, label: "reload")
    }
    #expect(try texts.entries().map(\.number) == Array(6...NumberedTexts.maximumCount + 5))
    #expect(try texts.content(of: try #require(try texts.entries().first)) == Array("6".utf8))
    #expect(access(path + "/1.yaml", F_OK) == 0)
    try Namespace.shell("rm -r \(path)")
  }

  @Test("a file that was half written by a crash is not one of them")
  func crash() throws {
    let path = try folder()
    let texts = try NumberedTexts(in: OwnFolder(path: path))
    try texts.add(Array("whole".utf8), seconds: 1, label: "start")
    try Namespace.shell("printf half >\(path)/.2.5.reload.yaml.new")
    #expect(try texts.entries().count == 1)
    #expect(try texts.add(Array("next".utf8), seconds: 5, label: "reload"))
    #expect(try texts.content(of: try #require(try texts.entries().last)) == Array("next".utf8))
    try Namespace.shell("rm -r \(path)")
  }
}
