/// The session state machine of RFC 3931 sections 7.3 (incoming call, both ends in one: who sent ICRQ tells which) and 7.4.2
/// (outgoing call, the end that places it; we ask nobody to place one).
///
/// Three states stand between those of the RFC: while the data path is made the caller's after ICRP (`connecting`, still
/// wait-reply to the outside) and the recipient's after ICRQ or OCRQ (`preparing`, idle to the peer), and `confirming`, because
/// nothing may pass before OCCN has been received (section 6.10). Ties are decided before.
struct CallMachine: Equatable, Codable {
  /// Whose call a session is.
  enum Direction: UInt8, Equatable, CaseIterable, Codable {
    /// ICRQ asked for it: the caller's circuit is there, and its state is told as it changes.
    case incoming
    /// OCRQ asked for it: we place it over our circuit, and it lasts as long as that is up.
    case outgoing
  }

  /// Where the session is.
  enum State: UInt8, Equatable, CaseIterable, Codable {
    /// Nothing is under way.
    case idle
    /// The control connection is not there yet, or it is not our turn.
    case waitControlConnection
    /// ICRQ is out, and ICRP has not come.
    case waitReply
    /// ICRP has come; ICCN goes out when the data path is there.
    case connecting
    /// ICRQ or OCRQ has come; ICRP or OCRP goes out when the data path is there.
    case preparing
    /// ICRP is out, and ICCN has not come.
    case waitConnect
    /// OCRP is out; OCCN goes out when our circuit is up.
    case waitAnswer
    /// OCCN is out, and the peer has not acknowledged it yet.
    case confirming
    /// The set-up is complete, and frames may pass.
    case established
  }

  /// The action that an event calls for.
  enum Action: Equatable {
    case nothing
    /// Send ICRQ.
    case sendRequest
    /// Make the data path; then `dataPathMade` or `close`.
    case makeDataPath
    /// Send ICRP.
    case sendReply
    /// Send ICCN; frames may pass.
    case sendConnected
    /// Send OCRP; then `circuitUp` if it is.
    case sendOutgoingReply
    /// Send OCCN; then `connectedReceived`.
    case sendOutgoingConnected
    /// Let frames pass: the set-up is complete.
    case establish
    /// Send CDN with this result and clean up.
    case disconnect(CallResult)
    /// Clean up without a word.
    case clear
  }

  private(set) var state = State.idle
  /// Whose call it is; of no meaning while there is none.
  private(set) var direction = Direction.incoming

  /// A pseudowire is declared.
  mutating func open() -> Action {
    guard state == .idle else { return .nothing }
    state = .waitControlConnection
    return .nothing
  }

  /// The control connection is established, and it is our turn to call.
  mutating func connectionOpened() -> Action {
    guard state == .waitControlConnection else { return .nothing }
    state = .waitReply
    direction = .incoming
    return .sendRequest
  }

  /// The tunnel has no signalling, and its data path is there: nobody is asked, and `sendConnected` sends nothing.
  mutating func openedWithoutSignalling() -> Action {
    guard state == .waitControlConnection else { return .nothing }
    state = .connecting
    direction = .incoming
    return .makeDataPath
  }

  /// ICRQ or OCRQ for this session.
  mutating func receivedRequest(_ direction: Direction, refusal: CallResult?) -> Action {
    switch state {
    case .idle, .waitControlConnection:
      if let refusal {
        state = .idle
        return .disconnect(refusal)
      }
      state = .preparing
      self.direction = direction
      return .makeDataPath
    case .waitReply, .connecting, .preparing, .waitConnect, .waitAnswer, .confirming, .established:
      return outOfPlace(direction == .incoming ? "ICRQ" : "OCRQ")
    }
  }

  /// The peer's ICRP has come; `refusal` is why it is not acceptable, or nil.
  mutating func receivedReply(refusal: CallResult?) -> Action {
    switch state {
    case .waitReply:
      if let refusal {
        state = .idle
        return .disconnect(refusal)
      }
      state = .connecting
      return .makeDataPath
    case .idle, .waitControlConnection, .connecting, .preparing, .waitConnect, .waitAnswer, .confirming, .established:
      return outOfPlace("ICRP")
    }
  }

  /// The peer's ICCN has come; `refusal` is why it is not acceptable, or nil.
  mutating func receivedConnected(refusal: CallResult?) -> Action {
    switch state {
    case .waitConnect:
      if let refusal {
        state = .idle
        return .disconnect(refusal)
      }
      state = .established
      return .establish
    case .idle, .waitControlConnection, .waitReply:
      // The RFC's tables clean up without CDN here: the session is not one that the sender could have meant.
      state = .idle
      return .clear
    case .connecting, .preparing, .waitAnswer, .confirming, .established:
      return outOfPlace("ICCN")
    }
  }

  /// OCRP, which answers nothing that we send.
  mutating func receivedOutgoingReply() -> Action {
    outOfPlace("OCRP")
  }

  /// OCCN, which answers nothing that we send either.
  mutating func receivedOutgoingConnected() -> Action {
    switch state {
    case .idle, .waitControlConnection:
      state = .idle
      return .clear
    case .waitReply, .connecting, .preparing, .waitConnect, .waitAnswer, .confirming, .established:
      return outOfPlace("OCCN")
    }
  }

  /// The peer's CDN has come, which ends the session in any state.
  mutating func receivedDisconnect() -> Action {
    state = .idle
    return .clear
  }

  /// The data path is there.
  mutating func dataPathMade() -> Action {
    switch state {
    case .connecting:
      state = .established
      return .sendConnected
    case .preparing:
      switch direction {
      case .incoming:
        state = .waitConnect
        return .sendReply
      case .outgoing:
        state = .waitAnswer
        return .sendOutgoingReply
      }
    case .idle, .waitControlConnection, .waitReply, .waitConnect, .waitAnswer, .confirming, .established:
      return .nothing
    }
  }

  /// Our circuit is up: an outgoing call that waits for it is placed.
  mutating func circuitUp() -> Action {
    guard state == .waitAnswer else { return .nothing }
    state = .confirming
    return .sendOutgoingConnected
  }

  /// Our circuit is down: an outgoing call that was placed over it is over (RFC 3931 section 7.4.2).
  mutating func circuitDown() -> Action {
    switch state {
    case .confirming, .established:
      guard direction == .outgoing else { return .nothing }
      state = .idle
      return .disconnect(CallResult(.lossOfCarrier, text: "the attachment circuit of an outgoing call went down"))
    case .idle, .waitControlConnection, .waitReply, .connecting, .preparing, .waitConnect, .waitAnswer:
      return .nothing
    }
  }

  /// The peer has our OCCN.
  mutating func connectedReceived() -> Action {
    guard state == .confirming else { return .nothing }
    state = .established
    return .establish
  }

  /// We end it: an operator, the data plane, a timeout, a message that may not be.
  mutating func close(_ result: CallResult) -> Action {
    switch state {
    case .idle, .waitControlConnection:
      state = .idle
      return .clear
    case .waitReply, .connecting, .preparing, .waitConnect, .waitAnswer, .confirming, .established:
      state = .idle
      return .disconnect(result)
    }
  }

  /// The tie is lost or drawn, or the control connection is gone: what was begun is forgotten without a CDN.
  mutating func forget() {
    state = .idle
  }

  private mutating func outOfPlace(_ name: String) -> Action {
    let place = state.shown.rawValue
    state = .idle
    return .disconnect(CallResult(.stateMachineError, text: "\(name) in \(place)"))
  }
}

extension CallMachine.State {
  /// The RFC's name of the state that the peer sees.
  var shown: PseudowireStatus.State {
    switch self {
    case .idle: .idle
    case .waitControlConnection: .waitControlConnection
    case .waitReply, .connecting: .waitReply
    case .preparing, .waitConnect: .waitConnect
    case .waitAnswer, .confirming: .waitAnswer
    case .established: .established
    }
  }
}
