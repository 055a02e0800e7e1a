public import PWCore

/// An AVP on its way to or from a plugin.
public struct PluginWireAVP: Codable, Equatable, Sendable {
  /// The Vendor ID.
  public var vendor: UInt16
  /// The vendor's Attribute Type.
  public var type: UInt16
  /// The value, in hexadecimal digits.
  public var value: String

  /// Makes the wire form of an AVP.
  public init(_ avp: PluginAVP) {
    vendor = avp.vendorID
    type = avp.type
    value = HexDigits.text(of: avp.value)
  }

  /// Makes the AVP of which this is the wire form.
  ///
  /// - Throws: when no plugin may say it.
  public func avp() throws(PluginFault) -> PluginAVP {
    guard let octets = HexDigits.octets(of: value) else {
      throw PluginFault("the value of AVP \(type) of vendor \(vendor) is not hexadecimal")
    }
    guard let avp = PluginAVP(vendorID: vendor, type: type, value: octets) else {
      throw PluginFault(
        "AVP \(type) of vendor \(vendor) with \(octets.count) octets: not the IETF's (0) or Cisco's (9), and "
          + "\(PluginAVP.maximumValueOctets) octets at most")
    }
    return avp
  }
}

/// Octets as lower-case hexadecimal digits.
enum HexDigits {
  static func text(of octets: [UInt8]) -> String {
    octets.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// nil where it is something else.
  static func octets(of text: String) -> [UInt8]? {
    let digits = Array(text.utf8)
    guard digits.count.isMultiple(of: 2) else { return nil }
    var octets: [UInt8] = []
    for index in stride(from: 0, to: digits.count, by: 2) {
      guard let high = value(of: digits[index]), let low = value(of: digits[index + 1]) else { return nil }
      octets.append(high << 4 | low)
    }
    return octets
  }

  private static func value(of digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
