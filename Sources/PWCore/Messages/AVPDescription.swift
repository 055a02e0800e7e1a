/// An AVP as people and scripts are shown it.
public struct AVPDescription: Equatable, Sendable {
  /// Where it begins, in octets from the flags word.
  public var offset: Int
  /// Vendor ID; 0 is the IETF's.
  public var vendorID: UInt16
  /// Attribute Type.
  public var type: UInt16
  /// Its name in the catalogue, if it is there.
  public var name: String?
  /// The M bit.
  public var isMandatory: Bool
  /// The H bit.
  public var isHidden: Bool
  /// Whether `value` is still hidden, because nothing could read it.
  public var isUnread: Bool
  /// The meaning of its octets.
  public var value: Value
  /// An objection that a receiver of ours would have, in words.
  public var remark: String?

  /// A value by its shape.
  public enum Value: Equatable, Sendable {
    /// No octets, and none were to be expected.
    case presence
    /// A number, and what it stands for.
    case number(UInt64, meaning: String?)
    /// A mask: its bits, how many octets it has, and the names of those that are set.
    case bits(UInt64, octets: Int, names: [String])
    /// A character string, read as UTF-8.
    case text(String)
    /// Numbers, and what each stands for.
    case list([UInt64], meanings: [String?])
    /// Octets; with the text that they are, if all of it is printable.
    case octets([UInt8])
    /// A result code, an error code, and words.
    case result(code: UInt16, error: UInt16?, text: String?)
    /// A digest by its type.
    case digest(type: UInt8, octets: [UInt8])
    /// The counters of a Circuit Errors AVP (RFC 3931 section 5.4.5).
    case circuitErrors(CircuitErrors)
    /// Why a session's PPP link ended.
    case disconnectCause(PPPDisconnectCause)
    /// An AVP of a vendor whose number needs 32 bits.
    case extended(vendorID: UInt32, type: UInt16, octets: [UInt8])
  }

  /// An AVP of a message; `revealed` is the value of a hidden one that could be read.
  init(_ avp: AVPView, in octets: Span<UInt8>, revealed: [UInt8]?) {
    let definition = AVPCatalogue.definition(vendorID: avp.vendorID, type: avp.type)
    offset = avp.offset
    vendorID = avp.vendorID
    type = avp.type
    let published = PublishedAVP.of(vendorID: avp.vendorID, type: avp.type)
    name = definition?.name ?? published?.name
    isMandatory = avp.isMandatory
    isHidden = avp.isHidden
    isUnread = avp.isHidden && revealed == nil
    let raw = revealed ?? octets.octets(at: avp.valueOffset, count: avp.valueOctets)
    let format = definition.map(AVPFormat.init) ?? .unknown
    if let definition, !isUnread, format.accepts(octets: UInt16(raw.count)) {
      value = Value(raw, definition)
    } else if let published, !isUnread {
      value = published.value(raw)
    } else {
      value = .octets(raw)
    }
  }
}

extension AVPDescription.Value {
  /// The value of octets whose length is one that the definition allows.
  fileprivate init(_ raw: [UInt8], _ definition: AVPDefinition) {
    let octets = raw.span
    switch definition.value {
    case .presence: self = .presence
    case .number16, .nonZero16:
      let number = octets.number16(at: 0)
      self = .number(UInt64(number), meaning: Names.meaning(of: definition, number))
    case .bits16:
      let bits = octets.number16(at: 0)
      self = .bits(UInt64(bits), octets: 2, names: Names.bits(of: definition, bits))
    case .number32, .nonZero32, .identifier32: self = .number(UInt64(octets.number32(at: 0)), meaning: nil)
    case .number64: self = .number(octets.number64(at: 0), meaning: nil)
    case .text: self = .text(String(decoding: raw, as: UTF8.self))
    case .octets where definition.vendorID == 0 && AVPType(rawValue: definition.type) == .pppDisconnectCause:
      self = .disconnectCause(PPPDisconnectCause(raw))
    case .octets, .cookie: self = .octets(raw)
    case .list16:
      let numbers = stride(from: 0, to: raw.count, by: 2).map { raw.span.number16(at: $0) }
      self = .list(numbers.map(UInt64.init), meanings: numbers.map { PseudowireType(rawValue: $0).name })
    case .list32:
      let numbers = stride(from: 0, to: raw.count, by: 4).map { UInt64(raw.span.number32(at: $0)) }
      self = .list(numbers, meanings: numbers.map { _ in nil })
    case .result: self = Self.result(raw)
    case .circuitErrors: self = .circuitErrors(CircuitErrors(octets))
    case .digest: self = .digest(type: raw[0], octets: Array(raw[1...]))
    case .extendedVendor:
      self = .extended(
        vendorID: octets.number32(at: 0), type: octets.number16(at: 4), octets: Array(raw[6...]))
    }
  }

  private static func result(_ raw: [UInt8]) -> Self {
    let code = raw.span.number16(at: 0)
    guard raw.count >= 4 else { return raw.count == 2 ? .result(code: code, error: nil, text: nil) : .octets(raw) }
    return .result(
      code: code, error: raw.span.number16(at: 2),
      text: raw.count > 4 ? String(decoding: raw[4...], as: UTF8.self) : nil)
  }
}
