import PWCore
import Testing

/// Values that a site has in many places, each with one rule.
@Suite("Words and numbers of a site")
struct SiteWordsTests {
  @Test(
    "switches are true or false, by the words that YAML 1.1 takes for them as well",
    arguments: [
      ("true", true), ("Yes", true), ("ON", true), ("false", false), ("no", false), ("Off", false), ("1", nil),
      ("", nil), ("truee", nil), ("y", nil),
    ] as [(String, Bool?)])
  func switches(text: String, value: Bool?) {
    #expect(Switch.value(of: text) == value)
  }

  @Test(
    "durations have a number and a unit, and are written with the longest one that fits",
    arguments: [
      ("500ms", .milliseconds(500), "500ms"), ("60s", .seconds(60), "1m"), ("90s", .seconds(90), "90s"),
      ("2m", .seconds(120), "2m"), ("1h", .seconds(3_600), "1h"), ("0ms", .zero, "0s"), ("007s", .seconds(7), "7s"),
    ] as [(String, Duration, String)])
  func durations(text: String, duration: Duration, written: String) throws {
    #expect(try DurationText.duration(text) == duration)
    #expect(DurationText.text(duration) == written)
  }

  @Test(
    "a text that is not a duration is refused, with the cure",
    arguments: [
      ("60", "write '60s' or '60ms'"), ("", "write a number and a unit"), ("s", "write a number and a unit"),
      ("-1s", "write a number and a unit"), ("1.5s", "without a space or a decimal point"), ("1 s", "without a space"),
      ("1d", "write a number and ms, s, m or h"), ("99999999999999999999s", "write hours"),
      ("9223372036854775807h", "write hours"),
    ])
  func faults(text: String, cure: String) {
    let fault = #expect(throws: DurationText.Fault.self) { try DurationText.duration(text) }
    #expect(fault?.message.contains(cure) == true, "\(fault?.message ?? "none")")
  }

  @Test(
    "a file is named by its full path",
    arguments: [
      ("/etc/a", true), ("/a", true), ("a", false), ("./a", false), ("/", false), ("/etc/", false), ("", false),
      ("/a\0b", false),
    ])
  func paths(text: String, isFull: Bool) {
    #expect(FilePath.isFull(text) == isFull)
  }

  @Test("a key that is missing is asked for in one way")
  func missingKeys() {
    let key = KeyDescription("mode", "`a` or `b`", absent: nil, change: .session, "What for.")
    #expect(key.isRequired)
    #expect(key.missing(in: "tunnel 't'") == "tunnel 't' has no 'mode'; add 'mode:' ('a' or 'b')")
    #expect(
      key.missing(in: "pseudowire 'p'", neededBy: "plugin 'x'")
        == "pseudowire 'p' has no 'mode', which plugin 'x' needs; add 'mode:' ('a' or 'b')")
    #expect(!KeyDescription("mode", "`a` or `b`", absent: "`a`", change: .session, "What for.").isRequired)
  }
}
