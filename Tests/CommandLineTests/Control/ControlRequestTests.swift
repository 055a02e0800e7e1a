import Testing

@testable import pwmgr

@Suite("Requests to the daemon") struct ControlRequestTests {
  @Test(
    "each is read as it was written",
    arguments: [
      .status, .site, .history, .logLevel(nil), .logLevel(.debug), .reload(.reload), .reload(.apply),
      .reload(.rollback),
      .administer(.reset, "berlin/lan"), .tryOut(.seconds(120), "/etc/a site/site.yaml.tried"),
      .trial("0123abcd"), .confirm("0123abcd"), .rollBack("0123abcd"), .rollBack(nil),
    ] as [ControlRequest])
  func requests(_ request: ControlRequest) {
    #expect(ControlRequest(line: request.line) == request)
  }

  @Test(
    "others are not taken for one",
    arguments: [
      "", " ", "status ", "site x", "try", "try 1", "try -1 /x", "try x /x", "confirm", "trial", "rollback 1 2",
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
}
