/// The control connection state machine of RFC 3931 section 7.2, for one connection at one end.
///
/// It decides; the engine acts. Duplicates never reach it (the reliable channel drops them), and neither does an SCCRQ
/// that begins another connection: that one has a machine of its own, and ``TieBreaker`` says which of the two goes on.
struct ConnectionMachine: Equatable, Codable {
  /// Where the connection is.
  enum State: Equatable, CaseIterable, Codable {
    /// Nothing has been said, or everything is over.
    case idle
    /// SCCRQ is out: wait-ctl-reply.
    case waitReply
    /// SCCRP is out: wait-ctl-conn.
    case waitConnected
    /// Sessions may be signalled.
    case established
  }

  /// The action that an event calls for.
  enum Action: Equatable {
    case nothing
    /// Send SCCRQ.
    case sendRequest
    /// Send SCCRP.
    case sendReply
    /// Send SCCCN, and let the sessions begin.
    case sendConnectedAndEstablish
    /// Let the sessions begin.
    case establish
    /// Send StopCCN with this result, and clean up once it is acknowledged.
    case stop(StopResult)
    /// Clean up; the peer has stopped the connection, and its retransmissions are acknowledged for a while.
    case clear
    /// Clean up at once: nobody is there.
    case abandon
  }

  private(set) var state = State.idle

  /// We want the connection.
  mutating func open() -> Action {
    switch state {
    case .idle:
      state = .waitReply
      return .sendRequest
    case .waitReply, .waitConnected, .established:
      return .nothing
    }
  }

  /// The tunnel has no signalling, and its socket is there.
  mutating func establishWithoutSignalling() { state = .established }

  /// An SCCRQ that belongs to this connection.
  ///
  /// - Parameter refusal: why it is not acceptable.
  mutating func receivedRequest(refusal: StopResult?) -> Action {
    switch state {
    case .idle:
      if let refusal { return .stop(refusal) }
      state = .waitConnected
      return .sendReply
    case .waitReply, .waitConnected, .established:
      return outOfPlace("SCCRQ")
    }
  }

  /// The peer's SCCRP has come; `refusal` is why it is not acceptable, or nil.
  mutating func receivedReply(refusal: StopResult?) -> Action {
    switch state {
    case .waitReply:
      if let refusal {
        state = .idle
        return .stop(refusal)
      }
      state = .established
      return .sendConnectedAndEstablish
    case .idle, .waitConnected, .established:
      return outOfPlace("SCCRP")
    }
  }

  /// The peer's SCCCN has come; `refusal` is why it is not acceptable, or nil.
  mutating func receivedConnected(refusal: StopResult?) -> Action {
    switch state {
    case .waitConnected:
      if let refusal {
        state = .idle
        return .stop(refusal)
      }
      state = .established
      return .establish
    case .idle, .waitReply, .established:
      return outOfPlace("SCCCN")
    }
  }

  /// The peer's StopCCN has come, which ends the connection in any state.
  mutating func receivedStop() -> Action {
    state = .idle
    return .clear
  }

  /// We end it: an operator, a timeout, a message that may not be.
  mutating func close(_ result: StopResult) -> Action {
    switch state {
    case .idle:
      return .nothing
    case .waitReply, .waitConnected, .established:
      state = .idle
      return .stop(result)
    }
  }

  /// The peer acknowledges nothing any more (section 4.2).
  mutating func lost() -> Action {
    state = .idle
    return .abandon
  }

  /// A message that has no place here ends the connection.
  private mutating func outOfPlace(_ name: String) -> Action {
    let place =
      switch state {
      case .idle: "idle"
      case .waitReply: "wait-ctl-reply"
      case .waitConnected: "wait-ctl-conn"
      case .established: "established"
      }
    state = .idle
    return .stop(StopResult(.stateMachineError, text: "\(name) in \(place)"))
  }
}
