extension ControlCodec {
  /// Decodes a control message from its flags word on.
  ///
  /// - Parameters:
  ///   - octets: the message; its digest has been verified.
  ///   - hiding: reads the hidden AVPs among those that we understand; nil where there is no shared secret. One that cannot
  ///     be read is taken as any malformed AVP: with M it is fatal, without it is passed over.
  public static func decode(_ octets: Span<UInt8>, hiding: AVPHiding? = nil) throws(MessageError) -> ReceivedMessage {
    let envelope: Envelope
    do { envelope = try header(of: octets) } catch {
      throw MessageError(.header(error), consequence: .dropSilently, offset: error.offset)
    }
    guard envelope.lengthOctets > ControlHeader.lengthOctets else {
      return ReceivedMessage(header: envelope.header, message: nil)
    }
    return try MessageReader(messageOctets: envelope.lengthOctets, purpose: .decoding, hiding: hiding)
      .read(octets, envelope.header)
  }

  /// Checks everything that `decode` checks and makes nothing of it: no allocation unless something is wrong.
  public static func validate(_ octets: Span<UInt8>) throws(MessageError) {
    let envelope: Envelope
    do { envelope = try header(of: octets) } catch {
      throw MessageError(.header(error), consequence: .dropSilently, offset: error.offset)
    }
    guard envelope.lengthOctets > ControlHeader.lengthOctets else { return }
    var reader = MessageReader(messageOctets: envelope.lengthOctets, purpose: .validating, hiding: nil)
    try reader.walk(octets)
  }
}

/// The way from octets to a typed message, one pass. What it finds stays on the stack.
struct MessageReader: ~Copyable {
  private var cursor: AVPCursor
  private let end: Int
  private let purpose: Purpose
  private let hiding: AVPHiding?
  private var randomVector: AVPView?
  /// The message, and behind it the values that were hidden in it; empty while there are none.
  private var revealed: [UInt8] = []
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

  init(messageOctets: Int, purpose: Purpose, hiding: AVPHiding?) {
    cursor = AVPCursor(messageOctets: messageOctets)
    end = messageOctets
    self.purpose = purpose
    self.hiding = hiding
  }

  consuming func read(_ octets: Span<UInt8>, _ header: ControlHeader) throws(MessageError) -> ReceivedMessage {
    let first = try walk(octets)
    let number = octets.number16(at: first.valueOffset)
    guard rule.isKnown else {
      let message = UnknownMessage(
        vendorID: first.vendorID, type: number, isMandatory: first.isMandatory, others: others)
      return ReceivedMessage(header: header, message: .unknown(message), ignored: ignored)
    }
    let hadHiddenAVPs = !revealed.isEmpty
    let typed =
      hadHiddenAVPs
      ? ControlMessage(MessageType(rawValue: number), fields, others, revealed.span)
      : ControlMessage(MessageType(rawValue: number), fields, others, octets)
    guard let message = typed else {
      preconditionFailure("the spec of message \(number) does not require what its struct needs")
    }
    return ReceivedMessage(header: header, message: message, ignored: ignored, hadHiddenAVPs: hadHiddenAVPs)
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
      throw absence(of: AVPType(rawValue: missing), octets)
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
    guard format.isUnderstood else {
      if avp.isMandatory, !format.isRecognised {
        try object(.unrecognised(vendorID: avp.vendorID, type: avp.type), to: avp, octets)
      }
      return keep(avp, octets)
    }
    guard !avp.isHidden else { return try takeHidden(avp, format, octets) }
    // What follows may be hidden with it.
    if avp.isRandomVector { randomVector = avp }
    if let fault = fault(of: avp, format, octets) { try object(fault, to: avp, octets) }
    keep(avp, octets)
  }

  /// An AVP that we understand and whose value is hidden (RFC 3931 section 5.3).
  private mutating func takeHidden(
    _ avp: AVPView, _ format: AVPFormat, _ octets: Span<UInt8>
  ) throws(MessageError) {
    let isField = rule.fields.contains(avp.type) && !fields.seen.contains(avp.type)
    let value: [UInt8]
    do throws(HidingFault) {
      value = try AVPHiding.value(of: avp, after: randomVector, in: octets, by: hiding)
    } catch {
      try object(.hidden(vendorID: avp.vendorID, type: avp.type, error), to: avp, octets)
      // Described it goes on: that it cannot be read does not mean that it is missing.
      if purpose == .describing, isField { fields.note(avp) }
      return keep(avp, octets)
    }
    let fault = self.fault(
      ofType: avp.type, valueOffset: 0, valueOctets: value.count, format, value.span)
    if let fault {
      try object(fault, to: avp, octets)
    } else if isField {
      if revealed.isEmpty { revealed = octets.octets(at: 0, count: end) }
      fields.note(avp.type, valueOffset: revealed.count, valueOctets: value.count)
      revealed += value
      return
    }
    guard purpose == .decoding else { return }
    others.append(
      RawAVP(vendorID: avp.vendorID, type: avp.type, isMandatory: avp.isMandatory, isHidden: false, value: value))
  }

  /// What becomes of a fault in an AVP (RFC 3931 sections 5.2 and 7.1): with M it ends the session or the connection, and
  /// without it is remarked on.
  private mutating func object(
    _ fault: MessageError.Fault, to avp: AVPView, _ octets: Span<UInt8>
  ) throws(MessageError) {
    guard avp.isMandatory else {
      ignored.append(MessageError(fault, consequence: .ignoreAVP, offset: avp.offset, messageType: type))
      return
    }
    let error = fatal(fault, offset: avp.offset, octets)
    guard purpose == .describing, !error.isMalformation else { throw error }
    ignored.append(error)
  }

  private mutating func keep(_ avp: AVPView, _ octets: Span<UInt8>) {
    // Digests have done their work before anybody decodes, and Random Vectors do it on the way.
    guard purpose == .decoding,
      avp.vendorID != 0
        || avp.type != AVPType.messageDigest.rawValue && avp.type != AVPType.randomVector.rawValue
    else { return }
    others.append(
      RawAVP(
        vendorID: avp.vendorID, type: avp.type, isMandatory: avp.isMandatory, isHidden: avp.isHidden,
        value: octets.octets(at: avp.valueOffset, count: avp.valueOctets)))
  }
}

extension MessageReader {
  /// What is wrong with the value of an AVP that we understand.
  @inline(__always)
  private func fault(of avp: AVPView, _ format: AVPFormat, _ octets: Span<UInt8>) -> MessageError.Fault? {
    fault(ofType: avp.type, valueOffset: avp.valueOffset, valueOctets: avp.valueOctets, format, octets)
  }

  @inline(__always)
  private func fault(
    ofType type: UInt16, valueOffset: Int, valueOctets: Int, _ format: AVPFormat, _ octets: Span<UInt8>
  ) -> MessageError.Fault? {
    guard format.accepts(octets: UInt16(truncatingIfNeeded: valueOctets)) else {
      return .wrongLength(type: AVPType(rawValue: type), valueOctets: valueOctets)
    }
    return format.hasRule
      ? brokenRule(of: AVPType(rawValue: type), valueOffset: valueOffset, valueOctets: valueOctets, octets) : nil
  }

  /// What is wrong with a value that has a rule beyond its length: identifiers and windows that are zero, and a result
  /// code with half an error code after it.
  private func brokenRule(
    of avp: AVPType, valueOffset: Int, valueOctets: Int, _ octets: Span<UInt8>
  ) -> MessageError.Fault? {
    // Who refuses a call before having given the session an identifier has none to send: the session is the one that
    // Remote Session ID names.
    if type == .callDisconnect, avp == .localSessionID { return nil }
    return switch valueOctets {
    case 3: .wrongLength(type: avp, valueOctets: 3)
    case 2 where avp != .resultCode && octets.number16(at: valueOffset) == 0,
      4 where avp != .resultCode && octets.number32(at: valueOffset) == 0:
      .outOfRange(type: avp)
    default: nil
    }
  }

  /// What is said of a required AVP that is not there, or that was there and could not be read.
  private func absence(of required: AVPType, _ octets: Span<UInt8>) -> MessageError {
    for unread in ignored {
      if case .hidden(0, required.rawValue, _) = unread.fault {
        return fatal(unread.fault, offset: unread.offset, octets)
      }
    }
    return fatal(.missing(required), offset: end, octets)
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
    var vector: AVPView?
    while let avp = try? cursor.next(in: octets) {
      if avp.isRandomVector { vector = avp }
      guard avp.vendorID == 0,
        avp.type == AVPType.localSessionID.rawValue || avp.type == AVPType.remoteSessionID.rawValue,
        let identifier = identifier(avp, after: vector, octets)
      else { continue }
      if avp.type == AVPType.remoteSessionID.rawValue {
        remote = remote ?? identifier
      } else if identifier != .unknown {
        local = local ?? identifier
      }
    }
    return local.map { SessionIdentifiers(local: $0, remote: remote ?? .unknown) }
  }

  private func identifier(_ avp: AVPView, after vector: AVPView?, _ octets: Span<UInt8>) -> SessionID? {
    guard avp.isHidden else {
      return avp.valueOctets == 4 ? SessionID(rawValue: octets.number32(at: avp.valueOffset)) : nil
    }
    guard let value = try? AVPHiding.value(of: avp, after: vector, in: octets, by: hiding), value.count == 4 else {
      return nil
    }
    return SessionID(rawValue: value.span.number32(at: 0))
  }
}
