import Foundation
import PWCore
import Testing

@testable import pwmgr

/// Events as programs and people read them.
@Suite struct EventRecordTests {
  private static let event = Event(
    .notice, .notForwarding, tunnel: "berlin", pseudowire: "lan",
    fields: [
      EventField(.reasons, .texts(["peer-silent", "circuit"])), .text(.link, "eth1"), .number(.octets, 1_400),
    ], "not forwarding: the peer is silent;\neth1 is down")
  private static let entry = EventRing.Entry(number: 7, milliseconds: 1_795_966_400_123, event: event)

  @Test("An object of one line, with every key")
  func json() throws {
    #expect(
      EventRecord(Self.entry, run: "0a1b").jsonLine == """
        {"fields":{"link":"eth1","octets":1400,"reasons":["peer-silent","circuit"]},"kind":"not-forwarding",\
        "level":"notice","message":"not forwarding: the peer is silent;\\neth1 is down","pseudowire":"lan","run":"0a1b",\
        "seq":7,\
        "time":"2026-11-29T15:33:20.123Z","tunnel":"berlin"}
        """)
    let alone = EventRing.Entry(number: 1, milliseconds: 0, event: Event(.info, .stopped, "stopped"))
    #expect(
      EventRecord(alone, run: "0a1b").jsonLine == """
        {"fields":{},"kind":"stopped","level":"info","message":"stopped","pseudowire":null,"run":"0a1b",\
        "seq":1,\
        "time":"1970-01-01T00:00:00.000Z","tunnel":null}
        """)
  }

  @Test("An answer is read as it was written")
  func answer() throws {
    let answer = EventsAnswer(run: "abc", EventRing.Part(entries: [Self.entry], lostCount: 3, latest: 7))
    #expect(try JSONDecoder().decode(EventsAnswer.self, from: Data(answer.octets)) == answer)
  }

  @Test("The line of the log at a terminal")
  func text() {
    #expect(
      EventRecord(Self.entry, run: "0a1b").text == """
        2026-11-29T15:33:20.123Z notice  berlin/lan: not forwarding: the peer is silent; eth1 is down
        """)
  }

  @Test("The journal's fields: each reason can be selected by")
  func journal() {
    let fields = JournalEntry.fields(of: Self.event, message: "it").map { "\($0.name)=\($0.value)" }
    #expect(
      fields == [
        "MESSAGE=it", "PRIORITY=5", "SYSLOG_IDENTIFIER=pwmgr", "MESSAGE_ID=\(EventKind.notForwarding.messageID)",
        "PWMGR_KIND=not-forwarding", "PWMGR_TUNNEL=berlin", "PWMGR_PSEUDOWIRE=lan", "PWMGR_REASONS=peer-silent",
        "PWMGR_REASONS=circuit", "PWMGR_LINK=eth1", "PWMGR_OCTETS=1400",
      ])
  }

  @Test("A filter by owner, kind and level")
  func filter() {
    let record = EventRecord(Self.entry, run: "0a1b")
    func lets(_ owners: [String], _ kinds: Set<String> = [], _ level: Event.Level = .info) -> Bool {
      EventFilter(owners: owners, kinds: kinds, level: level).lets(record)
    }
    #expect(lets([]) && lets(["berlin"]) && lets(["rome", "berlin/lan"]))
    #expect(!lets(["rome"]) && !lets(["berlin/dmz"]))
    #expect(lets([], ["not-forwarding"]) && !lets([], ["forwarding"]))
    #expect(lets([], [], .notice) && !lets([], [], .warning))
  }
}
