import Testing

@testable import PWCore

/// RFC 3931 section 7.2, row by row.
@Suite("The control connection state table")
struct ConnectionTableTests {
  enum Event: CaseIterable {
    case open, request, badRequest, reply, badReply, connected, badConnected, stop, close, lost
  }

  struct Row: CustomTestStringConvertible {
    var state: ConnectionMachine.State
    var event: Event
    var action: Kind
    var next: ConnectionMachine.State

    init(_ state: ConnectionMachine.State, _ event: Event, _ action: Kind, _ next: ConnectionMachine.State) {
      self.state = state
      self.event = event
      self.action = action
      self.next = next
    }

    var testDescription: String { "\(state), \(event): \(action), \(next)" }
  }

  /// An action without its text.
  enum Kind {
    case nothing, sendRequest, sendReply, sendConnected, establish, refuse, stateError, clear, abandon

    init(_ action: ConnectionMachine.Action) {
      switch action {
      case .nothing: self = .nothing
      case .sendRequest: self = .sendRequest
      case .sendReply: self = .sendReply
      case .sendConnectedAndEstablish: self = .sendConnected
      case .establish: self = .establish
      case .stop(let result): self = result.code == .stateMachineError ? .stateError : .refuse
      case .clear: self = .clear
      case .abandon: self = .abandon
      }
    }
  }

  static let table = [
    Row(.idle, .open, .sendRequest, .waitReply),
    Row(.idle, .request, .sendReply, .waitConnected),
    Row(.idle, .badRequest, .refuse, .idle),
    Row(.idle, .reply, .stateError, .idle),
    Row(.idle, .badReply, .stateError, .idle),
    Row(.idle, .connected, .stateError, .idle),
    Row(.idle, .badConnected, .stateError, .idle),
    Row(.idle, .stop, .clear, .idle),
    Row(.idle, .close, .nothing, .idle),
    Row(.idle, .lost, .abandon, .idle),
    Row(.waitReply, .open, .nothing, .waitReply),
    Row(.waitReply, .request, .stateError, .idle),
    Row(.waitReply, .badRequest, .stateError, .idle),
    Row(.waitReply, .reply, .sendConnected, .established),
    Row(.waitReply, .badReply, .refuse, .idle),
    Row(.waitReply, .connected, .stateError, .idle),
    Row(.waitReply, .badConnected, .stateError, .idle),
    Row(.waitReply, .stop, .clear, .idle),
    Row(.waitReply, .close, .refuse, .idle),
    Row(.waitReply, .lost, .abandon, .idle),
    Row(.waitConnected, .open, .nothing, .waitConnected),
    Row(.waitConnected, .request, .stateError, .idle),
    Row(.waitConnected, .badRequest, .stateError, .idle),
    Row(.waitConnected, .reply, .stateError, .idle),
    Row(.waitConnected, .badReply, .stateError, .idle),
    Row(.waitConnected, .connected, .establish, .established),
    Row(.waitConnected, .badConnected, .refuse, .idle),
    Row(.waitConnected, .stop, .clear, .idle),
    Row(.waitConnected, .close, .refuse, .idle),
    Row(.waitConnected, .lost, .abandon, .idle),
    Row(.established, .open, .nothing, .established),
    Row(.established, .request, .stateError, .idle),
    Row(.established, .badRequest, .stateError, .idle),
    Row(.established, .reply, .stateError, .idle),
    Row(.established, .badReply, .stateError, .idle),
    Row(.established, .connected, .stateError, .idle),
    Row(.established, .badConnected, .stateError, .idle),
    Row(.established, .stop, .clear, .idle),
    Row(.established, .close, .refuse, .idle),
    Row(.established, .lost, .abandon, .idle),
  ]

  @Test("every row", arguments: table)
  func row(_ row: Row) {
    var machine = Self.machine(in: row.state)
    let action = Self.apply(row.event, to: &machine)
    #expect(Kind(action) == row.action)
    #expect(machine.state == row.next)
  }

  @Test("every state meets every event")
  func isComplete() {
    #expect(Self.table.count == ConnectionMachine.State.allCases.count * Event.allCases.count)
  }

  static func machine(in state: ConnectionMachine.State) -> ConnectionMachine {
    var machine = ConnectionMachine()
    switch state {
    case .idle: break
    case .waitReply: _ = machine.open()
    case .waitConnected: _ = machine.receivedRequest(refusal: nil)
    case .established:
      _ = machine.open()
      _ = machine.receivedReply(refusal: nil)
    }
    return machine
  }

  static func apply(_ event: Event, to machine: inout ConnectionMachine) -> ConnectionMachine.Action {
    let refusal = StopResult(.notAuthorised)
    return switch event {
    case .open: machine.open()
    case .request: machine.receivedRequest(refusal: nil)
    case .badRequest: machine.receivedRequest(refusal: refusal)
    case .reply: machine.receivedReply(refusal: nil)
    case .badReply: machine.receivedReply(refusal: refusal)
    case .connected: machine.receivedConnected(refusal: nil)
    case .badConnected: machine.receivedConnected(refusal: refusal)
    case .stop: machine.receivedStop()
    case .close: machine.close(StopResult(.generalRequest))
    case .lost: machine.lost()
    }
  }

  @Test("a tie: the lower wins, one wins against none, equals are drawn")
  func ties() {
    #expect(TieOutcome(ours: 1, theirs: 2) == .weWin)
    #expect(TieOutcome(ours: UInt64.max, theirs: 2) == .theyWin)
    #expect(TieOutcome(ours: 7, theirs: 7) == .drawn)
    #expect(TieOutcome(ours: 7, theirs: nil) == .weWin)
    #expect(TieOutcome(ours: nil, theirs: 7) == .theyWin)
    #expect(TieOutcome(ours: nil, theirs: nil) == .noTie)
  }
}
