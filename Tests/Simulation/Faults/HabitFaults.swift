import PWCore

/// A fault of an engine that does not get along with a peer's habit.
protocol HabitFault: PlantedFault {
  /// The habit that it is about.
  var habits: Habits { get }
  /// Where it can show.
  var pairings: [HabitScenario.Pairing] { get }
}

extension HabitFault {
  var pairings: [HabitScenario.Pairing] { HabitScenario.Pairing.all }
  var wishes: Scenario.Wishes {
    Scenario.Wishes(isUnauthenticated: true, isCalm: true, habits: (habits: habits, pairings: pairings))
  }
}

extension [HabitScenario.Pairing] {
  fileprivate static let callers = HabitScenario.Pairing.all.filter { $0.peer == .calls }
  fileprivate static let waiters = HabitScenario.Pairing.all.filter { $0.peer == .waits }
}

/// The input, or nothing where it is a message that is to be dropped.
private func withoutMessages(_ input: Input, _ isDropped: (ControlMessage) -> Bool) -> [Input] {
  guard case .datagram(let datagram) = input, let open = OpenMessage(datagram.octets) else { return [input] }
  return isDropped(open.message) ? [] : [input]
}

/// Every tie is won, also against a peer that takes no notice.
final class TiesWonForEver: HabitFault, SendingFault {
  let habits: Habits = .ignoresTies

  func send(_ octets: [UInt8], _ open: OpenMessage?) -> [UInt8]? {
    guard var open, case .incomingCallReply(let reply) = open.message else { return octets }
    open.message = .callDisconnect(CallDisconnect(result: CallResult(.lostTie), identifiers: reply.identifiers))
    return open.octets
  }
}

/// An SCCRQ with an identifier that was there before is a copy for ever.
final class NewStartTakenForACopy: HabitFault {
  let habits: Habits = .reusesIdentifier
  let pairings: [HabitScenario.Pairing] = .callers
  private var isAnswered = false

  func alter(_ output: Output) -> [Output] {
    if case .send(let transmission) = output, let open = OpenMessage(transmission.octets),
      case .startReply = open.message
    {
      isAnswered = true
    }
    return [output]
  }

  func alter(_ input: Input) -> [Input] {
    withoutMessages(input) { if case .startRequest = $0 { isAnswered } else { false } }
  }
}

/// An end-id that is spelled otherwise is another one, and ours has one spelling.
final class OnlyOneSpelling: HabitFault, SendingFault {
  let habits: Habits = .spellsEndIDOtherwise
  let pairings: [HabitScenario.Pairing] = .waiters
  private var first: RemoteEndID?

  func send(_ octets: [UInt8], _ open: OpenMessage?) -> [UInt8]? {
    guard var open, case .incomingCallRequest(var request) = open.message else { return octets }
    if first == nil { first = request.remoteEndID }
    request.remoteEndID = first ?? request.remoteEndID
    open.message = .incomingCallRequest(request)
    return open.octets
  }
}

/// A crash is forgotten, and the pauses between our attempts never become long, so that a peer that keeps a dead
/// connection hears of us all the time.
final class NeverSilent: HabitFault {
  let habits: Habits = .keepsDeadConnection
  let pairings: [HabitScenario.Pairing] = .waiters

  func alter(_ input: Input) -> [Input] {
    if case .crashedBefore = input { return [] }
    return [input]
  }

  var wishes: Scenario.Wishes {
    Scenario.Wishes(isCalm: true, habits: (habits: habits, pairings: pairings), longestBackOff: .seconds(8))
  }
}

/// Every message follows at once on the one before it.
final class SpeaksTwiceAtOnce: HabitFault {
  let habits: Habits = .losesSecondMessage
  private var last: Transmission?

  func alter(_ output: Output) -> [Output] {
    guard case .send(let transmission) = output, let open = OpenMessage(transmission.octets),
      !open.message.isAcknowledgement
    else { return [output] }
    defer { last = transmission }
    // The octets are the older ones, and the socket today's: the older one may be gone.
    var copy = transmission
    copy.octets = last?.octets ?? transmission.octets
    return [.send(copy), output]
  }
}

/// An SCCRP that cannot be taken is dropped without a word.
final class SilentRefusal: HabitFault, SendingFault {
  let habits: Habits = .addsUnknownAVP
  let pairings: [HabitScenario.Pairing] = .waiters

  func send(_ octets: [UInt8], _ open: OpenMessage?) -> [UInt8]? {
    if case .some(.stopNotification) = open?.message { nil } else { octets }
  }
}

/// An SCCRQ that acknowledges something is dropped.
final class NumberedRequestsDropped: HabitFault {
  let habits: Habits = .numbersRequest
  let pairings: [HabitScenario.Pairing] = .callers

  func alter(_ input: Input) -> [Input] {
    guard case .datagram(let datagram) = input, let open = OpenMessage(datagram.octets),
      case .startRequest = open.message, open.header.nr != 0
    else { return [input] }
    return []
  }
}

/// A call without a Serial Number is not read.
final class SerialNumberRequired: HabitFault {
  let habits: Habits = [.omitsSerialNumber, .ignoresTies]

  func alter(_ input: Input) -> [Input] {
    withoutMessages(input) {
      if case .incomingCallRequest(let request) = $0 { request.serialNumber == nil } else { false }
    }
  }
}

/// A peer that calls is told that we call.
final class CallersRefused: HabitFault, SendingFault {
  let habits: Habits = .takesRefusalForLastWord
  let pairings: [HabitScenario.Pairing] = .callers

  func send(_ octets: [UInt8], _ open: OpenMessage?) -> [UInt8]? {
    guard var open, case .startReply(let reply) = open.message else { return octets }
    open.message = .stopNotification(
      StopNotification(
        result: StopResult(.alreadyExists), assignedConnectionID: reply.parameters.assignedConnectionID))
    return open.octets
  }
}

/// The sublayer is never asked for.
final class OnlyWithoutSublayer: HabitFault, SendingFault {
  let habits: Habits = .insistsOnSublayer
  let pairings: [HabitScenario.Pairing] = .waiters

  func send(_ octets: [UInt8], _ open: OpenMessage?) -> [UInt8]? {
    guard var open, case .incomingCallRequest(var request) = open.message else { return octets }
    request.dataPath.sublayer = nil
    open.message = .incomingCallRequest(request)
    return open.octets
  }
}
