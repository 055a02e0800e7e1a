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
    var received = ReceivedMessage(header: envelope.header, message: nil)
    guard envelope.lengthOctets > ControlHeader.lengthOctets else { return received }
    var reader = MessageReader(messageOctets: envelope.lengthOctets)
    received.message = try reader.read(octets)
    received.ignored = reader.ignored
    return received
  }

  /// Checks everything that `decode` checks and makes nothing of it: no allocation unless something is wrong.
  public static func validate(_ octets: Span<UInt8>) throws(MessageError) {
    let envelope: Envelope
    do { envelope = try header(of: octets) } catch {
      throw MessageError(.header(error), consequence: .dropSilently, offset: error.offset)
    }
    guard envelope.lengthOctets > ControlHeader.lengthOctets else { return }
    var reader = MessageReader(messageOctets: envelope.lengthOctets, keepsOthers: false)
    try reader.walk(octets)
  }
}

/// The way from octets to a typed message, one pass.
struct MessageReader {
  private var cursor: AVPCursor
  private let keepsOthers: Bool
  private(set) var fields = MessageFields()
  private(set) var others: [RawAVP] = []
  private(set) var ignored: [MessageError] = []
  private var type: MessageType?
  private var rule = MessageRule()
  private let end: Int

  init(messageOctets: Int, keepsOthers: Bool = true) {
    cursor = AVPCursor(messageOctets: messageOctets)
    end = messageOctets
    self.keepsOthers = keepsOthers
  }

  mutating func read(_ octets: Span<UInt8>) throws(MessageError) -> ControlMessage {
    let first = try walk(octets)
    let number = octets.number16(at: first.valueOffset)
    guard rule.isKnown else {
      return .unknown(
        UnknownMessage(vendorID: first.vendorID, type: number, isMandatory: first.isMandatory, others: others))
    }
    guard let message = ControlMessage(MessageType(rawValue: number), fields, others, octets) else {
      preconditionFailure("the spec of message \(number) does not require what its struct needs")
    }
    return message
  }

  /// Walks and checks all AVPs; returns the Message Type AVP.
  @discardableResult
  mutating func walk(_ octets: Span<UInt8>) throws(MessageError) -> AVPView {
    let first = try messageType(octets)
    if first.vendorID == 0 {
      let type = MessageType(rawValue: octets.number16(at: first.valueOffset))
      self.type = type
      rule = MessageRule.of(type)
    }
    var count = 1
    while let avp = try next(octets) {
      count &+= 1
      guard count <= ControlCodec.maximumAVPs else {
        throw MessageError(.tooManyAVPs, consequence: .stopConnection, offset: avp.offset, messageType: type)
      }
      if rule.isKnown { try take(avp, octets) } else { keep(avp, octets) }
    }
    if let missing = rule.required.firstMissing(from: fields.seen) {
      throw fatal(.missing(AVPType(rawValue: missing)), offset: end, octets)
    }
    return first
  }

  private mutating func next(_ octets: Span<UInt8>) throws(MessageError) -> AVPView? {
    do { return try cursor.next(in: octets) } catch {
      // Nothing after it can be read, so there is no recovering: the connection is cleared (section 7.1).
      throw MessageError(
        .framing(error), consequence: .stopConnection, offset: error.offset, messageType: type,
        sessionIdentifiers: identifiers(octets))
    }
  }

  private mutating func messageType(_ octets: Span<UInt8>) throws(MessageError) -> AVPView {
    guard let first = try next(octets), first.type == AVPType.messageType.rawValue else {
      throw MessageError(
        .messageTypeNotFirst, consequence: .stopConnection, offset: ControlHeader.lengthOctets)
    }
    guard first.valueOctets == 2, !first.isHidden else {
      throw MessageError(.messageTypeMalformed, consequence: .stopConnection, offset: first.offset)
    }
    return first
  }

  private mutating func take(_ avp: AVPView, _ octets: Span<UInt8>) throws(MessageError) {
    let format = AVPCatalogue.format(vendorID: avp.vendorID, type: avp.type)
    guard format.isUnderstood, !avp.isHidden else {
      if avp.isMandatory, avp.isHidden || !format.isRecognised {
        throw fatal(Self.unreadable(avp), offset: avp.offset, octets)
      }
      return keep(avp, octets)
    }
    if let fault = Self.fault(of: avp, format, octets) {
      guard !avp.isMandatory else { throw fatal(fault, offset: avp.offset, octets) }
      ignored.append(MessageError(fault, consequence: .ignoreAVP, offset: avp.offset, messageType: type))
      return keep(avp, octets)
    }
    // Of several the first counts; in a message that the AVP does not belong to, none.
    if rule.fields.contains(avp.type), !fields.seen.contains(avp.type) {
      fields.note(avp)
    } else {
      keep(avp, octets)
    }
  }

  private mutating func keep(_ avp: AVPView, _ octets: Span<UInt8>) {
    // Digests have done their work before anybody decodes.
    guard keepsOthers, avp.vendorID != 0 || avp.type != AVPType.messageDigest.rawValue else { return }
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
  private static func fault(of avp: AVPView, _ format: AVPFormat, _ octets: Span<UInt8>) -> MessageError.Fault? {
    guard format.accepts(octets: UInt16(truncatingIfNeeded: avp.valueOctets)) else {
      return .wrongLength(type: AVPType(rawValue: avp.type), valueOctets: avp.valueOctets)
    }
    if format.isNonZero {
      let isZero =
        avp.valueOctets == 2
        ? octets.number16(at: avp.valueOffset) == 0 : octets.number32(at: avp.valueOffset) == 0
      if isZero { return .outOfRange(type: AVPType(rawValue: avp.type)) }
    }
    // A result code alone or with an error code; not with half of one.
    if avp.type == AVPType.resultCode.rawValue, avp.valueOctets == 3 {
      return .wrongLength(type: .resultCode, valueOctets: 3)
    }
    return nil
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
