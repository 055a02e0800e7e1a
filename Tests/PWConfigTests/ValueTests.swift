import PWCore
import Testing

@testable import PWConfig

/// Single values.
struct ValueTests {
  @Test(
    "End ids: a plain number is four octets, the rest is text",
    arguments: [
      (Scalar("100"), [0, 0, 0, 100]), (Scalar("4294967295"), [255, 255, 255, 255]), (Scalar("0"), [0, 0, 0, 0]),
      (Scalar("100", isPlain: false), [0x31, 0x30, 0x30]), (Scalar("lan-1"), Array("lan-1".utf8)),
      (Scalar("1a"), Array("1a".utf8)), (Scalar("0100", isPlain: false), Array("0100".utf8)),
    ] as [(Scalar, [UInt8])])
  func endIDs(scalar: Scalar, octets: [UInt8]) throws {
    #expect(try EndIDs.endID(scalar).octets == octets)
  }

  @Test(
    "A text that might be taken for another number is refused",
    arguments: ["0100", "-1", "+1", "1_000", "1.5", "0x64", "4294967296"])
  func ambiguousEndIDs(text: String) {
    #expect(throws: ValueFault.self) { try EndIDs.endID(Scalar(text)) }
  }

  @Test(
    "Durations",
    arguments: [
      ("500ms", .milliseconds(500)), ("60s", .seconds(60)), ("2m", .seconds(120)), ("1h", .seconds(3_600)),
      ("90s", .seconds(90)),
    ] as [(String, Duration)])
  func durations(text: String, duration: Duration) throws {
    #expect(try KeyType.duration(.zero ... .seconds(86_400)).read(Scalar(text)) == duration)
  }

  @Test("A duration is written as it would be by hand", arguments: ["500ms", "90s", "2m", "1h", "0s"])
  func durationText(text: String) throws {
    #expect(DurationText.text(try DurationText.duration(text)) == text)
  }

  @Test("Derived interface names fit, stay, and differ")
  func derivedNames() {
    #expect(DerivedNames.interface(tunnel: "berlin", pseudowire: "lan") == "berlin-lan")
    let names = (0..<1_000).map { DerivedNames.interface(tunnel: "to-headquarters", pseudowire: "customer-\($0)") }
    #expect(Set(names).count == names.count)
    #expect(names.allSatisfy { $0.utf8.count <= 15 && $0.hasPrefix("to-hea-") })
    #expect(DerivedNames.interface(tunnel: "to-headquarters", pseudowire: "customer-1") == "to-hea-c5a98cef")
  }

  @Test(
    "Peers",
    arguments: [
      ("any", .any), ("192.0.2.2", .address(.v4(0xC000_0202))), ("gw.example.net", .name("gw.example.net")),
      ("gw.example.net.", .name("gw.example.net.")), ("3com.example", .name("3com.example")),
      ("fe80::2%eth0", .address(.v6(high: 0xFE80_0000_0000_0000, low: 2, zone: "eth0"))),
    ] as [(String, TunnelDeclaration.Peer)])
  func peers(text: String, peer: TunnelDeclaration.Peer) throws {
    #expect(try Addresses.peer(Scalar(text)) == peer)
  }

  @Test("A host called any can be written, in quotation marks")
  func hostCalledAny() throws {
    #expect(try Addresses.peer(Scalar("any", isPlain: false)) == .name("any"))
  }
}

/// "Did you mean".
struct SpellingTests {
  @Test(
    "The nearest word, if any is near",
    arguments: [
      ("cokie", "cookie"), ("Cookie", "cookie"), ("brigde", "bridge"), ("secret", "secret-file"), ("colour", nil),
      ("", nil), ("x", nil), ("mt", "mtu"), ("MTU", "mtu"), ("Secret", "secret-file"),
    ])
  func suggestions(word: String, suggestion: String?) {
    #expect(Spelling.suggestion(for: word, among: ["cookie", "bridge", "mtu", "secret-file"]) == suggestion)
  }

  @Test("A word without end is not compared")
  func bounded() {
    #expect(
      Spelling.suggestion(for: String(repeating: "a", count: 65), among: [String(repeating: "a", count: 64)]) == nil)
  }
}
