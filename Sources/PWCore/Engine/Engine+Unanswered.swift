/// SCCRQs of ours that nobody answers, and what comes from the peer's place in the meantime.
extension Engine {
  /// Tells people after some seconds that nobody answers our SCCRQ, and not only when the attempt is given up after a
  /// minute. Why that is may be known already.
  mutating func noteSilence(of connection: ConnectionReference) {
    let tunnel = connections[connection].tunnel
    guard connections[connection].machine.state == .waitReply,
      connections[connection].channel.retransmissions == EngineLimits.unansweredRequests
    else { return }
    guard tunnels[tunnel].lastError.map({ $0.since < connections[connection].since }) ?? true else { return }
    if let sign = peerSign(of: tunnel, at: now) {
      tunnels[tunnel].lastError = sign
      return
    }
    let way =
      switch connections[connection].encapsulation {
      case .udp: "UDP port \(connections[connection].remote.port)"
      case .ip: "IP protocol 115"
      }
    // The number of SCCRQs grows: `status` has that of its moment.
    setError(
      tunnel, .noAnswer,
      "no answer from \(connections[connection].remote.address): is a peer running there, does it accept calls from "
        + "here, and does the network pass \(way)?",
      then: "\(EngineLimits.unansweredRequests + 1) SCCRQs so far" + (nextAttemptWords(tunnel).map { ", \($0)" } ?? ""))
  }

  /// When the peer is called next, for the log, which has no clock that runs on as that of `status` does; nil where
  /// nothing is due.
  func nextAttemptWords(_ tunnel: TunnelReference) -> String? {
    switch tunnels[tunnel].attempt {
    case .waiting(let until): return "next attempt in \((until - now).begunSeconds) s"
    case .connecting(let attempt):
      guard connections[attempt].machine.state == .waitReply, let due = connections[attempt].channel.deadline else {
        return nil
      }
      let end = connections[attempt].life.deadline ?? due
      let isLast = connections[attempt].channel.hasRepeatedLast || end <= due
      let what = isLast ? "this attempt ends" : "next attempt"
      return "\(what) in \((min(due, end) - now).begunSeconds) s"
    case .none, .resolving, .yielding: return nil
    }
  }

  /// How often the peer was called in vain, and when it is called next; nil where nothing is due.
  func unansweredWords(of attempt: ConnectionReference) -> String? {
    guard connections[attempt].machine.state == .waitReply else { return nil }
    let count = connections[attempt].channel.retransmissions + 1
    let next = nextAttemptWords(connections[attempt].tunnel).map { ", \($0)" } ?? ""
    return "no answer to \(count) SCCRQ\(count == 1 ? "" : "s") yet\(next)"
  }

  /// The reason that the last message from the peer's place was not accepted for, if one has come lately: better news
  /// than that our SCCRQ is unanswered.
  func peerSign(of tunnel: TunnelReference, at now: Instant) -> Since<String>? {
    guard let sign = tunnels[tunnel].peerSign, now - sign.since < EngineLimits.peerSignTime else { return nil }
    return sign
  }

  /// Why a connection is given up whose peer acknowledges nothing.
  func silenceReason(_ connection: ConnectionReference) -> String {
    let isCalling = connections[connection].establishedAt == nil && connections[connection].isInitiator
    let sign = isCalling ? peerSign(of: connections[connection].tunnel, at: now) : nil
    return "the peer does not answer" + (sign.map { "; \($0.value)" } ?? "")
  }

  /// A message has come from the peer's place that may be its answer, and is not accepted.
  mutating func noteAnswer(_ tunnel: TunnelReference, _ message: String) {
    if tunnels[tunnel].active == nil { tunnels[tunnel].peerSign = Since(message, since: now) }
    setStrangersError(tunnel, message, then: nextAttemptWords(tunnel))
  }

  /// Something of L2TPv2 has come that is not an SCCRQ, perhaps in answer to ours.
  mutating func noteVersion2Answer(_ datagram: Datagram) {
    guard let tunnel = tunnelCalling(datagram) else { return }
    let digests = ControlCodec.digests(of: datagram.octets.span)
    let answer = digests.messageType.map { "\($0.words) of " } ?? ""
    noteAnswer(
      tunnel,
      "\(datagram.source.address) answers with \(answer)L2TPv2 (RFC 2661), and this tunnel is L2TPv3: set it to L2TPv3 "
        + "there")
  }

  /// A message has come that names no connection: where it has AVPs of Cisco's, it may answer an SCCRQ that has none
  /// and that its sender could not read.
  mutating func noteCiscoAnswer(_ datagram: Datagram) {
    guard ControlCodec.hasCiscoAVPs(datagram.octets.span), let tunnel = tunnelCalling(datagram),
      tunnels[tunnel].declaration.compatibility != .cisco, tunnels[tunnel].learnedDialect == .rfc
    else { return }
    noteAnswer(
      tunnel,
      "\(datagram.source.address) answers in AVPs that only Cisco's routers know, and does not read those of our "
        + "SCCRQ: declare `compatibility: cisco` here")
  }

  /// The tunnel whose SCCRQ a message may answer that names no connection of ours; nil where there is none.
  private mutating func tunnelCalling(_ datagram: Datagram) -> TunnelReference? {
    guard admission.undecodableRequests.allows(at: now) else { return nil }
    var found: TunnelReference?
    for tunnel in declaredTunnels {
      guard case .connecting(let attempt) = tunnels[tunnel].attempt,
        connections[attempt].machine.state == .waitReply,
        connections[attempt].encapsulation == datagram.encapsulation,
        connections[attempt].remote.address.isSameHost(as: datagram.source.address)
      else { continue }
      if connections[attempt].local?.port == datagram.local.port { return tunnel }
      found = found ?? tunnel
    }
    return found
  }
}
