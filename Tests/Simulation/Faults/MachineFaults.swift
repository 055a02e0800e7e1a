import PWCore

/// A link is up before its session is established.
final class LinkUpTooEarly: PlantedFault {
  func alter(_ answer: PluginAnswer, to question: PluginQuestion) -> PluginAnswer {
    question.phase == .connecting ? answer.withLinkUp : answer
  }
}

/// A link is up although the peer's circuit is down.
final class PeerCircuitIgnored: PlantedFault {
  func alter(_ answer: PluginAnswer, to question: PluginQuestion) -> PluginAnswer {
    question.phase == .established ? answer.withLinkUp : answer
  }
}

extension PluginAnswer {
  fileprivate var withLinkUp: PluginAnswer {
    guard case .links(let requests) = self else { return self }
    return .links(
      requests.map { request in
        guard case .session(var link) = request else { return request }
        link.isUp = true
        return .session(link)
      })
  }
}

/// Packets are taken for encrypted that are not.
final class ClearTakenForProtected: PlantedFault {
  func alter(_ input: Input) -> [Input] {
    guard case .completed(.protection(let id, .success(.missing))) = input else { return [input] }
    return [.completed(.protection(id, .success(.esp(algorithm: nil))))]
  }
}

/// A session that is over stays in the kernel.
final class SessionNotDeleted: PlantedFault {
  func alter(_ change: PlaneChange) -> AlteredChange {
    if case .deleteSession = change { .pretend } else { .perform(change) }
  }
}

/// A tunnel that is over stays in the kernel.
final class TunnelNotDeleted: PlantedFault {
  func alter(_ change: PlaneChange) -> AlteredChange {
    if case .deleteTunnel = change { .pretend } else { .perform(change) }
  }
}

/// An interface stays though its pseudowire has gone.
final class InterfaceNotReleased: PlantedFault {
  func alter(_ change: PlaneChange) -> AlteredChange {
    if case .releaseInterfaces = change { .pretend } else { .perform(change) }
  }
}

/// A socket that is not needed any more stays open.
final class SocketNotClosed: PlantedFault {
  func alter(_ change: PlaneChange) -> AlteredChange {
    if case .closeSocket = change { .pretend } else { .perform(change) }
  }
}

/// The two cookies are mixed up.
final class CookiesSwapped: PlantedFault {
  func alter(_ change: PlaneChange) -> AlteredChange {
    guard case .createSession(var request) = change else { return .perform(change) }
    swap(&request.receiveCookie, &request.transmitCookie)
    return .perform(.createSession(request))
  }
}

/// The two Session IDs are mixed up.
final class WrongPeerSessionID: PlantedFault {
  func alter(_ change: PlaneChange) -> AlteredChange {
    guard case .createSession(var request) = change else { return .perform(change) }
    request.peerID = request.localID
    return .perform(.createSession(request))
  }
}

/// The data path is said to be there before it is.
final class DataPathNotMade: PlantedFault {
  func alter(_ change: PlaneChange) -> AlteredChange {
    if case .createSession = change { .pretend } else { .perform(change) }
  }
}

/// Links are reported the wrong way round.
final class CircuitInverted: PlantedFault {
  func alter(_ input: Input) -> [Input] {
    guard case .link(var state) = input else { return [input] }
    state.isUp.toggle()
    return [.link(state)]
  }
}

/// The clock never comes to a deadline.
final class DeadlineLost: PlantedFault {
  func alter(_ input: Input) -> [Input] {
    if case .deadline = input { [] } else { [input] }
  }
}

/// The generator of random octets repeats itself.
final class IdentifiersUsedAgain: PlantedFault {
  // Longer than the sessions of any scenario at one time, so that there is always an identifier that is free.
  let entropyPeriodDraws: Int? = 61
}
