/// A control message as people and scripts are shown it: everything that it holds, and what is wrong with it.
public struct MessageDescription: Equatable, Sendable {
  /// Its header; nil if that is what is wrong.
  public var header: ControlHeader?
  /// Octets of the message as its Length field has it.
  public var lengthOctets: Int?
  /// The number of its Message Type AVP; nil for a header alone, or where it cannot be read.
  public var type: UInt16?
  /// Vendor ID of the Message Type AVP.
  public var vendorID: UInt16 = 0
  /// Its AVPs, the Message Type first, up to where they can be read.
  public var avps: [AVPDescription] = []
  /// The fault that makes the message malformed, if any; offsets count from the flags word.
  public var malformation: MessageError?
  /// Whose AVPs have to count for the message to be whole: `cisco` where the IETF's are missing and Cisco's stand for them.
  public var dialect = AVPDialect.rfc

  /// Describes the octets of a datagram from the flags word on; with `hiding` the values of hidden AVPs too.
  public init(of octets: Span<UInt8>, hiding: AVPHiding? = nil) {
    do {
      let envelope = try ControlCodec.header(of: octets)
      header = envelope.header
      lengthOctets = envelope.lengthOctets
    } catch {
      malformation = MessageError(.header(error), consequence: .dropSilently, offset: error.offset)
      return
    }
    guard let lengthOctets, lengthOctets > ControlHeader.lengthOctets else { return }
    var cursor = AVPCursor(messageOctets: lengthOctets)
    var vector: AVPView?
    while avps.count <= ControlCodec.maximumAVPs, let avp = try? cursor.next(in: octets) {
      if avp.isRandomVector { vector = avp }
      let revealed = avp.isHidden ? try? AVPHiding.value(of: avp, after: vector, in: octets, by: hiding) : nil
      avps.append(AVPDescription(avp, in: octets, revealed: revealed))
      if avps.count == 1 { noteType(avp, in: octets) }
    }
    var judgement = Judgement(of: octets, lengthOctets: lengthOctets, hiding: hiding, dialect: .rfc)
    if judgement.error != nil, ControlCodec.hasCiscoAVPs(octets) {
      let another = Judgement(of: octets, lengthOctets: lengthOctets, hiding: hiding, dialect: .cisco)
      if another.error == nil { (judgement, dialect) = (another, .cisco) }
    }
    malformation = judgement.error
    for remark in judgement.remarks {
      if let index = avps.firstIndex(where: { $0.offset == remark.offset }) { avps[index].remark = Self.words(remark) }
    }
  }

  /// The judgement on a message of a receiver that speaks a dialect.
  private struct Judgement {
    /// The fault that keeps the message from being taken; nil where it can be.
    let error: MessageError?
    /// The faults that it would remark on.
    let remarks: [MessageError]

    init(of octets: Span<UInt8>, lengthOctets: Int, hiding: AVPHiding?, dialect: AVPDialect) {
      var reader = MessageReader(messageOctets: lengthOctets, purpose: .describing, hiding: hiding, dialect: dialect)
      var found: MessageError?
      do { try reader.walk(octets) } catch { found = error }
      error = found
      remarks = reader.ignored
    }
  }

  private mutating func noteType(_ avp: AVPView, in octets: Span<UInt8>) {
    guard avp.type == AVPType.messageType.rawValue, !avp.isHidden, avp.valueOctets == 2 else { return }
    let number = octets.number16(at: avp.valueOffset)
    type = number
    vendorID = avp.vendorID
    avps[0].value = .number(
      UInt64(number), meaning: avp.vendorID == 0 ? MessageType(rawValue: number).name : nil)
    avps[0].name = "Message Type"
  }

  private static func words(_ error: MessageError) -> String {
    if case .hidden(_, _, .noSecret) = error.fault { return "hidden: readable with the secret" }
    return switch error.consequence {
    case .ignoreAVP: "ignored: \(error)"
    case .disconnectCall: "not known here: would end the session (CDN 2/8)"
    case .stopConnection: "not known here: would end the control connection (StopCCN 2/8)"
    case .dropSilently: "dropped: \(error)"
    }
  }

  /// The short name: `SCCRQ`, `ZLB`, or what can be said of a message that has none.
  public var name: String {
    guard let type else {
      return header != nil && lengthOctets == ControlHeader.lengthOctets ? "ZLB" : "message of no type"
    }
    guard vendorID == 0 else {
      return vendorID == AVPCatalogue.ciscoVendorID ? "Cisco ACK" : "message \(type) of vendor \(vendorID)"
    }
    return MessageType(rawValue: type).name
  }

  /// The long name, if RFC 3931 has the message.
  public var title: String? {
    guard let type, vendorID == 0 else { return nil }
    return MessageSpec.of(MessageType(rawValue: type))?.title
  }
}
