import PWCore
import Testing

@testable import pwmgr

/// A tunnel or pseudowire of the daemon, explained.
@Suite struct LiveExplanationTests {
  @Test(
    "The results that a line names are found, and the name tells whose they are",
    arguments: [
      (
        "the peer disconnected the session: result 24 (no such forwarder): declared here is 7",
        [.call(.noSuchForwarder)]
      ),
      (
        "the peer stopped the control connection: result 4 (not authorised)",
        [.stop(StopCode(rawValue: 4))]
      ),
      (
        "the peer disconnected the session: result 4 (no facilities for now)", [.call(CallCode(rawValue: 4))]
      ),
      (
        "we disconnected the session: result 2 (general error), error 8 (unknown mandatory AVP): x",
        [.call(CallCode(rawValue: 2)), .error(GeneralError(rawValue: 8))]
      ),
      (
        "the peer stopped the control connection: result 2 (general error), error 3 (x)",
        [.stop(StopCode(rawValue: 2)), .error(GeneralError(rawValue: 3))]
      ),
      ("no answer from 192.0.2.2", []), ("result 70000 (x)", []),
    ] as [(String, [ExplainedSubject])])
  func results(_ line: String, _ subjects: [ExplainedSubject]) {
    #expect(ExplainedSubject.results(in: line) == subjects)
  }

  @Test("Its status comes first, then every code that the status names, once") func words() throws {
    var document = StatusFixture.document()
    let refused = "the peer disconnected the session: result 24 (no such forwarder)"
    document.site.tunnels[0].pseudowires[1].forwarding = Since(
      .no(because: [ForwardingObstacle(.sessionFailed, refused)]), since: document.daemon.now)
    document.site.tunnels[0].pseudowires[1].lastError = Since(refused, since: document.daemon.now)
    let live = try LiveExplanation(of: "berlin/guest", in: document)
    #expect(!live.isWell)
    #expect(live.explanations.map(\.subject) == [.call(.noSuchForwarder)])
    let text = live.words(columns: 80)
    #expect(text.hasPrefix("pseudowire berlin/guest  "))
    let verdict = "Something is wrong with berlin/guest: see the lines above."
    #expect(text.contains("\n\(verdict)\n\nCDN 24: no such forwarder\n"))
    for line in text.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
  }

  @Test("Of one that is well that is said") func well() throws {
    var document = StatusFixture.document()
    // One with a warning is not well.
    #expect(try !LiveExplanation(of: "berlin/lan", in: document).isWell)
    document.site.tunnels[0].pseudowires[0].warnings = []
    let live = try LiveExplanation(of: "berlin/lan", in: document)
    #expect(live.isWell && live.words(columns: 80).contains("Nothing is wrong with berlin/lan now."))
    #expect(throws: StatusSelection.UnknownName.self) {
      try LiveExplanation(of: "berlin/lost", in: StatusFixture.document())
    }
  }
}
