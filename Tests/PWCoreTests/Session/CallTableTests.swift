import Testing

@testable import PWCore

/// RFC 3931 sections 7.3.1, 7.3.2 and 7.4.2, row by row: both ends of an incoming call, and who places an outgoing one.
@Suite("The session state tables")
struct CallTableTests {
  enum Event: CaseIterable {
    case open, connectionOpen, request, badRequest, reply, badReply, connected, badConnected, disconnect, dataPath,
      close
    case outgoingRequest, badOutgoingRequest, outgoingReply, outgoingConnected, circuitUp, circuitDown,
      connectedReceived
  }

  /// An action without its text.
  enum Kind {
    case nothing, sendRequest, makeDataPath, sendReply, sendConnected, establish, refuse, stateError, clear
    case sendOutgoingReply, sendOutgoingConnected, lossOfCarrier

    init(_ action: CallMachine.Action) {
      switch action {
      case .nothing: self = .nothing
      case .sendRequest: self = .sendRequest
      case .makeDataPath: self = .makeDataPath
      case .sendReply: self = .sendReply
      case .sendConnected: self = .sendConnected
      case .establish: self = .establish
      case .sendOutgoingReply: self = .sendOutgoingReply
      case .sendOutgoingConnected: self = .sendOutgoingConnected
      case .disconnect(let result):
        self =
          switch result.code {
          case .stateMachineError: .stateError
          case .lossOfCarrier: .lossOfCarrier
          default: .refuse
          }
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
    (.outgoingRequest, .makeDataPath, .preparing), (.badOutgoingRequest, .refuse, .idle),
    (.outgoingReply, .stateError, .idle), (.outgoingConnected, .clear, .idle), (.circuitUp, .nothing, .idle),
    (.circuitDown, .nothing, .idle), (.connectedReceived, .nothing, .idle),
  ]
  static let waitControlConnection: [Row] = [
    (.open, .nothing, .waitControlConnection), (.connectionOpen, .sendRequest, .waitReply),
    (.request, .makeDataPath, .preparing), (.badRequest, .refuse, .idle), (.reply, .stateError, .idle),
    (.badReply, .stateError, .idle), (.connected, .clear, .idle), (.badConnected, .clear, .idle),
    (.disconnect, .clear, .idle), (.dataPath, .nothing, .waitControlConnection), (.close, .clear, .idle),
    (.outgoingRequest, .makeDataPath, .preparing), (.badOutgoingRequest, .refuse, .idle),
    (.outgoingReply, .stateError, .idle), (.outgoingConnected, .clear, .idle),
    (.circuitUp, .nothing, .waitControlConnection), (.circuitDown, .nothing, .waitControlConnection),
    (.connectedReceived, .nothing, .waitControlConnection),
  ]
  static let waitReply: [Row] = [
    (.open, .nothing, .waitReply), (.connectionOpen, .nothing, .waitReply), (.request, .stateError, .idle),
    (.badRequest, .stateError, .idle), (.reply, .makeDataPath, .connecting), (.badReply, .refuse, .idle),
    (.connected, .clear, .idle), (.badConnected, .clear, .idle), (.disconnect, .clear, .idle),
    (.dataPath, .nothing, .waitReply), (.close, .refuse, .idle),
    (.outgoingRequest, .stateError, .idle), (.badOutgoingRequest, .stateError, .idle),
    (.outgoingReply, .stateError, .idle), (.outgoingConnected, .stateError, .idle), (.circuitUp, .nothing, .waitReply),
    (.circuitDown, .nothing, .waitReply), (.connectedReceived, .nothing, .waitReply),
  ]
  static let connecting: [Row] = [
    (.open, .nothing, .connecting), (.connectionOpen, .nothing, .connecting), (.request, .stateError, .idle),
    (.badRequest, .stateError, .idle), (.reply, .stateError, .idle), (.badReply, .stateError, .idle),
    (.connected, .stateError, .idle), (.badConnected, .stateError, .idle), (.disconnect, .clear, .idle),
    (.dataPath, .sendConnected, .established), (.close, .refuse, .idle),
    (.outgoingRequest, .stateError, .idle), (.badOutgoingRequest, .stateError, .idle),
    (.outgoingReply, .stateError, .idle), (.outgoingConnected, .stateError, .idle), (.circuitUp, .nothing, .connecting),
    (.circuitDown, .nothing, .connecting), (.connectedReceived, .nothing, .connecting),
  ]
  static let preparing: [Row] = [
    (.open, .nothing, .preparing), (.connectionOpen, .nothing, .preparing), (.request, .stateError, .idle),
    (.badRequest, .stateError, .idle), (.reply, .stateError, .idle), (.badReply, .stateError, .idle),
    (.connected, .stateError, .idle), (.badConnected, .stateError, .idle), (.disconnect, .clear, .idle),
    (.dataPath, .sendReply, .waitConnect), (.close, .refuse, .idle),
    (.outgoingRequest, .stateError, .idle), (.badOutgoingRequest, .stateError, .idle),
    (.outgoingReply, .stateError, .idle), (.outgoingConnected, .stateError, .idle), (.circuitUp, .nothing, .preparing),
    (.circuitDown, .nothing, .preparing), (.connectedReceived, .nothing, .preparing),
  ]
  static let waitConnect: [Row] = [
    (.open, .nothing, .waitConnect), (.connectionOpen, .nothing, .waitConnect), (.request, .stateError, .idle),
    (.badRequest, .stateError, .idle), (.reply, .stateError, .idle), (.badReply, .stateError, .idle),
    (.connected, .establish, .established), (.badConnected, .refuse, .idle), (.disconnect, .clear, .idle),
    (.dataPath, .nothing, .waitConnect), (.close, .refuse, .idle),
    (.outgoingRequest, .stateError, .idle), (.badOutgoingRequest, .stateError, .idle),
    (.outgoingReply, .stateError, .idle), (.outgoingConnected, .stateError, .idle),
    (.circuitUp, .nothing, .waitConnect),
    (.circuitDown, .nothing, .waitConnect), (.connectedReceived, .nothing, .waitConnect),
  ]
  static let established: [Row] = [
    (.open, .nothing, .established), (.connectionOpen, .nothing, .established), (.request, .stateError, .idle),
    (.badRequest, .stateError, .idle), (.reply, .stateError, .idle), (.badReply, .stateError, .idle),
    (.connected, .stateError, .idle), (.badConnected, .stateError, .idle), (.disconnect, .clear, .idle),
    (.dataPath, .nothing, .established), (.close, .refuse, .idle),
    (.outgoingRequest, .stateError, .idle), (.badOutgoingRequest, .stateError, .idle),
    (.outgoingReply, .stateError, .idle), (.outgoingConnected, .stateError, .idle),
    (.circuitUp, .nothing, .established),
    (.circuitDown, .nothing, .established), (.connectedReceived, .nothing, .established),
  ]
  // Outgoing calls, from OCRQ on.
  static let outgoingPreparing: [Row] = [
    (.open, .nothing, .preparing), (.connectionOpen, .nothing, .preparing), (.request, .stateError, .idle),
    (.badRequest, .stateError, .idle), (.reply, .stateError, .idle), (.badReply, .stateError, .idle),
    (.connected, .stateError, .idle), (.badConnected, .stateError, .idle), (.disconnect, .clear, .idle),
    (.dataPath, .sendOutgoingReply, .waitAnswer), (.close, .refuse, .idle),
    (.outgoingRequest, .stateError, .idle), (.badOutgoingRequest, .stateError, .idle),
    (.outgoingReply, .stateError, .idle), (.outgoingConnected, .stateError, .idle), (.circuitUp, .nothing, .preparing),
    (.circuitDown, .nothing, .preparing), (.connectedReceived, .nothing, .preparing),
  ]
  static let waitAnswer: [Row] = [
    (.open, .nothing, .waitAnswer), (.connectionOpen, .nothing, .waitAnswer), (.request, .stateError, .idle),
    (.badRequest, .stateError, .idle), (.reply, .stateError, .idle), (.badReply, .stateError, .idle),
    (.connected, .stateError, .idle), (.badConnected, .stateError, .idle), (.disconnect, .clear, .idle),
    (.dataPath, .nothing, .waitAnswer), (.close, .refuse, .idle),
    (.outgoingRequest, .stateError, .idle), (.badOutgoingRequest, .stateError, .idle),
    (.outgoingReply, .stateError, .idle), (.outgoingConnected, .stateError, .idle),
    (.circuitUp, .sendOutgoingConnected, .confirming),
    (.circuitDown, .nothing, .waitAnswer), (.connectedReceived, .nothing, .waitAnswer),
  ]
  static let confirming: [Row] = [
    (.open, .nothing, .confirming), (.connectionOpen, .nothing, .confirming), (.request, .stateError, .idle),
    (.badRequest, .stateError, .idle), (.reply, .stateError, .idle), (.badReply, .stateError, .idle),
    (.connected, .stateError, .idle), (.badConnected, .stateError, .idle), (.disconnect, .clear, .idle),
    (.dataPath, .nothing, .confirming), (.close, .refuse, .idle),
    (.outgoingRequest, .stateError, .idle), (.badOutgoingRequest, .stateError, .idle),
    (.outgoingReply, .stateError, .idle), (.outgoingConnected, .stateError, .idle), (.circuitUp, .nothing, .confirming),
    (.circuitDown, .lossOfCarrier, .idle), (.connectedReceived, .establish, .established),
  ]
  static let outgoingEstablished: [Row] = [
    (.open, .nothing, .established), (.connectionOpen, .nothing, .established), (.request, .stateError, .idle),
    (.badRequest, .stateError, .idle), (.reply, .stateError, .idle), (.badReply, .stateError, .idle),
    (.connected, .stateError, .idle), (.badConnected, .stateError, .idle), (.disconnect, .clear, .idle),
    (.dataPath, .nothing, .established), (.close, .refuse, .idle),
    (.outgoingRequest, .stateError, .idle), (.badOutgoingRequest, .stateError, .idle),
    (.outgoingReply, .stateError, .idle), (.outgoingConnected, .stateError, .idle),
    (.circuitUp, .nothing, .established),
    (.circuitDown, .lossOfCarrier, .idle), (.connectedReceived, .nothing, .established),
  ]

  static func rows(of place: Place) -> [Row] {
    switch (place.state, place.direction) {
    case (.idle, _): idle
    case (.waitControlConnection, _): waitControlConnection
    case (.waitReply, _): waitReply
    case (.connecting, _): connecting
    case (.preparing, .incoming): preparing
    case (.preparing, .outgoing): outgoingPreparing
    case (.waitConnect, _): waitConnect
    case (.waitAnswer, _): waitAnswer
    case (.confirming, _): confirming
    case (.established, .incoming): established
    case (.established, .outgoing): outgoingEstablished
    }
  }

  /// A state, and whose call it is in.
  struct Place: CustomTestStringConvertible {
    var state: CallMachine.State
    var direction: CallMachine.Direction
    var testDescription: String { "\(direction) \(state)" }

    /// Every one that there is, and the events that lead there.
    static let all: [(place: Place, path: [Event])] = [
      (Place(state: .idle, direction: .incoming), []),
      (Place(state: .waitControlConnection, direction: .incoming), [.open]),
      (Place(state: .waitReply, direction: .incoming), [.open, .connectionOpen]),
      (Place(state: .connecting, direction: .incoming), [.open, .connectionOpen, .reply]),
      (Place(state: .preparing, direction: .incoming), [.request]),
      (Place(state: .waitConnect, direction: .incoming), [.request, .dataPath]),
      (Place(state: .established, direction: .incoming), [.request, .dataPath, .connected]),
      (Place(state: .preparing, direction: .outgoing), [.outgoingRequest]),
      (Place(state: .waitAnswer, direction: .outgoing), [.outgoingRequest, .dataPath]),
      (Place(state: .confirming, direction: .outgoing), [.outgoingRequest, .dataPath, .circuitUp]),
      (
        Place(state: .established, direction: .outgoing),
        [.outgoingRequest, .dataPath, .circuitUp, .connectedReceived]
      ),
    ]
  }

  @Test("every state meets every event", arguments: Place.all)
  func rows(in place: Place, path: [Event]) {
    let rows = Self.rows(of: place)
    #expect(Set(rows.map(\.event)) == Set(Event.allCases))
    for row in rows {
      var machine = CallMachine()
      for event in path { _ = Self.apply(event, to: &machine) }
      #expect(machine.state == place.state && machine.direction == place.direction)
      let action = Self.apply(row.event, to: &machine)
      #expect(Kind(action) == row.action, "\(place), \(row.event)")
      #expect(machine.state == row.next, "\(place), \(row.event)")
    }
  }

  @Test("there is a table for every state, and an incoming call after an outgoing one is an incoming one")
  func completeness() {
    #expect(Set(Place.all.map(\.place.state)) == Set(CallMachine.State.allCases))
    for events: [Event] in [[.request], [.open, .connectionOpen]] {
      var machine = CallMachine()
      for event in [.outgoingRequest, .disconnect] + events { _ = Self.apply(event, to: &machine) }
      #expect(machine.direction == .incoming)
    }
  }

  static func apply(_ event: Event, to machine: inout CallMachine) -> CallMachine.Action {
    let refusal = CallResult(.noFacilitiesTemporary)
    return switch event {
    case .open: machine.open()
    case .connectionOpen: machine.connectionOpened()
    case .request: machine.receivedRequest(.incoming, refusal: nil)
    case .badRequest: machine.receivedRequest(.incoming, refusal: refusal)
    case .reply: machine.receivedReply(refusal: nil)
    case .badReply: machine.receivedReply(refusal: refusal)
    case .connected: machine.receivedConnected(refusal: nil)
    case .badConnected: machine.receivedConnected(refusal: refusal)
    case .disconnect: machine.receivedDisconnect()
    case .dataPath: machine.dataPathMade()
    case .close: machine.close(CallResult(.administrative))
    case .outgoingRequest: machine.receivedRequest(.outgoing, refusal: nil)
    case .badOutgoingRequest: machine.receivedRequest(.outgoing, refusal: refusal)
    case .outgoingReply: machine.receivedOutgoingReply()
    case .outgoingConnected: machine.receivedOutgoingConnected()
    case .circuitUp: machine.circuitUp()
    case .circuitDown: machine.circuitDown()
    case .connectedReceived: machine.connectedReceived()
    }
  }
}
