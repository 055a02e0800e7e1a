/// The faults that an AVP or a message can have, and the session that each costs.
extension MessageReader {
  /// The fault in the value of an AVP that we understand; nil for none.
  @inline(__always)
  func fault(of avp: AVPView, _ format: AVPFormat, _ octets: Span<UInt8>) -> MessageError.Fault? {
    fault(ofType: avp.type, valueOffset: avp.valueOffset, valueOctets: avp.valueOctets, format, octets)
  }

  @inline(__always)
  func fault(
    ofType type: UInt16, valueOffset: Int, valueOctets: Int, _ format: AVPFormat, _ octets: Span<UInt8>
  ) -> MessageError.Fault? {
    guard format.accepts(octets: UInt16(truncatingIfNeeded: valueOctets)) else {
      return .wrongLength(type: AVPType(rawValue: type), valueOctets: valueOctets)
    }
    return format.hasRule
      ? brokenRule(of: AVPType(rawValue: type), valueOffset: valueOffset, valueOctets: valueOctets, octets) : nil
  }

  /// The fault in a value that has a rule beyond its length: identifiers and windows that are zero, and a result code
  /// with half an error code after it.
  private func brokenRule(
    of avp: AVPType, valueOffset: Int, valueOctets: Int, _ octets: Span<UInt8>
  ) -> MessageError.Fault? {
    // A peer that refuses a call before having given the session an identifier has none to send: the session is the one
    // that Remote Session ID names.
    if type == .callDisconnect, avp == .localSessionID { return nil }
    return switch valueOctets {
    case 3: .wrongLength(type: avp, valueOctets: 3)
    case 2 where avp != .resultCode && octets.number16(at: valueOffset) == 0,
      4 where avp != .resultCode && octets.number32(at: valueOffset) == 0:
      .outOfRange(type: avp)
    default: nil
    }
  }

  /// The error for a required AVP that is not there, or that was there and could not be read.
  func absence(of required: AVPType, _ octets: Span<UInt8>) -> MessageError {
    for unread in ignored {
      if case .hidden(0, required.rawValue, _) = unread.fault {
        return fatal(unread.fault, offset: unread.offset, octets)
      }
    }
    return fatal(.missing(required), offset: end, octets)
  }

  /// A fault that ends the session or, if the message names none, the connection.
  func fatal(_ fault: MessageError.Fault, offset: Int, _ octets: Span<UInt8>) -> MessageError {
    let identifiers = rule.isSessionMessage ? identifiers(octets) : nil
    return MessageError(
      fault, consequence: identifiers == nil ? .stopConnection : .disconnectCall, offset: offset,
      messageType: type, sessionIdentifiers: identifiers)
  }

  /// The session identifiers wherever they are in the message: walked for anew, because the fault may come before them.
  func identifiers(_ octets: Span<UInt8>) -> SessionIdentifiers? {
    guard rule.isSessionMessage else { return nil }
    var cursor = AVPCursor(messageOctets: end)
    var local: SessionID?
    var remote: SessionID?
    var vector: AVPView?
    while let avp = try? cursor.next(in: octets) {
      if avp.isRandomVector { vector = avp }
      guard let type = spokenType(of: avp), type == .localSessionID || type == .remoteSessionID,
        let identifier = identifier(avp, after: vector, octets)
      else { continue }
      if type == .remoteSessionID {
        remote = remote ?? identifier
      } else if identifier != .unknown {
        local = local ?? identifier
      }
    }
    return local.map { SessionIdentifiers(local: $0, remote: remote ?? .unknown) }
  }

  /// The IETF's AVP that one is, or stands for.
  private func spokenType(of avp: AVPView) -> AVPType? {
    if avp.vendorID == 0 { return AVPType(rawValue: avp.type) }
    guard dialect == .cisco, avp.isCisco, !avp.isHidden else { return nil }
    return AVPCatalogue.successor(ofCisco: avp.type, isSessionMessage: rule.isSessionMessage)
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
