import Testing

@testable import PWCore

@Suite("The table of our own identifiers") struct IdentifierTableTests {
  private typealias Table = IdentifierTable<SessionID, Int>

  private func session(_ number: UInt32) -> SessionID { SessionID(rawValue: number) }

  private func element(_ number: Int) -> SlotTable<Int>.Reference {
    SlotTable<Int>.Reference(rawValue: UInt64(number))
  }

  @Test("finds what was given, takes nothing twice, and forgets what was taken away")
  func basics() {
    var table = Table()
    let first = table.insert(session(7), for: element(1))
    let second = table.insert(session(7), for: element(2))
    #expect(first && !second)
    #expect(table[session(7)] == element(1))
    #expect(table[session(0)] == nil)
    #expect(table[session(8)] == nil)
    table.remove(session(8))
    table.remove(session(7))
    #expect(table[session(7)] == nil)
    #expect(table.count == 0)
    let third = table.insert(session(7), for: element(2))
    #expect(third)
  }

  @Test("identifiers that want the same place are found after any of them is gone", arguments: 0..<6)
  func collisions(gone: Int) {
    // All have the same lower bits in a table of any size that this one gets, and the last ones wrap round its end.
    let identifiers = (1...6).map { UInt32($0) << 24 | 15 }
    var table = Table()
    for (number, identifier) in identifiers.enumerated() { table.insert(session(identifier), for: element(number)) }
    table.remove(session(identifiers[gone]))
    for (number, identifier) in identifiers.enumerated() {
      #expect(table[session(identifier)] == (number == gone ? nil : element(number)))
    }
    table.insert(session(identifiers[gone]), for: element(99))
    #expect(table.identifiers.map(\.rawValue).sorted() == identifiers)
  }

  @Test("agrees with a dictionary, whatever comes and goes")
  func agrees() {
    var state: UInt64 = 42
    func draw(_ limit: UInt32) -> UInt32 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return UInt32(truncatingIfNeeded: state >> 33) % limit
    }
    var table = Table()
    var model: [UInt32: SlotTable<Int>.Reference] = [:]
    for step in 0..<20_000 {
      // Few identifiers, close together: long runs.
      let identifier = 1 + draw(700)
      if draw(2) == 0 {
        let isFree = model[identifier] == nil
        let isTaken = table.insert(session(identifier), for: element(step))
        #expect(isTaken == isFree)
        if isFree { model[identifier] = element(step) }
      } else {
        table.remove(session(identifier))
        model[identifier] = nil
      }
      let probe = 1 + draw(700)
      #expect(table[session(probe)] == model[probe])
    }
    #expect(table.count == model.count)
    #expect(table.identifiers.map(\.rawValue).sorted() == model.keys.sorted())
  }

  @Test("room that was reserved holds what was there")
  func reserve() {
    var table = Table()
    table.insert(session(3), for: element(3))
    table.reserveCapacity(1_000)
    #expect(table[session(3)] == element(3))
    #expect(table.count == 1)
  }
}

@Suite("The queue of outputs") struct OutputQueueTests {
  private func event(_ number: Int) -> Output { .event(Event(.info, .protocolStep, "\(number)")) }

  @Test("gives in the order in which it was given, also when both alternate")
  func order() {
    var queue = OutputQueue()
    var next = 0
    var expected = 0
    for burst in [1, 3, 0, 5, 2, 1] {
      for _ in 0..<burst {
        queue.append(event(next))
        next += 1
      }
      for _ in 0..<2 {
        guard let output = queue.popFirst() else { continue }
        #expect(output == event(expected))
        expected += 1
      }
    }
    while let output = queue.popFirst() {
      #expect(output == event(expected))
      expected += 1
    }
    #expect(expected == next)
    #expect(queue.isEmpty)
  }
}
