/// An AVP of a vendor's that the plugins of the two ends tell each other with when a session is set up: with ICRQ, ICRP or OCRP.
/// It is never mandatory (RFC 3931 section 5.2): a peer that does not know it passes over it.
public struct PluginAVP: Hashable, Codable, Sendable {
  /// Octets of a value.
  public static let maximumValueOctets = 512
  /// AVPs of one session, each way.
  public static let maximumCount = 8

  /// The Vendor ID: a Private Enterprise Number of 16 bits.
  public var vendorID: UInt16
  /// The vendor's Attribute Type.
  public var type: UInt16
  /// The octets of the value, at most ``maximumValueOctets``.
  public var value: [UInt8]

  /// An AVP, if it is one that plugins may say: the IETF's are the engine's own, and so are those of Cisco's (9).
  public init?(vendorID: UInt16, type: UInt16, value: [UInt8]) {
    guard vendorID != 0, vendorID != 9, value.count <= PluginAVP.maximumValueOctets else { return nil }
    self.vendorID = vendorID
    self.type = type
    self.value = value
  }
}
