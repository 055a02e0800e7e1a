import Foundation
import PWCore
import PWPluginWire
import Testing

@testable import PWPluginHost

@Suite("A plugin in another process, for the reader of a site file", .serialized)
struct OutsidePluginTests {
  private let context = OptionContext(
    bridges: ["br-lan"], owner: LinkOwner(tunnel: "berlin", pseudowire: "lan"), interfaceName: "berlin-lan")

  private func options(_ colour: String) -> OptionNode {
    OptionNode(
      mark: Mark(line: 5, column: 3),
      content: .mapping([
        (
          key: "colour", keyMark: Mark(line: 6, column: 5),
          value: OptionNode(mark: Mark(line: 6, column: 13), content: .scalar(colour, isPlain: true))
        )
      ]))
  }

  @Test("its complaints have their places in the file")
  func places() throws {
    let scripts = try Scripts()
    let found = try #require(
      try PluginDirectory(directory(with: "reply = usual", scripts), version: "0").plugin(named: "colours", path: nil))
    #expect(found.declaration.type == .ethernet)
    #expect(found.plugin.optionKeys.map(\.name) == ["bridge", "colour"])
    #expect(found.plugin.report(on: options("red"), in: context).diagnostics.isEmpty)
    #expect(
      found.plugin.report(on: options("loud"), in: context).diagnostics == [
        Diagnostic(.error, at: Mark(line: 6, column: 13), "'loud' is no colour")
      ])
  }

  @Test("the attachment of a pseudowire is the one in the answer to validate")
  func attachment() throws {
    let scripts = try Scripts()
    let plugin = try OutsidePlugin(name: "colours", path: scripts.plugin("colours", "reply = usual"), version: "0")
    let node = OptionNode(
      mark: Mark(line: 5, column: 3),
      content: .mapping([
        (
          key: "bridge", keyMark: Mark(line: 6, column: 5),
          value: OptionNode(mark: Mark(line: 6, column: 13), content: .scalar("br-lan", isPlain: true))
        )
      ]))
    let report = plugin.report(on: node, in: context)
    #expect(report.diagnostics.isEmpty)
    #expect(report.outline.attachment == .bridge("br-lan"))
    #expect(plugin.report(on: options("red"), in: context).outline.attachment == .none)
  }

  @Test("an option that must be there is missed without asking it")
  func missing() throws {
    let scripts = try Scripts()
    let body = """
      def reply(request):
          if request["verb"] == "validate":
              request["session"]["options"]["limit"]
          answer = usual(request)
          if request["verb"] == "version":
              answer["options"].append({"name": "limit", "value": "`low` or `high`", "meaning": "What it takes."})
          return answer
      """
    let plugin = try OutsidePlugin(name: "colours", path: scripts.plugin("colours", body), version: "0")
    #expect(
      plugin.report(on: options("red"), in: context).diagnostics == [
        Diagnostic(
          .error, at: Mark(line: 5, column: 3),
          "pseudowire 'lan' has no 'limit', which plugin 'colours' needs; add 'limit:' ('low' or 'high')")
      ])
    var context = context
    context.misspelt = ["limit"]
    #expect(plugin.report(on: options("red"), in: context).diagnostics == [])
  }

  @Test("a value that is not of the type of its option is complained of without asking it")
  func types() throws {
    let scripts = try Scripts()
    let body = """
      def reply(request):
          if request["verb"] == "validate":
              open("\(scripts.folder.path)/asked", "a").write(request["session"]["options"]["colour"] + " ")
          answer = usual(request)
          if request["verb"] == "version":
              answer["options"][1]["type"] = {"kind": "enum", "values": ["red", "green"]}
          return answer
      """
    let plugin = try OutsidePlugin(name: "colours", path: scripts.plugin("colours", body), version: "0")
    #expect(
      plugin.report(on: options("gren"), in: context).diagnostics == [
        Diagnostic(
          .error, at: Mark(line: 6, column: 13),
          "'colour' in pseudowire 'lan': 'gren' is not 'red' or 'green'; did you mean 'green'?")
      ])
    #expect(plugin.report(on: options("green"), in: context).diagnostics == [])
    #expect(scripts.text("asked") == "green ", "it was asked about the value that is of the type, and no other")
  }

  @Test("the way to a value leads as far as there is one")
  func paths() {
    let inner = OptionNode(mark: Mark(line: 3, column: 9), content: .scalar("x", isPlain: true))
    let list = OptionNode(mark: Mark(line: 3, column: 7), content: .sequence([inner]))
    let node = OptionNode(
      mark: Mark(line: 1, column: 1),
      content: .mapping([(key: "list", keyMark: Mark(line: 2, column: 1), value: list)]))
    func mark(_ path: [PluginResponse.PathStep], key: Bool = false) -> Mark? {
      var problem = PluginResponse.Problem("wrong")
      problem.path = path
      problem.key = key
      return OutsidePlugin.mark(of: problem, in: node)
    }
    #expect(mark([]) == nil)
    #expect(mark([.key("list")]) == Mark(line: 3, column: 7))
    #expect(mark([.key("list")], key: true) == Mark(line: 2, column: 1))
    #expect(mark([.key("list"), .index(0)]) == Mark(line: 3, column: 9))
    #expect(mark([.key("list"), .index(7)]) == Mark(line: 3, column: 7))
    #expect(mark([.key("list"), .index(0), .key("deeper")]) == Mark(line: 3, column: 9))
    #expect(mark([.key("other")]) == nil)
    #expect(mark([.index(0)]) == nil)
  }

  @Test("one that cannot answer is a complaint, with what it said last")
  func failing() throws {
    let scripts = try Scripts()
    let body = """
      def reply(request):
          if request["verb"] == "validate":
              sys.stderr.write("no paint\\n")
              sys.exit(4)
          return usual(request)
      """
    let plugin = try OutsidePlugin(name: "colours", path: scripts.plugin("colours", body), version: "0")
    let diagnostics = plugin.report(on: options("red"), in: context).diagnostics
    #expect(diagnostics.count == 1)
    #expect(diagnostics[0].message.contains("it ended with status 4; it said: no paint"), "\(diagnostics)")
    #expect(diagnostics[0].mark == Mark(line: 5, column: 3))
    #expect(plugin.report(on: options("green"), in: context).diagnostics.count == 1)
  }

  @Test("a directory has the plugins that are called like ones; a missing one is not found")
  func directories() throws {
    let scripts = try Scripts()
    let folder = try directory(with: "reply = usual", scripts)
    _ = try scripts.write("README", "not one")
    _ = try scripts.write("colours.py~", "not one")
    let finder = PluginDirectory(folder, version: "0")
    #expect(finder.names == ["colours"])
    let missing = try finder.plugin(named: "tastes", path: nil)
    #expect(missing == nil)
    #expect(throws: PluginUnusable.self) { try finder.plugin(named: "tastes", path: folder + "/none") }
    #expect(PluginDirectory(folder + "/nowhere", version: "0").names.isEmpty)
  }

  @Test("one from the future is not used, and why is said")
  func future() throws {
    let scripts = try Scripts()
    let folder = try directory(with: "reply = lambda request: dict(usual(request), protocol=9)", scripts)
    do throws(PluginUnusable) {
      _ = try PluginDirectory(folder, version: "0").plugin(named: "colours", path: nil)
      Issue.record("it was used")
    } catch {
      #expect(error.reason.contains("it speaks version 9 of the protocol, and this pwmgr speaks 1"))
    }
  }

  private func directory(with body: String, _ scripts: Scripts) throws -> String {
    _ = try scripts.plugin("colours", body)
    return scripts.folder.path
  }
}
