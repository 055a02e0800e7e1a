/// The number in a Message Type AVP whose Vendor ID is 0 (RFC 3931 section 3.1); unknown numbers survive.
public struct MessageType: RawRepresentable, Hashable, Sendable {
  /// The number on the wire.
  public var rawValue: UInt16
  /// Wraps any number.
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// SCCRQ.
  public static let startRequest = MessageType(rawValue: 1)
  /// SCCRP.
  public static let startReply = MessageType(rawValue: 2)
  /// SCCCN.
  public static let startConnected = MessageType(rawValue: 3)
  /// StopCCN.
  public static let stopNotification = MessageType(rawValue: 4)
  /// HELLO.
  public static let hello = MessageType(rawValue: 6)
  /// OCRQ.
  public static let outgoingCallRequest = MessageType(rawValue: 7)
  /// OCRP.
  public static let outgoingCallReply = MessageType(rawValue: 8)
  /// OCCN.
  public static let outgoingCallConnected = MessageType(rawValue: 9)
  /// ICRQ.
  public static let incomingCallRequest = MessageType(rawValue: 10)
  /// ICRP.
  public static let incomingCallReply = MessageType(rawValue: 11)
  /// ICCN.
  public static let incomingCallConnected = MessageType(rawValue: 12)
  /// CDN.
  public static let callDisconnect = MessageType(rawValue: 14)
  /// WEN.
  public static let wanError = MessageType(rawValue: 15)
  /// SLI.
  public static let setLinkInfo = MessageType(rawValue: 16)
  /// The explicit acknowledgement, ACK.
  public static let acknowledgement = MessageType(rawValue: 20)
}
