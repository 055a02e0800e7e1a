/// The session state machine of RFC 3931 section 7.3 (incoming call), both ends in one: who sent ICRQ tells which.
///
/// Two states stand between those of the RFC while the data path is made: the caller's after ICRP (`connecting`, still
/// wait-reply to the outside) and the recipient's after ICRQ (`preparing`, idle to the peer). Ties are decided before.
struct CallMachine: Equatable {
  /// Where the session is.
  enum State: UInt8, Equatable, CaseIterable {
    /// Nothing is under way.
    case idle
    /// The control connection is not there yet, or it is not our turn.
    case waitControlConnection
    /// ICRQ is out.
    case waitReply
    /// ICRP has come; ICCN goes out when the data path is there.
    case connecting
    /// ICRQ has come; ICRP goes out when the data path is there.
    case preparing
    /// ICRP is out.
    case waitConnect
    /// Frames may pass.
    case established
  }

  /// What has to be done about an event.
  enum Action: Equatable {
    /// Nothing.
    case nothing
    /// Send ICRQ.
    case sendRequest
    /// Make the data path; then `dataPathMade` or `close`.
    case makeDataPath
    /// Send ICRP.
    case sendReply
    /// Send ICCN; frames may pass.
    case sendConnected
    /// Frames may pass.
    case establish
    /// Send CDN with this result and clean up.
    case disconnect(CallResult)
    /// Clean up without a word.
    case clear
  }

  /// Where it is.
  private(set) var state = State.idle

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
    return .sendRequest
  }

  /// ICRQ for this session.
  mutating func receivedRequest(refusal: CallResult?) -> Action {
    switch state {
    case .idle, .waitControlConnection:
      if let refusal {
        state = .idle
        return .disconnect(refusal)
      }
      state = .preparing
      return .makeDataPath
    case .waitReply, .connecting, .preparing, .waitConnect, .established:
      return outOfPlace("ICRQ")
    }
  }

  /// ICRP.
  mutating func receivedReply(refusal: CallResult?) -> Action {
    switch state {
    case .waitReply:
      if let refusal {
        state = .idle
        return .disconnect(refusal)
      }
      state = .connecting
      return .makeDataPath
    case .idle, .waitControlConnection, .connecting, .preparing, .waitConnect, .established:
      return outOfPlace("ICRP")
    }
  }

  /// ICCN.
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
    case .connecting, .preparing, .established:
      return outOfPlace("ICCN")
    }
  }

  /// CDN.
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
      state = .waitConnect
      return .sendReply
    case .idle, .waitControlConnection, .waitReply, .waitConnect, .established:
      return .nothing
    }
  }

  /// We end it: an operator, the data plane, a timeout, a message that may not be.
  mutating func close(_ result: CallResult) -> Action {
    switch state {
    case .idle, .waitControlConnection:
      state = .idle
      return .clear
    case .waitReply, .connecting, .preparing, .waitConnect, .established:
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
    case .established: .established
    }
  }
}
