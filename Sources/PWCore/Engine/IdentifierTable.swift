/// A table of things by our own identifiers. We draw them at random and never 0, so each is its own hash, and nobody
/// else chooses what stands in the table: whoever asks for identifiers that are not ours finds short runs of entries
/// like anybody.
struct IdentifierTable<Identifier: RawRepresentable, Element>: Codable where Identifier.RawValue == UInt32 {
  private var slots: [Slot]
  /// How many elements there are.
  private(set) var count = 0

  /// The name of nothing (RFC 3931 sections 5.4.3 and 5.4.4).
  private static var unknown: UInt32 { 0 }
  /// Slots of an empty table.
  private static var leastSlots: Int { 16 }

  private struct Slot: Codable {
    var identifier: UInt32 = 0
    var element: SlotTable<Element>.Reference
  }

  init() {
    slots = Self.vacant(Self.leastSlots)
  }

  /// Reads what was written; throws where an identifier would not be found, or a search would not end.
  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    slots = try container.decode([Slot].self, forKey: .slots)
    count = try container.decode(Int.self, forKey: .count)
    let taken = slots.indices.filter { slots[$0].identifier != Self.unknown }
    let isSized = slots.count >= Self.leastSlots && slots.count & (slots.count - 1) == 0
    guard isSized, taken.count == count, count &* 4 <= slots.count &* 3,
      taken.allSatisfy({ place(of: slots[$0].identifier) == $0 })
    else {
      throw DecodingError.dataCorruptedError(
        forKey: .slots, in: container, debugDescription: "identifiers are not where they are looked for")
    }
  }

  /// The element that `identifier` names; nil when it is nobody's.
  subscript(identifier: Identifier) -> SlotTable<Element>.Reference? {
    let number = identifier.rawValue
    let slot = slots[place(of: number)]
    return slot.identifier == number && number != Self.unknown ? slot.element : nil
  }

  /// Whether it names nothing.
  var isEmpty: Bool { count == 0 }

  /// Every identifier, in no order.
  var identifiers: [Identifier] {
    slots.compactMap { $0.identifier == Self.unknown ? nil : Identifier(rawValue: $0.identifier) }
  }

  /// Gives an identifier that is not 0 to an element, unless it is taken.
  ///
  /// - Returns: whether it was free.
  @discardableResult
  mutating func insert(_ identifier: Identifier, for element: SlotTable<Element>.Reference) -> Bool {
    let number = identifier.rawValue
    precondition(number != Self.unknown, "0 is not an identifier")
    let place = place(of: number)
    guard slots[place].identifier == Self.unknown else { return false }
    slots[place] = Slot(identifier: number, element: element)
    count += 1
    // Three quarters full: beyond that the runs get long.
    if count &* 4 > slots.count &* 3 { resize(to: slots.count &* 2) }
    return true
  }

  /// Makes room for so many elements at once.
  mutating func reserveCapacity(_ capacity: Int) {
    var wanted = slots.count
    while capacity &* 4 > wanted &* 3 { wanted &*= 2 }
    if wanted > slots.count { resize(to: wanted) }
  }

  /// Takes an identifier away from whoever has it.
  mutating func remove(_ identifier: Identifier) {
    let number = identifier.rawValue
    var hole = place(of: number)
    guard number != Self.unknown, slots[hole].identifier == number else { return }
    count -= 1
    // Entries behind it that were pushed on by it move up, so that a search may stop at the first vacant slot.
    var next = (hole &+ 1) & mask
    while slots[next].identifier != Self.unknown {
      let home = Int(slots[next].identifier) & mask
      if (next &- home) & mask >= (next &- hole) & mask {
        slots[hole] = slots[next]
        hole = next
      }
      next = (next &+ 1) & mask
    }
    slots[hole].identifier = Self.unknown
  }

  private var mask: Int { slots.count &- 1 }

  /// Where an identifier is, or would be put. There is always a vacant slot.
  private func place(of number: UInt32) -> Int {
    var place = Int(number) & mask
    while slots[place].identifier != number, slots[place].identifier != Self.unknown {
      place = (place &+ 1) & mask
    }
    return place
  }

  private mutating func resize(to slotCount: Int) {
    let former = slots
    slots = Self.vacant(slotCount)
    for slot in former where slot.identifier != Self.unknown {
      slots[place(of: slot.identifier)] = slot
    }
  }

  private static func vacant(_ slotCount: Int) -> [Slot] {
    [Slot](repeating: Slot(element: SlotTable<Element>.Reference(rawValue: 0)), count: slotCount)
  }
}
