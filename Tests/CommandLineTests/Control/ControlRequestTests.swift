import Foundation
import Testing

@testable import pwmgr

@Suite("Requests to the daemon") struct ControlRequestTests {
  @Test(
    "each is read as it was written",
    arguments: [
      .version, .status, .metrics, .events(EventsRequest()), .events(EventsRequest(after: 7)),
      .events(EventsRequest(after: 7, run: "0a1b2c3d")), .site, .history(nil), .logLevel(nil), .logLevel(.debug),
      .reload(.reload),
      .reload(.apply),
      .reload(.rollback),
      .administer(.reset, "berlin/lan"), .history(3),
      .tryOut(token: "0123abcd", .seconds(120), "/etc/a site/site.yaml.tried"),
      .trial("0123abcd"), .confirm("0123abcd"), .rollBack("0123abcd"), .rollBack(nil),
    ] as [ControlRequest])
  func requests(_ request: ControlRequest) {
    #expect(ControlRequest(line: request.line) == request)
  }

  @Test(
    "others are not taken for one",
    arguments: [
      "", " ", "status ", "site x", "try", "try 0123abcd 1", "try 0123abcd -1 /x", "try 0123abcd x /x", "try 1 1 /x",
      "history 0", "history x", "events -1", "events x", "events 1 2 3", "confirm", "trial", "rollback 1 2",
    ])
  func others(_ line: String) {
    #expect(ControlRequest(line: line) == nil)
  }

  @Test("a token has eight hexadecimal digits")
  func tokens() throws {
    for _ in 0..<100 {
      let token = TrialToken.make()
      #expect(try TrialToken.read(token) == token)
    }
    #expect(try TrialToken.read("0123ABCD") == "0123abcd")
    for text in ["", "0123abc", "0123abcde", "0123abcg", "0123 bcd", "\u{ff10}123abcd"] {
      #expect(throws: (any Error).self) { try TrialToken.read(text) }
    }
  }

  @Test("the page has every request, and no other")
  func page() throws {
    let page = try String(
      contentsOf: #require(URL(string: "../../../docs/control-socket.md", relativeTo: URL(filePath: #filePath))),
      encoding: .utf8)
    let shown = page.split(separator: "\n").filter { $0.hasPrefix("| `") }.compactMap { line in
      line.split(separator: "`").dropFirst().first.map(String.init)
    }
    let values = [
      ("TOKEN", "0123abcd"), ("LEVEL", "debug"), ("MILLISECONDS", "1"), ("PATH", "/x"), ("NAME", "berlin"),
      ("NUMBER", "3"), ("SEQ", "7"), ("RUN", "0a1b2c3d"),
    ]
    let lines = shown.map { form in values.reduce(form) { $0.replacing($1.0, with: $1.1) } }
    let requests: [ControlRequest] = [
      .version, .status, .metrics, .events(EventsRequest()), .events(EventsRequest(after: 7)),
      .events(EventsRequest(after: 7, run: "0a1b2c3d")), .site, .history(nil), .history(3), .trial("0123abcd"),
      .logLevel(nil),
      .logLevel(.debug),
      .reload(.reload),
      .reload(.apply), .reload(.rollback), .tryOut(token: "0123abcd", .milliseconds(1), "/x"), .confirm("0123abcd"),
      .rollBack(nil),
      .rollBack("0123abcd"), .administer(.down, "berlin"), .administer(.up, "berlin"), .administer(.reset, "berlin"),
    ]
    #expect(lines == requests.map(\.line))
    #expect(page.contains("version \(ControlProtocol.current)."))
  }

  @Test("what is not a request is answered by an error, which a client repeats")
  func unknown() throws {
    let answer = Data(ControlError.unknownRequest.octets)
    #expect(ControlError(in: answer) == .unknownRequest)
    #expect(ControlError(in: Data(ControlProtocol().octets)) == nil)
    let failure = #expect(throws: ControlFailure.self) { try TrialAnswer(answer: answer) }
    #expect(failure?.message.contains("is not a request that pwmgr") == true)
  }
}
