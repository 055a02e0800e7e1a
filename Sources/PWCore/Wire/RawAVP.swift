/// An AVP that nobody has interpreted: what a typed message keeps of those that it does not know.
public struct RawAVP: Hashable, Sendable {
  /// Vendor ID; 0 is the IETF's.
  public var vendorID: UInt16
  /// Attribute Type.
  public var type: UInt16
  /// The M bit.
  public var isMandatory: Bool
  /// The H bit, as received: `value` is still hidden when it is set.
  public var isHidden: Bool
  /// The value, without the 6-octet header.
  public var value: [UInt8]

  /// An AVP with its value.
  public init(vendorID: UInt16, type: UInt16, isMandatory: Bool, isHidden: Bool = false, value: [UInt8]) {
    self.vendorID = vendorID
    self.type = type
    self.isMandatory = isMandatory
    self.isHidden = isHidden
    self.value = value
  }
}
