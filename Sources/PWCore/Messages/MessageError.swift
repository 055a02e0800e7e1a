/// Why a control message, or an AVP in it, cannot be taken as it is: what RFC 3931 sections 5.2 and 7.1 make of it, the codes
/// to answer with, and where the fault is.
public struct MessageError: Error, Equatable, Sendable {
  /// The part that is given up because of a fault: the AVP alone, the session or the connection.
  public enum Consequence: Equatable, Sendable {
    /// The AVP is passed over; the message stands.
    case ignoreAVP
    /// The session is ended with a CDN; `sessionIdentifiers` is known.
    case disconnectCall
    /// The control connection is ended with a StopCCN.
    case stopConnection
    /// The datagram is dropped, and nothing is said.
    case dropSilently
  }

  /// A fault of a message, with the AVP that has it where there is one.
  public enum Fault: Equatable, Sendable {
    /// The L2TP header cannot be taken, and why.
    case header(HeaderError)
    /// From here on the AVPs cannot be told apart.
    case framing(AVPFramingError)
    /// The first AVP is not a Message Type, or there is none (RFC 3931 section 5.4.1).
    case messageTypeNotFirst
    /// The Message Type AVP is hidden or not 8 octets long.
    case messageTypeMalformed
    /// More AVPs than `ControlCodec.maximumAVPs`.
    case tooManyAVPs
    /// An AVP that we do not know.
    case unrecognised(vendorID: UInt16, type: UInt16)
    /// An AVP whose value is hidden and cannot be read, and why.
    case hidden(vendorID: UInt16, type: UInt16, HidingFault)
    /// The value has a length that it must not have.
    case wrongLength(type: AVPType, valueOctets: Int)
    /// The value is one that it must not be.
    case outOfRange(type: AVPType)
    /// The message lacks an AVP that it must have.
    case missing(AVPType)
  }

  /// The part that is given up because of the fault.
  public var consequence: Consequence
  /// The fault, with the AVP that has it where there is one.
  public var fault: Fault
  /// The octet, from the flags word, where it is wrong.
  public var offset: Int
  /// The message's type, if it had one.
  public var messageType: MessageType?
  /// AVPs 63 and 64 of a session message that had the first of them, as the sender wrote them.
  public var sessionIdentifiers: SessionIdentifiers?

  init(
    _ fault: Fault, consequence: Consequence, offset: Int, messageType: MessageType? = nil,
    sessionIdentifiers: SessionIdentifiers? = nil
  ) {
    self.fault = fault
    self.consequence = consequence
    self.offset = offset
    self.messageType = messageType
    self.sessionIdentifiers = sessionIdentifiers
  }

  /// Whether the sender did something wrong, rather than something that we do not know.
  public var isMalformation: Bool {
    switch fault {
    case .unrecognised, .hidden(_, _, .noSecret): false
    case .hidden(_, _, .noRandomVector), .hidden(_, _, .mustBeClear), .hidden(_, _, .noLength),
      .hidden(_, _, .wrongLength), .header, .framing, .messageTypeNotFirst, .messageTypeMalformed, .tooManyAVPs,
      .wrongLength, .outOfRange,
      .missing:
      true
    }
  }

  /// Whether it is a hidden value that cannot be read: with another secret it might.
  var isUnreadable: Bool {
    if case .hidden = fault { return true }
    return false
  }

  /// The general error code to answer with (RFC 3931 section 5.4.2). None says "an AVP is missing": that is taken for a
  /// value out of range, and the text tells.
  public var generalError: GeneralError {
    switch fault {
    case .unrecognised, .hidden(_, _, .noSecret): .unknownMandatoryAVP
    case .hidden(_, _, .noLength), .hidden(_, _, .wrongLength), .wrongLength, .framing, .messageTypeMalformed:
      .wrongLength
    case .hidden(_, _, .noRandomVector), .hidden(_, _, .mustBeClear), .header, .messageTypeNotFirst, .outOfRange,
      .missing:
      .valueOutOfRange
    case .tooManyAVPs: .insufficientResources
    }
  }

  /// The result to answer with if the connection ends: result 2, the error code, and the words.
  public var stopResult: StopResult {
    StopResult(.generalError, error: generalError, text: description)
  }

  /// The result to answer with if only the session ends.
  public var callResult: CallResult {
    CallResult(.generalError, error: generalError, text: description)
  }
}

extension MessageError: CustomStringConvertible {
  /// The fault in words, without the offset.
  public var description: String {
    switch fault {
    case .header(let error): error.description
    case .framing(.truncatedHeader(_, let left)):
      "\(left) octets are left, less than the \(AVPView.headerOctets) of an AVP header"
    case .framing(.lengthTooSmall(_, let length)):
      "an AVP has Length \(length), less than the \(AVPView.headerOctets) octets of its header"
    case .framing(.lengthPastEnd(_, let length, let left)):
      "an AVP has Length \(length), but only \(left) octets of the message are left"
    case .messageTypeNotFirst: "the first AVP is not a Message Type AVP"
    case .messageTypeMalformed: "the Message Type AVP is hidden or does not have 2 octets of value"
    case .tooManyAVPs: "the message has more than \(ControlCodec.maximumAVPs) AVPs"
    case .unrecognised(let vendorID, let type):
      "unknown mandatory AVP: \(AVPCatalogue.words(vendorID: vendorID, type: type))"
    case .hidden(let vendorID, let type, let fault):
      "hidden AVP that cannot be read: \(AVPCatalogue.words(vendorID: vendorID, type: type)): \(fault)"
    case .wrongLength(let type, let octets):
      "\(AVPCatalogue.words(vendorID: 0, type: type.rawValue)) has a value of \(octets) octets"
    case .outOfRange(let type):
      "\(AVPCatalogue.words(vendorID: 0, type: type.rawValue)) has a value that it must not have"
    case .missing(let type): "\(AVPCatalogue.words(vendorID: 0, type: type.rawValue)) is missing"
    }
  }
}

extension AVPCatalogue {
  /// An AVP's name and numbers, for people.
  public static func words(vendorID: UInt16, type: UInt16) -> String {
    let numbers = vendorID == 0 ? "attribute \(type)" : "vendor \(vendorID), attribute \(type)"
    return definition(vendorID: vendorID, type: type).map { "\($0.name) (\(numbers))" } ?? numbers
  }
}
