import Testing

@testable import PWCore

/// RFC 3931 sections 7.3.1 and 7.3.2, row by row: both ends of an incoming call.
@Suite("The session state tables")
struct CallTableTests {
  enum Event: CaseIterable {
    case open, connectionOpen, request, badRequest, reply, badReply, connected, badConnected, disconnect, dataPath,
      close
  }

  /// An action without its text.
  enum Kind {
    case nothing, sendRequest, makeDataPath, sendReply, sendConnected, establish, refuse, stateError, clear

    init(_ action: CallMachine.Action) {
      switch action {
      case .nothing: self = .nothing
      case .sendRequest: self = .sendRequest
      case .makeDataPath: self = .makeDataPath
      case .sendReply: self = .sendReply
      case .sendConnected: self = .sendConnected
      case .establish: self = .establish
      case .disconnect(let result): self = result.code == .stateMachineError ? .stateError : .refuse
      case .clear: self = .clear
      }
    }
  }

  typealias Row = (event: Event, action: Kind, next: CallMachine.State)

  static let idle: [Row] = [
    (.open, .nothing, .waitControlConnection), (.connectionOpen, .nothing, .idle),
    (.request, .makeDataPath, .preparing), (.badRequest, .refuse, .idle), (.reply, .stateError, .idle),
    (.badReply, .stateError, .idle), (.connected, .clear, .idle), (.badConnected, .clear, .idle),
    (.disconnect, .clear, .idle), (.dataPath, .nothing, .idle), (.close, .clear, .idle),
  ]
  static let waitControlConnection: [Row] = [
    (.open, .nothing, .waitControlConnection), (.connectionOpen, .sendRequest, .waitReply),
    (.request, .makeDataPath, .preparing), (.badRequest, .refuse, .idle), (.reply, .stateError, .idle),
    (.badReply, .stateError, .idle), (.connected, .clear, .idle), (.badConnected, .clear, .idle),
    (.disconnect, .clear, .idle), (.dataPath, .nothing, .waitControlConnection), (.close, .clear, .idle),
  ]
  static let waitReply: [Row] = [
    (.open, .nothing, .waitReply), (.connectionOpen, .nothing, .waitReply), (.request, .stateError, .idle),
    (.badRequest, .stateError, .idle), (.reply, .makeDataPath, .connecting), (.badReply, .refuse, .idle),
    (.connected, .clear, .idle), (.badConnected, .clear, .idle), (.disconnect, .clear, .idle),
    (.dataPath, .nothing, .waitReply), (.close, .refuse, .idle),
  ]
  static let connecting: [Row] = [
    (.open, .nothing, .connecting), (.connectionOpen, .nothing, .connecting), (.request, .stateError, .idle),
    (.badRequest, .stateError, .idle), (.reply, .stateError, .idle), (.badReply, .stateError, .idle),
    (.connected, .stateError, .idle), (.badConnected, .stateError, .idle), (.disconnect, .clear, .idle),
    (.dataPath, .sendConnected, .established), (.close, .refuse, .idle),
  ]
  static let preparing: [Row] = [
    (.open, .nothing, .preparing), (.connectionOpen, .nothing, .preparing), (.request, .stateError, .idle),
    (.badRequest, .stateError, .idle), (.reply, .stateError, .idle), (.badReply, .stateError, .idle),
    (.connected, .stateError, .idle), (.badConnected, .stateError, .idle), (.disconnect, .clear, .idle),
    (.dataPath, .sendReply, .waitConnect), (.close, .refuse, .idle),
  ]
  static let waitConnect: [Row] = [
    (.open, .nothing, .waitConnect), (.connectionOpen, .nothing, .waitConnect), (.request, .stateError, .idle),
    (.badRequest, .stateError, .idle), (.reply, .stateError, .idle), (.badReply, .stateError, .idle),
    (.connected, .establish, .established), (.badConnected, .refuse, .idle), (.disconnect, .clear, .idle),
    (.dataPath, .nothing, .waitConnect), (.close, .refuse, .idle),
  ]
  static let established: [Row] = [
    (.open, .nothing, .established), (.connectionOpen, .nothing, .established), (.request, .stateError, .idle),
    (.badRequest, .stateError, .idle), (.reply, .stateError, .idle), (.badReply, .stateError, .idle),
    (.connected, .stateError, .idle), (.badConnected, .stateError, .idle), (.disconnect, .clear, .idle),
    (.dataPath, .nothing, .established), (.close, .refuse, .idle),
  ]

  static func rows(of state: CallMachine.State) -> [Row] {
    switch state {
    case .idle: idle
    case .waitControlConnection: waitControlConnection
    case .waitReply: waitReply
    case .connecting: connecting
    case .preparing: preparing
    case .waitConnect: waitConnect
    case .established: established
    }
  }

  @Test("every state meets every event", arguments: CallMachine.State.allCases)
  func rows(in state: CallMachine.State) {
    let rows = Self.rows(of: state)
    #expect(Set(rows.map(\.event)) == Set(Event.allCases))
    for row in rows {
      var machine = Self.machine(in: state)
      #expect(machine.state == state)
      let action = Self.apply(row.event, to: &machine)
      #expect(Kind(action) == row.action, "\(state), \(row.event)")
      #expect(machine.state == row.next, "\(state), \(row.event)")
    }
  }

  static func machine(in state: CallMachine.State) -> CallMachine {
    var machine = CallMachine()
    let path: [Event] =
      switch state {
      case .idle: []
      case .waitControlConnection: [.open]
      case .waitReply: [.open, .connectionOpen]
      case .connecting: [.open, .connectionOpen, .reply]
      case .preparing: [.request]
      case .waitConnect: [.request, .dataPath]
      case .established: [.request, .dataPath, .connected]
      }
    for event in path { _ = apply(event, to: &machine) }
    return machine
  }

  static func apply(_ event: Event, to machine: inout CallMachine) -> CallMachine.Action {
    let refusal = CallResult(.noFacilitiesTemporary)
    return switch event {
    case .open: machine.open()
    case .connectionOpen: machine.connectionOpened()
    case .request: machine.receivedRequest(refusal: nil)
    case .badRequest: machine.receivedRequest(refusal: refusal)
    case .reply: machine.receivedReply(refusal: nil)
    case .badReply: machine.receivedReply(refusal: refusal)
    case .connected: machine.receivedConnected(refusal: nil)
    case .badConnected: machine.receivedConnected(refusal: refusal)
    case .disconnect: machine.receivedDisconnect()
    case .dataPath: machine.dataPathMade()
    case .close: machine.close(CallResult(.administrative))
    }
  }
}
