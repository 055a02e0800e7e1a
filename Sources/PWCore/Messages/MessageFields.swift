/// Where the AVPs of a message lie that its struct has fields for; all of it on the stack.
struct MessageFields: ~Copyable {
  /// Offset and length of each value, by Attribute Type; meaningful where `seen` says so.
  private var places = InlineArray<128, UInt32>(repeating: 0)
  /// Which AVPs are there.
  private(set) var seen = AVPSet()

  /// Bits that the length of a value takes in its place; the offset of one that was hidden may lie behind the message.
  private static let lengthBits: UInt32 = 10

  /// Remembers an AVP.
  @inline(__always)
  mutating func note(_ avp: AVPView) {
    note(avp.type, valueOffset: avp.valueOffset, valueOctets: avp.valueOctets)
  }

  /// Remembers where the value of an AVP lies.
  @inline(__always)
  mutating func note(_ type: UInt16, valueOffset: Int, valueOctets: Int) {
    seen.insert(type)
    places[Int(type)] = UInt32(valueOffset) &<< Self.lengthBits | UInt32(valueOctets)
  }

  @inline(__always)
  private func place(_ type: AVPType) -> (offset: Int, count: Int)? {
    guard seen.contains(type.rawValue) else { return nil }
    let place = places[Int(type.rawValue)]
    return (Int(place &>> Self.lengthBits), Int(place & (1 &<< Self.lengthBits &- 1)))
  }

  @inline(__always)
  func number16(_ type: AVPType, in octets: Span<UInt8>) -> UInt16? {
    place(type).map { octets.number16(at: $0.offset) }
  }

  @inline(__always)
  func number32(_ type: AVPType, in octets: Span<UInt8>) -> UInt32? {
    place(type).map { octets.number32(at: $0.offset) }
  }

  @inline(__always)
  func number64(_ type: AVPType, in octets: Span<UInt8>) -> UInt64? {
    place(type).map { octets.number64(at: $0.offset) }
  }

  @inline(__always)
  func cookie(_ type: AVPType, in octets: Span<UInt8>) -> Cookie? {
    guard let place = place(type) else { return nil }
    return switch place.count {
    case 4: Cookie(number: UInt64(octets.number32(at: place.offset)), lengthOctets: 4)
    case 8: Cookie(number: octets.number64(at: place.offset), lengthOctets: 8)
    case _: Cookie()
    }
  }

  func octets(_ type: AVPType, in octets: Span<UInt8>) -> [UInt8]? {
    place(type).map { octets.octets(at: $0.offset, count: $0.count) }
  }

  func text(_ type: AVPType, in octets: Span<UInt8>) -> String? {
    self.octets(type, in: octets).map { String(decoding: $0, as: UTF8.self) }
  }

  func list16(_ type: AVPType, in octets: Span<UInt8>) -> [UInt16]? {
    guard let place = place(type) else { return nil }
    var values: [UInt16] = []
    values.reserveCapacity(place.count / 2)
    for index in 0..<(place.count / 2) { values.append(octets.number16(at: place.offset + 2 * index)) }
    return values
  }

  func result<Code>(in octets: Span<UInt8>) -> ResultFields<Code>? {
    guard let place = place(.resultCode), let code = Code(rawValue: octets.number16(at: place.offset)) else {
      return nil
    }
    guard place.count >= 4 else { return ResultFields(code) }
    let text = octets.octets(at: place.offset + 4, count: place.count - 4)
    return ResultFields(
      code, error: GeneralError(rawValue: octets.number16(at: place.offset + 2)),
      text: text.isEmpty ? nil : String(decoding: text, as: UTF8.self))
  }

  func circuitErrors(in octets: Span<UInt8>) -> CircuitErrors? {
    place(.circuitErrors).map { CircuitErrors(octets.extracting($0.offset..<($0.offset + $0.count))) }
  }
}

extension CircuitErrors {
  /// Octets of the value with all six counters, as RFC 3931 section 5.4.5 counts it.
  private static let longOctets = 26

  /// Reads a value of 18 or of 26 octets: two reserved ones, then the counters.
  init(_ value: Span<UInt8>) {
    self.init()
    var offset = 2
    if value.count == Self.longOctets {
      crc = value.number32(at: 2)
      framing = value.number32(at: 6)
      offset = 10
    }
    hardwareOverruns = value.number32(at: offset)
    bufferOverruns = value.number32(at: offset + 4)
    timeouts = value.number32(at: offset + 8)
    alignment = value.number32(at: offset + 12)
  }
}
