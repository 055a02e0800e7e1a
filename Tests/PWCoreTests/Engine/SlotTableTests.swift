import Testing

@testable import PWCore

@Suite("Elements in slots") struct SlotTableTests {
  @Test("A reference finds its element and never another one's") func generations() {
    var table = SlotTable(vacant: "")
    let first = table.insert("first")
    #expect(table.contains(first) && table[first] == "first" && table.count == 1)
    let removed = table.remove(first)
    let second = table.insert("second")
    #expect(removed == "first" && !table.contains(first) && table.remove(first) == nil)
    #expect(table[second] == "second" && table.references == [second])
  }

  @Test("Slots that were made in advance are free, and taken in their order") func reserved() {
    var table = SlotTable(vacant: 0)
    let early = table.insert(1)
    table.reserve(4)
    #expect(table.count == 1 && table.references == [early])
    let references = [2, 3, 4, 5].map { table.insert($0) }
    #expect(table.references == [early] + references && table.references.map { table[$0] } == [1, 2, 3, 4, 5])
    table.reserve(3)
    #expect(table.count == 5)
  }

  @Test("A slot that was left is taken before those that were made in advance") func vacancies() {
    var table = SlotTable(vacant: 0)
    let first = table.insert(1)
    table.remove(first)
    table.reserve(3)
    let next = table.insert(2)
    #expect(table.references == [next] && !table.contains(first))
  }
}
