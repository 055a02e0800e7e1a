/// A control message that arrived, and what was passed over in it.
public struct ReceivedMessage: Equatable, Sendable {
  /// Identifier and sequence numbers.
  public var header: ControlHeader
  /// The message; nil for a header alone ("ZLB"), which acknowledges and nothing else.
  public var message: ControlMessage?
  /// AVPs that were ignored though somebody might wonder: malformed ones without M. They are in the message's `others` too.
  public var ignored: [MessageError] = []
}

extension ControlCodec {
  /// Decodes a control message from its flags word on. Hidden AVPs are not read: with M they are fatal, without they are
  /// kept raw.
  public static func decode(_ octets: Span<UInt8>) throws(MessageError) -> ReceivedMessage {
    let envelope: Envelope
    do { envelope = try header(of: octets) } catch {
      throw MessageError(.header(error), consequence: .dropSilently, offset: error.offset)
    }
    guard envelope.lengthOctets > ControlHeader.lengthOctets else {
      return ReceivedMessage(header: envelope.header, message: nil)
    }
    return try MessageReader(messageOctets: envelope.lengthOctets, purpose: .decoding).read(octets, envelope.header)
  }

  /// Checks everything that `decode` checks and makes nothing of it: no allocation unless something is wrong.
  public static func validate(_ octets: Span<UInt8>) throws(MessageError) {
    let envelope: Envelope
    do { envelope = try header(of: octets) } catch {
      throw MessageError(.header(error), consequence: .dropSilently, offset: error.offset)
    }
    guard envelope.lengthOctets > ControlHeader.lengthOctets else { return }
    var reader = MessageReader(messageOctets: envelope.lengthOctets, purpose: .validating)
    try reader.walk(octets)
  }
}

/// The way from octets to a typed message, one pass. What it finds stays on the stack.
struct MessageReader: ~Copyable {
  private var cursor: AVPCursor
  private let end: Int
  private let purpose: Purpose
  private var type: MessageType?
  private var rule = MessageRule()
  private(set) var fields = MessageFields()
  private(set) var others: [RawAVP] = []
  private(set) var ignored: [MessageError] = []

  /// What the walk is for.
  enum Purpose {
    /// To act on the message.
    case decoding
    /// To know whether one could.
    case validating
    /// To show it to people: AVPs that would end a session or the connection, though nothing is wrong with them, go to
    /// `ignored` and the walk goes on.
    case describing
  }

  init(messageOctets: Int, purpose: Purpose) {
    cursor = AVPCursor(messageOctets: messageOctets)
    end = messageOctets
    self.purpose = purpose
  }

  consuming func read(_ octets: Span<UInt8>, _ header: ControlHeader) throws(MessageError) -> ReceivedMessage {
    let first = try walk(octets)
    let number = octets.number16(at: first.valueOffset)
    guard rule.isKnown else {
      let message = UnknownMessage(
        vendorID: first.vendorID, type: number, isMandatory: first.isMandatory, others: others)
      return ReceivedMessage(header: header, message: .unknown(message), ignored: ignored)
    }
    guard let message = ControlMessage(MessageType(rawValue: number), fields, others, octets) else {
      preconditionFailure("the spec of message \(number) does not require what its struct needs")
    }
    return ReceivedMessage(header: header, message: message, ignored: ignored)
  }

  /// Walks and checks all AVPs; returns the Message Type AVP.
  @discardableResult
  mutating func walk(_ octets: Span<UInt8>) throws(MessageError) -> AVPView {
    let first = try messageType(octets)
    let formats = AVPCatalogue.formats
    var count = 1
    while let avp = try next(octets) {
      count &+= 1
      guard count <= ControlCodec.maximumAVPs else {
        throw MessageError(.tooManyAVPs, consequence: .stopConnection, offset: avp.offset, messageType: type)
      }
      // Nearly every AVP of nearly every message has a field and is right; of several the first counts.
      if avp.vendorID == 0, !avp.isHidden, rule.fields.contains(avp.type), !fields.seen.contains(avp.type),
        fault(of: avp, formats[Int(avp.type)], octets) == nil
      {
        fields.note(avp)
      } else {
        try takeOther(avp, octets)
      }
    }
    if let missing = rule.required.firstMissing(from: fields.seen) {
      throw fatal(.missing(AVPType(rawValue: missing)), offset: end, octets)
    }
    return first
  }

  @inline(__always)
  private mutating func next(_ octets: Span<UInt8>) throws(MessageError) -> AVPView? {
    do { return try cursor.next(in: octets) } catch { throw unreadable(error, octets) }
  }

  /// Nothing after it can be read, so there is no recovering: the connection is cleared (RFC 3931 section 7.1).
  @inline(never)
  private func unreadable(_ error: AVPFramingError, _ octets: Span<UInt8>) -> MessageError {
    MessageError(
      .framing(error), consequence: .stopConnection, offset: error.offset, messageType: type,
      sessionIdentifiers: identifiers(octets))
  }

  private mutating func messageType(_ octets: Span<UInt8>) throws(MessageError) -> AVPView {
    guard let first = try next(octets), first.type == AVPType.messageType.rawValue else {
      throw MessageError(
        .messageTypeNotFirst, consequence: .stopConnection, offset: ControlHeader.lengthOctets)
    }
    guard first.valueOctets == 2, !first.isHidden else {
      throw MessageError(.messageTypeMalformed, consequence: .stopConnection, offset: first.offset)
    }
    if first.vendorID == 0 {
      let number = MessageType(rawValue: octets.number16(at: first.valueOffset))
      type = number
      rule = MessageRule.of(number)
    }
    return first
  }

  /// An AVP that is not one of the message's fields, or not a right one.
  @inline(never)
  private mutating func takeOther(_ avp: AVPView, _ octets: Span<UInt8>) throws(MessageError) {
    guard rule.isKnown else { return keep(avp, octets) }
    let format = AVPCatalogue.format(vendorID: avp.vendorID, type: avp.type)
    guard format.isUnderstood, !avp.isHidden else {
      if avp.isMandatory, avp.isHidden || !format.isRecognised {
        let error = fatal(Self.unreadable(avp), offset: avp.offset, octets)
        guard purpose == .describing else { throw error }
        ignored.append(error)
        if avp.vendorID == 0, avp.isHidden, rule.fields.contains(avp.type) { fields.note(avp) }
      }
      return keep(avp, octets)
    }
    if let fault = fault(of: avp, format, octets) {
      guard !avp.isMandatory else { throw fatal(fault, offset: avp.offset, octets) }
      ignored.append(MessageError(fault, consequence: .ignoreAVP, offset: avp.offset, messageType: type))
    }
    keep(avp, octets)
  }

  private mutating func keep(_ avp: AVPView, _ octets: Span<UInt8>) {
    // Digests have done their work before anybody decodes.
    guard purpose == .decoding, avp.vendorID != 0 || avp.type != AVPType.messageDigest.rawValue else { return }
    others.append(
      RawAVP(
        vendorID: avp.vendorID, type: avp.type, isMandatory: avp.isMandatory, isHidden: avp.isHidden,
        value: octets.octets(at: avp.valueOffset, count: avp.valueOctets)))
  }
}

extension MessageReader {
  private static func unreadable(_ avp: AVPView) -> MessageError.Fault {
    avp.isHidden
      ? .hidden(vendorID: avp.vendorID, type: avp.type) : .unrecognised(vendorID: avp.vendorID, type: avp.type)
  }

  /// What is wrong with the value of an AVP that we understand.
  @inline(__always)
  private func fault(of avp: AVPView, _ format: AVPFormat, _ octets: Span<UInt8>) -> MessageError.Fault? {
    guard format.accepts(octets: UInt16(truncatingIfNeeded: avp.valueOctets)) else {
      return .wrongLength(type: AVPType(rawValue: avp.type), valueOctets: avp.valueOctets)
    }
    return format.hasRule ? brokenRule(of: avp, octets) : nil
  }

  /// What is wrong with a value that has a rule beyond its length: identifiers and windows that are zero, and a result
  /// code with half an error code after it.
  private func brokenRule(of avp: AVPView, _ octets: Span<UInt8>) -> MessageError.Fault? {
    // Who refuses a call before having given the session an identifier has none to send: the session is the one that
    // Remote Session ID names.
    if type == .callDisconnect, avp.type == AVPType.localSessionID.rawValue { return nil }
    return switch avp.valueOctets {
    case 3: .wrongLength(type: AVPType(rawValue: avp.type), valueOctets: 3)
    case 2 where avp.type != AVPType.resultCode.rawValue && octets.number16(at: avp.valueOffset) == 0,
      4 where avp.type != AVPType.resultCode.rawValue && octets.number32(at: avp.valueOffset) == 0:
      .outOfRange(type: AVPType(rawValue: avp.type))
    default: nil
    }
  }

  /// A fault that ends the session or, if the message names none, the connection.
  private func fatal(_ fault: MessageError.Fault, offset: Int, _ octets: Span<UInt8>) -> MessageError {
    let identifiers = rule.isSessionMessage ? identifiers(octets) : nil
    return MessageError(
      fault, consequence: identifiers == nil ? .stopConnection : .disconnectCall, offset: offset,
      messageType: type, sessionIdentifiers: identifiers)
  }

  /// The session identifiers wherever they are in the message: walked for anew, because the fault may come before them.
  private func identifiers(_ octets: Span<UInt8>) -> SessionIdentifiers? {
    guard rule.isSessionMessage else { return nil }
    var cursor = AVPCursor(messageOctets: end)
    var local: SessionID?
    var remote: SessionID?
    while let avp = try? cursor.next(in: octets) {
      guard avp.vendorID == 0, !avp.isHidden, avp.valueOctets == 4 else { continue }
      let identifier = SessionID(rawValue: octets.number32(at: avp.valueOffset))
      if avp.type == AVPType.localSessionID.rawValue, identifier != .unknown { local = local ?? identifier }
      if avp.type == AVPType.remoteSessionID.rawValue { remote = remote ?? identifier }
    }
    return local.map { SessionIdentifiers(local: $0, remote: remote ?? .unknown) }
  }
}
