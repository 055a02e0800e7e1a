import Foundation
import PWCore
import Testing

@testable import pwmgr

@Suite struct StatusTests {
  @Test func documentSurvivesItsJSON() throws {
    let document = StatusFixture.document()
    #expect(try StatusDocument(json: document.json()) == document)
  }

  @Test("An answer that cannot be read is told with its sender and the cure")
  func unreadable() throws {
    let text = String(decoding: try StatusFixture.document().json(), as: UTF8.self)
    let strange = text.replacing("\"established\"", with: "\"thriving\"")
    let newer = #expect(throws: ControlFailure.self) { try StatusDocument(answer: Data(strange.utf8)) }
    let cure = "the daemon is pwmgr 0.0.0, and pwmgr \(Version.number) cannot read its status: restart the daemon"
    #expect(newer?.message == cure)
    for answer in ["", "[]", "{\"version\":\"\(Version.number)\"}"] {
      let failure = #expect(throws: ControlFailure.self) { try StatusDocument(answer: Data(answer.utf8)) }
      #expect(failure?.message == "the daemon's answer is not a status: see its journal")
    }
    #expect(try StatusDocument(answer: Data(text.utf8)) == StatusFixture.document())
  }

  @Test func keysAreStable() throws {
    let text = String(decoding: try StatusFixture.document().json(), as: UTF8.self)
    for key in [
      "local_connection_id", "peer_session_id", "not_forwarding_because", "path_mtu", "end_id", "process_id",
      "control_messages_dropped", "not_allowed", "rate_limited", "half_open_connections",
    ] {
      #expect(text.contains("\"\(key)\""), "\(key) is gone from the JSON")
    }
  }

  @Test func textTellsWhatForwardsAndWhyNot() {
    let text = StatusText(StatusFixture.document()).rendered()
    let expected = [
      "site amsterdam: 1 of 2 tunnels established, 1 of 2 pseudowires forwarding",
      "data plane kernel (the kernel has L2TP); pwmgr 0.0.0, process 42, up 2h3m",
      "problem: the listener is not open",
      "tunnel berlin  established for 1h",
      "peer 192.0.2.2:1701, 2nd of 3  host name berlin",
      "not forwarding: the peer reports its attachment circuit down",
      "addresses: 10.9.0.1 peer 10.9.0.2",
      "warning: member eth1 has MTU 9000",
      "counted: 3 wrong cookies",
      "last error: the kernel said no (1h ago)",
      "path mtu 1500  hidden avps sensitive/none  compatibility cisco, learned  digest sha1 secret berlin-2026  established once",
      "encapsulation ip  challenge not answered  established",
      "half-open control connections: 3",
      "control messages dropped: 12 not allowed, 7 unauthentic, 2 of L2TPv2",
      "tunnel paris  idle for 1m30s, next attempt in 12s",
      "last error: no answer to SCCRQ (9s ago)",
      "bridge br-lan: problem: member eth9 is not there",
    ]
    for line in expected { #expect(text.contains(line), "missing '\(line)' in:\n\(text)") }
    #expect(!text.split(separator: "\n").contains { $0.hasSuffix(" ") }, "a line ends in blanks")
  }

  @Test("The DSCP and TTL of our packets are told where the file sets them")
  func outerHeaders() {
    var document = StatusFixture.document()
    #expect(!StatusText(document).rendered().contains("ttl") && !StatusText(document).rendered().contains("dscp"))
    (document.site.tunnels[0].copiesDSCP, document.site.tunnels[0].hopLimit) = (true, 7)
    #expect(StatusText(document).rendered().contains("path mtu 1500  dscp inherit  ttl 7  hidden avps"))
  }

  @Test("An error is past once all is well, and is said once")
  func errorsOnce() {
    var document = StatusFixture.document()
    let failure = Since("the wire was cut", since: document.daemon.now)
    document.site.tunnels.removeLast()
    document.site.tunnels[0].lastError = failure
    document.site.tunnels[0].pseudowires = document.site.tunnels[0].pseudowires.filter(\.isForwarding)
    document.site.tunnels[0].pseudowires[0].lastError = failure
    let text = StatusText(document).rendered()
    #expect(text.contains("past error: the wire was cut"))
    #expect(!text.contains("last error"))
    #expect(text.split(separator: "the wire was cut").count == 2)
  }

  @Test("The error of a control connection is told with a pseudowire that is shown alone, while there is none")
  func errorOfTheTunnel() throws {
    var document = StatusFixture.document()
    let index = try #require(document.site.tunnels.firstIndex { !$0.pseudowires.isEmpty })
    document.site.tunnels[index].lastError = Since("the wire was cut", since: document.daemon.now)
    document.site.tunnels[index].pseudowires[0].lastError = nil
    let selection = StatusSelection(
      name: "\(document.site.tunnels[index].name)/\(document.site.tunnels[index].pseudowires[0].name)")
    for state in [TunnelStatus.State.established, .idle] {
      document.site.tunnels[index].state = Since(state, since: document.daemon.now)
      let text = StatusText(try selection.applied(to: document), .narrow, selection).rendered()
      #expect(text.contains("last error of the tunnel: the wire was cut") == (state == .idle), "\(text)")
    }
  }

  @Test func textTellsHowPluginsAre() {
    let text = StatusText(StatusFixture.document()).rendered()
    #expect(
      text.contains(
        """
        plugin macsec  waiting for 3s, started again in 5s  version 1.0  process 4711  started again 2 times
          /usr/lib/pwmgr/plugins/macsec
          problem: it ended with status 3
          said 1m15s ago: no key

        """))
  }

  @Test func manyThatWaitAreOneLine() throws {
    var document = StatusFixture.document()
    document.site.tunnels[0].templates = [
      .init(
        name: "dsl", attachment: "pppoe on eth1", sessions: 100, idle: 98,
        lastError: Since("the peer said no", since: StatusFixture.ago(60)))
    ]
    document.site.tunnels[0].pseudowires[0].client = .init(
      address: "02:00:00:00:00:01", sessionID: 7, serviceName: "internet",
      since: StatusFixture.ago(5))
    document.site.tunnels[1].templates = [
      .init(name: "far", attachment: "none", sessions: 5, idle: 5)
    ]
    let text = StatusText(document).rendered()
    #expect(
      text.contains("  dsl: 98 of 100 idle  pppoe on eth1\n    last error: the peer said no (1m ago)\n  PSEUDOWIRE"))
    #expect(text.contains("    PPPoE client 02:00:00:00:00:01, session 7, service internet, for 5s\n"))
    #expect(text.hasSuffix("  far: 5 of 5 idle\n") || text.contains("  far: 5 of 5 idle\n\n"))
    #expect(!text.contains("no pseudowires declared"))
    #expect(try StatusDocument(json: document.json()) == document)
  }

  @Test func textTellsWhatThePeerSaysOfItsCircuit() {
    var document = StatusFixture.document()
    document.site.tunnels[0].pseudowires[0].peerTransmitSpeed = 1_000_000_000
    document.site.tunnels[0].pseudowires[0].peerReceiveSpeed = 0
    document.site.tunnels[0].pseudowires[0].peerErrors = CircuitErrors()
    document.site.tunnels[0].pseudowires[0].peerErrors?.crc = 5
    document.site.tunnels[0].pseudowires[0].peerErrors?.alignment = 1
    let text = StatusText(document).rendered()
    #expect(text.contains("the peer's circuit sends 1000000000 bit/s\n"))
    #expect(text.contains("the peer's circuit errors: 5 CRC, 1 alignment"))
    #expect(!StatusText(StatusFixture.document()).rendered().contains("the peer's circuit"))
  }

  @Test func tableColumnsLineUp() throws {
    let lines = StatusText(StatusFixture.document()).rendered().split(separator: "\n").map(String.init)
    let header = try #require(lines.first { $0.contains("PSEUDOWIRE") })
    let column = try #require(header.range(of: "FORWARDING")).lowerBound
    let offset = header.distance(from: header.startIndex, to: column)
    let row = try #require(lines.first { $0.hasPrefix("  guest") })
    #expect(row.dropFirst(offset).hasPrefix("NO"))
  }

  @Test func everythingForwardsOnlyWhenAllDo() {
    var document = StatusFixture.document()
    #expect(!document.isAsDeclared)
    document.site.tunnels[0].pseudowires.removeLast()
    #expect(!document.isAsDeclared, "a bridge has a problem")
    for index in document.site.bridges.indices { document.site.bridges[index].problems = [] }
    #expect(document.isAsDeclared)
  }

  @Test(
    arguments: [(0.4, "0s"), (59, "59s"), (61, "1m1s"), (3_600, "1h"), (90_061, "1d1h"), (86_400 * 400, "400d")]
      as [(Double, String)])
  func durations(seconds: Double, text: String) {
    #expect(StatusText.duration(seconds) == text)
  }

  @Test("A part of the site is shown by its name, and a name that is not there is said") func selections() throws {
    let document = StatusFixture.document()
    let one = StatusSelection(name: "berlin/lan")
    let text = StatusText(try one.applied(to: document), .narrow, one).rendered()
    #expect(text.hasPrefix("pseudowire berlin/lan  established for 1m  forwarding yes for 5s\n"))
    #expect(!text.contains("paris") && !text.contains("guest") && !text.contains("site amsterdam"))
    let tunnel = StatusSelection(name: "paris")
    #expect(StatusText(try tunnel.applied(to: document), .narrow, tunnel).rendered().hasPrefix("tunnel paris  idle"))
    let unknown = #expect(throws: StatusSelection.UnknownName.self) {
      try StatusSelection(name: "berlin/lam").applied(to: document)
    }
    #expect(unknown?.message == "there is no tunnel or pseudowire 'berlin/lam'; did you mean 'berlin/lan'?")
  }

  @Test("With --problems all that is well is left out") func problems() throws {
    var document = StatusFixture.document()
    let selection = StatusSelection(isProblemsOnly: true)
    let text = StatusText(try selection.applied(to: document), .narrow, selection).rendered()
    #expect(text.contains("  guest ") && text.contains("tunnel paris") && text.contains("problem: the listener"))
    document.site.tunnels.removeLast()
    document.site.tunnels[0].pseudowires.removeAll { !$0.isForwarding || !$0.warnings.isEmpty }
    (document.site.problems, document.site.bridges, document.daemon.plugins) = ([], [], [])
    let well = StatusText(try selection.applied(to: document), .narrow, selection).rendered()
    #expect(well.hasSuffix("no problems\n") && !well.contains("tunnel berlin"))
  }

  @Test("On a terminal, bad news is red and what is past is faint") func colours() {
    let layout = StatusLayout(width: 80, isColoured: true)
    let text = StatusText(StatusFixture.document(), layout).rendered()
    #expect(text.contains("\u{1B}[31mproblem: the listener is not open\u{1B}[0m\n"))
    #expect(text.contains("\u{1B}[33m    warning: member eth1"))
    #expect(!StatusText(StatusFixture.document(), .narrow).rendered().contains("\u{1B}"))
  }

  @Test("A line is broken between fields, or between words where a field is long")
  func brokenLines() {
    let layout = StatusLayout(width: 20)
    #expect(layout.lines(of: StatusLine("  aaaa  bbbb cc  dddd e")) == ["  aaaa  bbbb cc", "      dddd e"])
    #expect(layout.lines(of: StatusLine("a: bbbb cccc dddd eeee")) == ["a: bbbb cccc dddd", "    eeee"])
    #expect(layout.lines(of: StatusLine("peer's 'a b c d e f g'")) == ["peer's", "    'a b c d e f g'"])
    // A quotation mark without its other half, and a quotation that is too long for a line.
    #expect(layout.lines(of: StatusLine("a 'b cccc dddd eeee ffff")) == ["a 'b cccc dddd eeee", "    ffff"])
    let long = "'" + Array(repeating: "bbbb", count: 8).joined(separator: " ") + "'"
    #expect(layout.lines(of: StatusLine("a \(long)")).allSatisfy { $0.count <= 20 })
    let word = String(repeating: "x", count: 30)
    #expect(layout.lines(of: StatusLine("  \(word) y")) == ["  \(word)", "      y"])
    #expect(layout.lines(of: StatusLine(word)) == [word])
  }
}
