extension ControlCodec {
  /// Decodes a control message from its flags word on.
  ///
  /// - Parameters:
  ///   - octets: the message; its digest has been verified.
  ///   - hiding: reads the hidden AVPs among those that we understand; nil where there is no shared secret. One that cannot
  ///     be read is taken as any malformed AVP: with M it is fatal, without it is passed over.
  ///   - dialect: whether the AVPs of Cisco's count.
  public static func decode(
    _ octets: Span<UInt8>, hiding: AVPHiding? = nil, dialect: AVPDialect = .rfc
  ) throws(MessageError) -> ReceivedMessage {
    let envelope: Envelope
    do { envelope = try header(of: octets) } catch {
      throw MessageError(.header(error), consequence: .dropSilently, offset: error.offset)
    }
    guard envelope.lengthOctets > ControlHeader.lengthOctets else {
      return ReceivedMessage(header: envelope.header, message: nil)
    }
    var reader = MessageReader(
      messageOctets: envelope.lengthOctets, purpose: .decoding, hiding: hiding, dialect: dialect)
    return try reader.read(octets, envelope.header)
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

/// The way from octets to a typed message, one pass. Everything that it finds stays on the stack.
struct MessageReader: ~Copyable {
  private var cursor: AVPCursor
  let end: Int
  private let purpose: Purpose
  let hiding: AVPHiding?
  let dialect: AVPDialect
  /// Whether the message has AVPs of Cisco's that the catalogue knows.
  private var hasCiscoAVPs = false
  private var randomVector: AVPView?
  /// The message, and behind it the values that were hidden in it; empty while there are none.
  private var revealed: [UInt8] = []
  private(set) var type: MessageType?
  private(set) var rule = MessageRule()
  private(set) var fields = MessageFields()
  private(set) var others: [RawAVP] = []
  private(set) var ignored: [MessageError] = []

  /// The purpose of the walk.
  enum Purpose {
    /// To act on the message.
    case decoding
    /// To know whether one could.
    case validating
    /// To show it to people: AVPs that would end a session or the connection, though nothing is wrong with them, go to
    /// `ignored` and the walk goes on.
    case describing
  }

  init(messageOctets: Int, purpose: Purpose, hiding: AVPHiding?, dialect: AVPDialect = .rfc) {
    cursor = AVPCursor(messageOctets: messageOctets)
    end = messageOctets
    self.purpose = purpose
    self.hiding = hiding
    self.dialect = dialect
  }

  mutating func read(_ octets: Span<UInt8>, _ header: ControlHeader) throws(MessageError) -> ReceivedMessage {
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
    return ReceivedMessage(
      header: header, message: message, ignored: ignored, hadHiddenAVPs: hadHiddenAVPs, hasCiscoAVPs: hasCiscoAVPs)
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
    let isCisco = hasCiscoAVPs && dialect == .cisco
    if isCisco { try takePredecessors(octets) }
    let given = isCisco ? fields.seen.union(AVPCatalogue.newToCisco) : fields.seen
    if let missing = rule.required.firstMissing(from: given) {
      throw absence(of: AVPType(rawValue: missing), octets)
    }
    return first
  }

  @inline(__always)
  private mutating func next(_ octets: Span<UInt8>) throws(MessageError) -> AVPView? {
    do { return try cursor.next(in: octets) } catch { throw unreadable(error, octets) }
  }

  private func next(_ cursor: inout AVPCursor, _ octets: Span<UInt8>) throws(MessageError) -> AVPView? {
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
    if avp.isCisco {
      hasCiscoAVPs = true
      // The AVP that it stands for is taken when all of the message is known: the IETF's may come after it.
      if dialect == .cisco, !avp.isHidden { return format.counterpart == 0 ? keep(avp, octets) : () }
    }
    guard format.isUnderstood else {
      if avp.isMandatory, !format.isRecognised {
        try object(.unrecognised(vendorID: avp.vendorID, type: avp.type), to: avp, octets)
      }
      return keep(avp, octets)
    }
    guard !avp.isHidden else { return try takeHidden(avp, format, octets) }
    // The AVPs that follow may be hidden with it.
    if avp.isRandomVector { randomVector = avp }
    if let fault = fault(of: avp, format, octets) { try object(fault, to: avp, octets) }
    keep(avp, octets)
  }

  /// Takes the values of Cisco's AVPs whose successors are not in the message: where they are, they count. A second walk,
  /// over a message that the first has been through.
  @inline(never)
  private mutating func takePredecessors(_ octets: Span<UInt8>) throws(MessageError) {
    var cursor = AVPCursor(messageOctets: end)
    while let avp = try next(&cursor, octets) {
      guard avp.isCisco, !avp.isHidden,
        let successor = AVPCatalogue.successor(ofCisco: avp.type, isSessionMessage: rule.isSessionMessage),
        rule.fields.contains(successor.rawValue), !fields.seen.contains(successor.rawValue)
      else { continue }
      let format = AVPCatalogue.formats[Int(successor.rawValue)]
      if let fault = fault(
        ofType: successor.rawValue, valueOffset: avp.valueOffset, valueOctets: avp.valueOctets, format, octets)
      {
        try object(fault, to: avp, octets)
      } else {
        fields.note(successor.rawValue, valueOffset: avp.valueOffset, valueOctets: avp.valueOctets)
      }
    }
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

  /// Deals with a fault in an AVP (RFC 3931 sections 5.2 and 7.1): with M it ends the session or the connection, and
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
