import PWCore

/// A control message taken apart, so that a fault can change it and put it together again.
struct OpenMessage {
  var header: ControlHeader
  var message: ControlMessage

  init?(_ octets: [UInt8]) {
    guard let received = try? ControlCodec.decode(octets.span), let message = received.message else { return nil }
    header = received.header
    self.message = message
  }

  var octets: [UInt8] {
    var encoded = message.encoded()
    encoded.setHeader(connectionID: header.connectionID, ns: header.ns, nr: header.nr)
    return encoded.octets
  }

  /// Names one message of one connection, however often it is sent.
  var key: Key { Key(connectionID: header.connectionID, ns: header.ns, type: message.messageType) }

  struct Key: Hashable {
    var connectionID: ControlConnectionID
    var ns: UInt16
    var type: MessageType
  }
}

/// A fault that touches only the messages that site 0 sends.
protocol SendingFault: PlantedFault {
  /// The octets that go out in place of a message; nil sends nothing. `open` is nil for an acknowledgement without a
  /// body.
  func send(_ octets: [UInt8], _ open: OpenMessage?) -> [UInt8]?
}

extension SendingFault {
  func alter(_ output: Output) -> [Output] {
    guard case .send(var transmission) = output else { return [output] }
    guard let octets = send(transmission.octets, OpenMessage(transmission.octets)) else { return [] }
    transmission.octets = octets
    return [.send(transmission)]
  }
}

/// A fault that touches only the messages that site 0 gets.
protocol ReceivingFault: PlantedFault {
  /// The octets that arrive in place of a message.
  func receive(_ octets: [UInt8], _ open: OpenMessage) -> [UInt8]
}

extension ReceivingFault {
  func alter(_ input: Input) -> [Input] {
    guard case .datagram(var datagram) = input, let open = OpenMessage(datagram.octets) else { return [input] }
    datagram.octets = receive(datagram.octets, open)
    return [.datagram(datagram)]
  }
}

/// A retransmission carries the Nr of the first transmission.
final class StaleNr: SendingFault {
  private var first: [OpenMessage.Key: [UInt8]] = [:]

  func send(_ octets: [UInt8], _ open: OpenMessage?) -> [UInt8]? {
    guard let open, !open.message.isAcknowledgement else { return octets }
    if let old = first[open.key], OpenMessage(old)?.message == open.message { return old }
    first[open.key] = octets
    return octets
  }
}

/// A message is sent twice and no more.
final class RetransmissionStops: SendingFault {
  private var sent: [OpenMessage.Key: Int] = [:]

  func send(_ octets: [UInt8], _ open: OpenMessage?) -> [UInt8]? {
    guard let open, !open.message.isAcknowledgement else { return octets }
    sent[open.key, default: 0] += 1
    return sent[open.key, default: 0] <= 2 ? octets : nil
  }
}

/// Nothing is acknowledged unless there is something to say.
final class NoAcknowledgement: SendingFault {
  func send(_ octets: [UInt8], _ open: OpenMessage?) -> [UInt8]? {
    open == nil || open?.message.isAcknowledgement == true ? nil : octets
  }
}

/// StopCCN never goes out.
final class NoStop: SendingFault {
  func send(_ octets: [UInt8], _ open: OpenMessage?) -> [UInt8]? {
    if case .some(.stopNotification) = open?.message { nil } else { octets }
  }
}

/// HELLO never goes out.
final class NoHello: SendingFault {
  func send(_ octets: [UInt8], _ open: OpenMessage?) -> [UInt8]? {
    if case .some(.hello) = open?.message { nil } else { octets }
  }
}

/// The tie breaker is always the same.
final class ConstantTieBreaker: SendingFault {
  func send(_ octets: [UInt8], _ open: OpenMessage?) -> [UInt8]? {
    guard var open else { return octets }
    switch open.message {
    case .startRequest(var request):
      request.tieBreaker = 7
      open.message = .startRequest(request)
    case .incomingCallRequest(var request):
      request.tieBreaker = 7
      open.message = .incomingCallRequest(request)
    default: return octets
    }
    return open.octets
  }
}

/// ICRQ has no Session Tie Breaker.
final class NoSessionTieBreaker: SendingFault {
  func send(_ octets: [UInt8], _ open: OpenMessage?) -> [UInt8]? {
    guard var open, case .incomingCallRequest(var request) = open.message else { return octets }
    request.tieBreaker = nil
    open.message = .incomingCallRequest(request)
    return open.octets
  }
}

/// OCCN never goes out; the call is taken for connected all the same.
final class NoOutgoingConnected: SendingFault {
  let wishes = Scenario.Wishes(isUnauthenticated: true, outgoingCalls: 1)

  func send(_ octets: [UInt8], _ open: OpenMessage?) -> [UInt8]? {
    guard var open, case .outgoingCallConnected = open.message else { return octets }
    open.message = .hello(Hello())
    return open.octets
  }
}

/// The peer is thought to have acknowledged one message more than it has, so that an OCCN is taken for received too
/// early.
final class ConnectedBelievedReceived: PlantedFault {
  let wishes = Scenario.Wishes(isUnauthenticated: true, outgoingCalls: 1)
  private var isOut = false

  func alter(_ output: Output) -> [Output] {
    if case .send(let transmission) = output,
      case .some(.outgoingCallConnected) = OpenMessage(transmission.octets)?.message
    {
      isOut = true
    }
    return [output]
  }

  func alter(_ input: Input) -> [Input] {
    guard isOut, case .datagram(var datagram) = input, var open = OpenMessage(datagram.octets) else { return [input] }
    isOut = false
    open.header.nr &+= 1
    datagram.octets = open.octets
    return [.datagram(datagram)]
  }
}

/// A message that came already is taken for the next one.
final class DuplicateTakenTwice: ReceivingFault {
  private var last: [ControlConnectionID: UInt16] = [:]

  func receive(_ octets: [UInt8], _ open: OpenMessage) -> [UInt8] {
    let id = open.header.connectionID
    guard id != .unknown, !open.message.isAcknowledgement else { return octets }
    var open = open
    if last[id] == open.header.ns { open.header.ns &+= 1 }
    last[id] = open.header.ns
    return open.octets
  }
}

/// The peer's window is taken for sixty-four messages.
final class WindowIgnored: ReceivingFault {
  let wishes = Scenario.Wishes(isUnauthenticated: true, leastPseudowires: 12, receiveWindow: 2)

  func receive(_ octets: [UInt8], _ open: OpenMessage) -> [UInt8] {
    var open = open
    switch open.message {
    case .startRequest(var request):
      request.parameters.receiveWindowSize = 64
      open.message = .startRequest(request)
    case .startReply(var reply):
      reply.parameters.receiveWindowSize = 64
      open.message = .startReply(reply)
    default: return octets
    }
    return open.octets
  }
}

/// An SLI is acknowledged and forgotten.
final class CircuitStatusLost: ReceivingFault {
  func receive(_ octets: [UInt8], _ open: OpenMessage) -> [UInt8] {
    guard case .setLinkInfo = open.message else { return octets }
    var open = open
    open.message = .hello(Hello())
    return open.octets
  }
}

/// A CDN is acknowledged and forgotten.
final class DisconnectLost: ReceivingFault {
  func receive(_ octets: [UInt8], _ open: OpenMessage) -> [UInt8] {
    guard case .callDisconnect = open.message else { return octets }
    var open = open
    open.message = .hello(Hello())
    return open.octets
  }
}
