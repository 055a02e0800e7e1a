/// The losses in a sample of the data packets that the peer numbers.
public struct PacketLoss: Equatable, Codable, Sendable {
  /// Packets that were lost on their way.
  public var lost: UInt64
  /// Packets of the sample that arrived.
  public var received: UInt64

  /// So many of each.
  public init(lost: UInt64, received: UInt64) {
    self.lost = lost
    self.received = received
  }

  /// All packets of the sample, lost or received; the largest number if the sum overflows.
  public var total: UInt64 {
    let (sum, isOverflow) = lost.addingReportingOverflow(received)
    return isOverflow ? .max : sum
  }

  /// Of a thousand packets, how many were lost.
  var permille: Int {
    total > 0 ? Int(min(Double(lost) * 1000 / Double(total), 1000)) : 0
  }
}

/// Congestion (RFC 4719 section 5): whoever numbers its data packets lets the other end see how many are lost. That is reported; and where
/// the site declares how much is too much, the session ends for a while, so that what is left of the path serves the rest.
extension Engine {
  mutating func dataLost(_ identifier: ControlConnectionID, _ session: SessionID, _ loss: PacketLoss) {
    guard loss.total >= EngineLimits.lossSamplePackets, let connection = connectionsByID[identifier],
      let session = self.session(session, over: connection)
    else { return }
    let pseudowire = sessions[session].pseudowire
    guard pseudowires[pseudowire].machine.state == .established else { return }
    let known = sessions[session].loss
    guard loss.permille >= (known == nil ? EngineLimits.reportedLossPermille : EngineLimits.endedLossPermille) else {
      return lossEnded(session)
    }
    var record = known ?? Session.PathLoss(permille: 0)
    record.permille = UInt16(loss.permille)
    let limit = pseudowires[pseudowire].declaration.lossLimitPercent.map { 10 * Int($0) } ?? Int.max
    record.samplesAboveLimit = loss.permille > limit ? record.samplesAboveLimit + 1 : 0
    sessions[session].loss = record
    if known == nil {
      note(
        .warning, .packetsLost, of: pseudowire,
        fields: [.number(.permille, loss.permille)], Self.lossWords(loss.permille))
    }
    if record.samplesAboveLimit >= EngineLimits.congestedSamples { giveUpForCongestion(pseudowire, loss.permille) }
  }

  private mutating func lossEnded(_ session: SessionReference) {
    guard sessions[session].loss != nil else { return }
    sessions[session].loss = nil
    let pseudowire = sessions[session].pseudowire
    note(
      .notice, .packetsArriveAgain, of: pseudowire,
      "the peer's data packets arrive again: less than 0.\(EngineLimits.endedLossPermille)% are lost")
  }

  /// Ends a session, and calls for it again when the path has had time to recover.
  private mutating func giveUpForCongestion(_ pseudowire: PseudowireReference, _ permille: Int) {
    endSession(pseudowire, CallResult(.noFacilitiesTemporary, text: "congestion: \(Self.lossWords(permille))"))
    // Without a time to call again its connection is going, and every pause with that.
    guard let retryAt = pseudowires[pseudowire].retryAt else { return }
    let until = max(retryAt, now + EngineLimits.congestionPause)
    congestionPauses[pseudowire] = until
    guard until > retryAt else { return }
    pseudowires[pseudowire].retryAt = until
    turn.schedule(until, .pseudowire(pseudowire))
  }

  /// Why a call of the peer's has to wait, if it has.
  mutating func refusalForCongestion(_ pseudowire: PseudowireReference) -> CallResult? {
    guard let until = congestionPauses[pseudowire] else { return nil }
    guard until > now else {
      congestionPauses[pseudowire] = nil
      return nil
    }
    return CallResult(
      .noFacilitiesTemporary, text: "congestion: this pseudowire is paused; call again later")
  }

  /// Forgets the pauses of a connection that ends: the next one may run over another path.
  mutating func endCongestionPauses(of tunnel: TunnelReference) {
    for pseudowire in tunnels[tunnel].pseudowires { congestionPauses[pseudowire] = nil }
  }

  /// Ends the pause of one pseudowire, if it has one: what is too much is declared otherwise now.
  mutating func endCongestionPause(_ pseudowire: PseudowireReference) {
    guard !congestionPauses.isEmpty, congestionPauses.removeValue(forKey: pseudowire) != nil,
      pseudowires[pseudowire].retryAt != nil
    else { return }
    pseudowires[pseudowire].retryAt = now
    turn.schedule(now, .pseudowire(pseudowire))
  }

  /// The warning that a session's path loses packets; nil unless that is worth telling.
  func lossWarning(_ session: Session) -> String? {
    session.loss.map { Self.lossWords(Int($0.permille)) }
  }

  private static func lossWords(_ permille: Int) -> String {
    "\(permille / 10).\(permille % 10)% of the peer's data packets are lost on their way"
  }
}
