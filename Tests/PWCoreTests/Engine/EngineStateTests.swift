import Foundation
import Testing

@testable import PWCore

@Suite("The state of an engine, written out and read back")
struct EngineStateTests {
  /// Reads back what an engine has written out.
  private func copy(_ driver: TestDriver, seed: UInt64) throws -> Engine {
    let state = try JSONDecoder().decode(EngineState.self, from: JSONEncoder().encode(driver.engine.state))
    return Engine(
      state, plugins: driver.engine.plugins, entropy: SeededEntropy(state: seed),
      authenticator: ChecksumAuthenticator())
  }

  @Test("it holds all that the engine holds, its plugins apart")
  func whole() {
    let pair = EnginePair()
    let held = Mirror(reflecting: pair.left.engine).children.compactMap(\.label)
    let written = Mirror(reflecting: pair.left.engine.state).children.compactMap(\.label)
    #expect(Set(held).subtracting(written) == ["plugins"] && Set(written).isSubset(of: held))
  }

  @Test("it holds all of a turn but the means that are lent, and what is said within an input")
  func wholeTurn() {
    let turn = EnginePair().left.engine.turn
    let held = Mirror(reflecting: turn).children.compactMap(\.label)
    let written = Mirror(reflecting: turn.state).children.compactMap(\.label)
    #expect(
      Set(held).subtracting(written) == ["entropy", "authenticator", "outputs", "touched", "owing"]
        && Set(written).isSubset(of: held))
  }

  @Test("two sites whose engines are read back again and again set up their sessions, and keep them", arguments: 0..<8)
  func goesOn(variant: Int) throws {
    let secret: [UInt8]? = variant & 1 == 1 ? [1, 2, 3] : nil
    let pair = EnginePair(encapsulation: variant & 2 == 2 ? .ip : .udp, secret: secret) { tunnel, _ in
      tunnel.probesPath = variant & 4 == 4
    }
    pair.left.recorder = nil
    pair.right.recorder = nil
    for turn in 0..<80 {
      pair.run(for: turn < 40 ? .milliseconds(5) : .seconds(5))
      let before = pair.left.engine.status(at: pair.now)
      for (driver, side) in [(pair.left, UInt64(1)), (pair.right, UInt64(2))] {
        driver.engine = try copy(driver, seed: UInt64(turn) << 8 | side)
      }
      #expect(pair.left.engine.status(at: pair.now) == before)
    }
    #expect(pair.isForwarding)
    #expect(pair.left.status.tunnels[0].establishedCount == 1)
  }

  @Test("a table whose free slots do not fit the others is refused")
  func corrupt() throws {
    var table = SlotTable<Int>(vacant: 0)
    let references = (1...3).map { table.insert($0) }
    table.remove(references[1])
    let text = try String(decoding: JSONEncoder().encode(table), as: UTF8.self)
    let back = try JSONDecoder().decode(SlotTable<Int>.self, from: Data(text.utf8))
    #expect(back.count == 2 && back[references[0]] == 1 && back[references[2]] == 3 && !back.contains(references[1]))
    let surplus = Data(text.replacing("\"elements\":[", with: "\"elements\":[5,").utf8)
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(SlotTable<Int>.self, from: surplus) }
    for wrong in ["\"vacancies\":[]", "\"vacancies\":[0]", "\"vacancies\":[7]", "\"vacancies\":[1,1]"] {
      let changed = Data(text.replacing("\"vacancies\":[1]", with: wrong).utf8)
      #expect(throws: DecodingError.self) { try JSONDecoder().decode(SlotTable<Int>.self, from: changed) }
    }
  }
  @Test("a table of identifiers in which one would not be found, or a search would not end, is refused")
  func corruptIdentifiers() throws {
    var table = IdentifierTable<SessionID, Int>()
    for number in [3, 19, 35] as [UInt32] {
      table.insert(SessionID(rawValue: number), for: .init(rawValue: UInt64(number)))
    }
    let text = try String(decoding: JSONEncoder().encode(table), as: UTF8.self)
    let back = try JSONDecoder().decode(IdentifierTable<SessionID, Int>.self, from: Data(text.utf8))
    #expect(back.count == 3 && back[SessionID(rawValue: 35)]?.rawValue == 35)
    let wrongs = [
      text.replacing("\"identifier\":19", with: "\"identifier\":21"),
      text.replacing("\"count\":3", with: "\"count\":2"),
      text.replacing("\"identifier\":0", with: "\"identifier\":51"),
      #"{"count":0,"slots":[]}"#,
    ]
    for wrong in wrongs {
      #expect(throws: DecodingError.self, "\(wrong)") {
        try JSONDecoder().decode(IdentifierTable<SessionID, Int>.self, from: Data(wrong.utf8))
      }
    }
  }
}
