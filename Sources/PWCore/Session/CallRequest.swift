/// A call that the peer asks for, by ICRQ or by OCRQ: both say the same of it (RFC 3931 sections 6.6 and 6.9).
struct CallRequest {
  /// Which of the two it is.
  let direction: CallMachine.Direction
  /// AVPs 63 and 64.
  let identifiers: SessionIdentifiers
  /// Whether it has AVP 15.
  let hasSerialNumber: Bool
  /// AVP 68.
  let pseudowireType: PseudowireType
  /// AVP 66.
  let remoteEndID: RemoteEndID
  /// AVP 90 of an ICRQ (RFC 4667); nil says that it is the same as AVP 66.
  let localEndID: [UInt8]?
  /// AVP 89 of an ICRQ (RFC 4667); nil is the default group.
  let attachmentGroup: [UInt8]?
  /// AVP 5.
  let tieBreaker: UInt64?
  /// The wishes of the peer for what it receives, and the state of its circuit.
  let dataPath: DataPathParameters
  /// AVPs that are not the IETF's, among others.
  let others: [RawAVP]

  /// The call of an ICRQ.
  init(_ request: IncomingCallRequest) {
    direction = .incoming
    identifiers = request.identifiers
    hasSerialNumber = request.serialNumber != nil
    pseudowireType = request.pseudowireType
    remoteEndID = request.remoteEndID
    localEndID = request.localEndID
    attachmentGroup = request.attachmentGroup
    tieBreaker = request.tieBreaker
    dataPath = request.dataPath
    others = request.others
  }

  /// The call of an OCRQ.
  init(_ request: OutgoingCallRequest) {
    direction = .outgoing
    identifiers = request.identifiers
    hasSerialNumber = request.serialNumber != nil
    pseudowireType = request.pseudowireType
    remoteEndID = request.remoteEndID
    localEndID = nil
    attachmentGroup = nil
    tieBreaker = request.tieBreaker
    dataPath = request.dataPath
    others = request.others
  }
}
