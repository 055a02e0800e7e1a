import PWCore

/// Makes outgoing calls of incoming ones between two sites: our engines ask nobody for one, other people's do.
///
/// The caller goes on as if it had sent ICRQ; the called site has got OCRQ, and answers with OCRP and OCCN. A message
/// that has no counterpart on the other side becomes one that takes its number and says no more than it may: ICCN a
/// HELLO, OCCN an SLI. Only messages without a digest can be changed on their way.
struct OutgoingCalls {
  /// A session by the caller's identifier.
  private struct Call: Hashable {
    var caller: Int
    var session: SessionID
  }

  /// How many calls of a hundred are changed; calls that are seen for the first time.
  var share: Double
  private var random: SeededRandom
  /// The decision for each call, made once for all copies of a request.
  private var decisions: [Call: Bool] = [:]

  init(share: Double, seed: UInt64) {
    self.share = share
    random = SeededRandom(seed: seed ^ 0x0C41)
  }

  /// The octets that arrive in place of those that were sent.
  mutating func translated(_ octets: [UInt8], from site: Int) -> [UInt8] {
    guard share > 0 || !decisions.isEmpty, ControlCodec.digests(of: octets.span).first == nil,
      var open = OpenMessage(octets), let message = translated(open.message, from: site)
    else { return octets }
    open.message = message
    return open.octets
  }

  private mutating func translated(_ message: ControlMessage, from site: Int) -> ControlMessage? {
    switch message {
    case .incomingCallRequest(let request):
      guard isOutgoing(Call(caller: site, session: request.identifiers.local)) else { return nil }
      var outgoing = OutgoingCallRequest(
        identifiers: request.identifiers, serialNumber: request.serialNumber, pseudowireType: request.pseudowireType,
        remoteEndID: request.remoteEndID, dataPath: request.dataPath)
      outgoing.tieBreaker = request.tieBreaker
      return .outgoingCallRequest(outgoing)
    case .incomingCallConnected(let connected):
      guard decisions[Call(caller: site, session: connected.identifiers.local)] == true else { return nil }
      return .hello(Hello())
    case .outgoingCallReply(let reply):
      return .incomingCallReply(IncomingCallReply(identifiers: reply.identifiers, dataPath: reply.dataPath))
    case .outgoingCallConnected(let connected):
      return .setLinkInfo(
        SetLinkInfo(identifiers: connected.identifiers, circuitStatus: connected.dataPath.circuitStatus))
    case .startRequest, .startReply, .startConnected, .stopNotification, .hello, .outgoingCallRequest,
      .incomingCallReply, .callDisconnect, .wanError, .setLinkInfo, .acknowledgement, .unknown:
      return nil
    }
  }

  private mutating func isOutgoing(_ call: Call) -> Bool {
    if let decision = decisions[call] { return decision }
    let decision = random.chance(share)
    decisions[call] = decision
    return decision
  }
}
