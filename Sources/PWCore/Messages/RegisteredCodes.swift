/// The numbers that have a registered name here, in ascending order: for lists of them, and for texts about each.
extension StopCode {
  /// Every StopCCN result code (RFC 3931 section 5.4.2, RFC 3308).
  public static let registered = Names.stopCodes.keys.sorted().map(StopCode.init(rawValue:))
}

extension CallCode {
  /// Every CDN result code (RFC 3931 section 5.4.2 and the registry).
  public static let registered = Names.callCodes.keys.sorted().map(CallCode.init(rawValue:))

  /// The result whose error codes are those of ``TDMError`` (RFC 5611).
  public static let tdmParameters = CallCode(rawValue: 30)
}

extension GeneralError {
  /// Every general error code (RFC 3931 section 5.4.2).
  public static let registered = Names.errorCodes.keys.sorted().map(GeneralError.init(rawValue:))
}

/// An error code beside ``CallCode/tdmParameters`` (RFC 5611); unknown ones survive.
public struct TDMError: RawRepresentable, Hashable, Sendable {
  /// The number on the wire.
  public var rawValue: UInt16
  /// The error code of this number, whether it is known or not.
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// The meaning of the error code, in words; the number of one that is not registered.
  public var name: String { Names.tdmErrors[rawValue] ?? "error \(rawValue)" }

  /// Every one of them.
  public static let registered = Names.tdmErrors.keys.sorted().map(TDMError.init(rawValue:))
}

extension MessageType {
  /// Every message with a name: those of RFC 3931, and those of later RFCs that `pwmgr decode` can name.
  public static let registered =
    (MessageSpec.all.map(\.type) + extensionNames.keys.map(MessageType.init(rawValue:)))
    .sorted { $0.rawValue < $1.rawValue }
}

extension PPPDisconnectCause {
  /// Every Disconnect Code (RFC 3145 sections 2.1 to 2.4).
  public static let registeredCodes = codes.keys.sorted()

  /// The meaning of a Disconnect Code, in words; nil if it is not registered.
  public static func name(ofCode code: UInt16) -> String? { codes[code] }
}
