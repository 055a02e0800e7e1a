/// Elements in slots that are used again, named by references that are not: a reference to an element that is gone finds
/// nothing, even when its slot has a new tenant. No search, no hashing, no allocation once it has grown.
struct SlotTable<Element> {
  /// Names one element for as long as it lives, and nothing afterwards.
  struct Reference: Hashable {
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

  private var elements: [Element] = []
  /// Odd while the slot is taken.
  private var generations: [UInt32] = []
  private var vacancies: [Int] = []
  /// What a free slot holds, so that nothing outlives its removal.
  private let vacant: Element
  /// How many elements there are.
  private(set) var count = 0

  /// An empty table; `vacant` stands in free slots.
  init(vacant: Element) {
    self.vacant = vacant
  }

  /// Puts an element into a free slot.
  mutating func insert(_ element: consuming Element) -> Reference {
    count += 1
    if let index = vacancies.popLast() {
      elements[index] = element
      generations[index] &+= 1
      return Reference(index: index, generation: generations[index])
    }
    elements.append(element)
    generations.append(1)
    return Reference(index: elements.count - 1, generation: 1)
  }

  /// Whether the element that `reference` names is still there.
  @inline(__always)
  func contains(_ reference: Reference) -> Bool {
    reference.index < generations.count && generations[reference.index] == reference.generation
      && reference.generation & 1 == 1
  }

  /// The element, which must be there; changed in place.
  subscript(reference: Reference) -> Element {
    // Inlined, so that reading a field copies the field and not the element.
    @inline(__always) get {
      precondition(contains(reference), "a reference to an element that is gone")
      return elements[reference.index]
    }
    @inline(__always) _modify {
      precondition(contains(reference), "a reference to an element that is gone")
      yield &elements[reference.index]
    }
  }

  /// Takes an element out; nil when it is gone already.
  @discardableResult
  mutating func remove(_ reference: Reference) -> Element? {
    guard contains(reference) else { return nil }
    // Moved out, not copied: most elements hold arrays and strings.
    var element = vacant
    swap(&element, &elements[reference.index])
    generations[reference.index] &+= 1
    vacancies.append(reference.index)
    count -= 1
    return element
  }

  /// Every element's name, in the order of the slots.
  var references: [Reference] {
    generations.indices.filter { generations[$0] & 1 == 1 }
      .map { Reference(index: $0, generation: generations[$0]) }
  }
}
