/// Elements in slots that are used again, named by references that are not: a reference to an element that is gone finds
/// nothing, even when its slot has a new tenant. No search, no hashing, no allocation once it has grown.
struct SlotTable<Element> {
  /// Names one element for as long as it lives, and nothing afterwards.
  struct Reference: Hashable, Codable {
    /// The slot's number in the lower half, the count of its tenants in the upper: never the same twice.
    let rawValue: UInt64

    fileprivate init(index: Int, generation: UInt32) {
      rawValue = UInt64(generation) << 32 | UInt64(UInt32(index))
    }

    /// Takes a number apart that went out as the identifier of an effect or a consultation.
    init(rawValue: UInt64) { self.rawValue = rawValue }

    fileprivate var index: Int { Int(rawValue & 0xFFFF_FFFF) }
    fileprivate var generation: UInt32 { UInt32(rawValue >> 32) }
  }

  /// An element, and beside it the count of its tenants: each access reads both.
  private struct Slot {
    /// Odd while the slot is taken.
    var generation: UInt32
    var element: Element
  }

  private var slots: [Slot] = []
  private var vacancies: [Int] = []
  /// The placeholder in a free slot, so that nothing outlives its removal.
  private let vacant: Element
  /// How many elements there are.
  private(set) var count = 0

  /// An empty table; `vacant` stands in free slots.
  init(vacant: Element) {
    self.vacant = vacant
  }

  /// Makes free slots, so that there are `count` in all: a table that grows as elements are added copies them all each
  /// time, and touches fresh memory while sessions are being set up.
  mutating func reserve(_ count: Int) {
    let first = slots.count
    guard first < count else { return }
    slots.reserveCapacity(count)
    vacancies.reserveCapacity(vacancies.count + count - first)
    for _ in first..<count { slots.append(Slot(generation: 0, element: vacant)) }
    // The next to be taken is the last in the list.
    vacancies.insert(contentsOf: (first..<count).reversed(), at: 0)
  }

  /// Puts an element into a free slot.
  mutating func insert(_ element: consuming Element) -> Reference {
    count += 1
    if let index = vacancies.popLast() {
      slots[index].element = element
      slots[index].generation &+= 1
      return Reference(index: index, generation: slots[index].generation)
    }
    slots.append(Slot(generation: 1, element: element))
    return Reference(index: slots.count - 1, generation: 1)
  }

  /// Whether the element that `reference` names is still there.
  @inline(__always)
  func contains(_ reference: Reference) -> Bool {
    reference.index < slots.count && slots[reference.index].generation == reference.generation
      && reference.generation & 1 == 1
  }

  /// The element, which must be there; changed in place.
  subscript(reference: Reference) -> Element {
    // Inlined, so that reading a field copies the field and not the element.
    @inline(__always) get {
      precondition(contains(reference), "a reference to an element that is gone")
      return slots[reference.index].element
    }
    @inline(__always) _modify {
      precondition(contains(reference), "a reference to an element that is gone")
      yield &slots[reference.index].element
    }
  }

  /// Takes an element out; nil when it is gone already.
  @discardableResult
  mutating func remove(_ reference: Reference) -> Element? {
    guard contains(reference) else { return nil }
    // Moved out, not copied: most elements hold arrays and strings.
    var element = vacant
    swap(&element, &slots[reference.index].element)
    slots[reference.index].generation &+= 1
    vacancies.append(reference.index)
    count -= 1
    return element
  }

  /// Every element's name, in the order of the slots.
  var references: [Reference] {
    slots.indices.filter { slots[$0].generation & 1 == 1 }
      .map { Reference(index: $0, generation: slots[$0].generation) }
  }
}

extension SlotTable: Codable where Element: Codable {
  private enum CodingKeys: CodingKey {
    case vacant, generations, elements, vacancies
  }

  /// Reads what `encode` writes; throws where that does not fit together.
  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(vacant: try container.decode(Element.self, forKey: .vacant))
    vacancies = try container.decode([Int].self, forKey: .vacancies)
    var elements = try container.nestedUnkeyedContainer(forKey: .elements)
    for generation in try container.decode([UInt32].self, forKey: .generations) {
      let isTaken = generation & 1 == 1
      slots.append(Slot(generation: generation, element: isTaken ? try elements.decode(Element.self) : vacant))
      if isTaken { count += 1 }
    }
    let free = slots.indices.filter { slots[$0].generation & 1 == 0 }
    guard vacancies.sorted() == free, elements.isAtEnd else {
      throw DecodingError.dataCorruptedError(
        forKey: .vacancies, in: container, debugDescription: "the free slots are not those that hold no element")
    }
  }

  /// Writes the elements that there are, and for each slot how many tenants it has had: references stay what they are.
  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(vacant, forKey: .vacant)
    try container.encode(vacancies, forKey: .vacancies)
    try container.encode(slots.map(\.generation), forKey: .generations)
    var elements = container.nestedUnkeyedContainer(forKey: .elements)
    for slot in slots where slot.generation & 1 == 1 { try elements.encode(slot.element) }
  }
}
