import Testing

@testable import PWCore

@Suite("The life of a control connection") struct ConnectionLifeTests {
  private let start = Instant(nanoseconds: 0)

  private func connection() -> ControlConnection {
    var declaration = Reliability()
    declaration.setupTimeout = .seconds(20)
    return ControlConnection(
      of: TunnelReference(rawValue: 0), isInitiator: false, localID: ControlConnectionID(rawValue: 1),
      socket: SocketID(rawValue: 7), remote: Endpoint(address: .v4(1)), encapsulation: .udp, reliability: declaration,
      at: start)
  }

  @Test("Opening the socket and the handshake share the time of one set-up; an established connection has no limit")
  func setUp() {
    var connection = connection()
    #expect(connection.life == .opening(until: start + .seconds(20)) && !connection.socket.canSend)
    connection.extendHandshake(until: start + .seconds(90))
    #expect(connection.deadline == start + .seconds(20), "there is no handshake to give more time to")
    connection.socketIsOpen()
    #expect(connection.life == .handshaking(until: start + .seconds(20)) && connection.socket.canSend)
    connection.extendHandshake(until: start + .seconds(90))
    connection.extendHandshake(until: start + .seconds(30))
    #expect(connection.deadline == start + .seconds(90))
    connection.establish(at: start + .seconds(1))
    #expect(connection.life == .established && connection.deadline == nil)
  }

  @Test("Nothing that an established connection does by itself is due when it ends", arguments: [false, true])
  func end(byPeer: Bool) {
    var connection = connection()
    connection.socketIsOpen()
    connection.establish(at: start)
    connection.calls.wait(until: start + .seconds(2))
    connection.presence.expectSign(within: .seconds(1))
    connection.probe(at: start + .seconds(3))
    #expect(connection.deadline == start + .seconds(1))
    let now = start + .milliseconds(500)
    if byPeer { connection.stop(at: now) } else { connection.beginClosing(at: now) }
    let last = byPeer ? EngineLimits.stoppedStateLifetime : EngineLimits.closingDataPathLifetime
    #expect(connection.deadline == now + last)
    connection.probe(at: now + .milliseconds(1))
    #expect(connection.deadline == now + last, "the routes may change their mind afterwards")
  }

  @Test("The socket goes with the data path, and the one that a datagram arrives on answers it") func lentSocket() {
    var connection = connection()
    connection.socketIsOpen()
    connection.establish(at: start)
    connection.socket.lend(SocketID(rawValue: 9))
    #expect(connection.socket.carrier == SocketID(rawValue: 7), "its own is there")
    let nothing = connection.removeDataPath()
    #expect(nothing == nil && connection.socket.isOurs, "there is no data path")
    connection.dataPath.begin()
    let waiting = connection.dataPath.made()
    #expect(waiting.isEmpty)
    connection.dataPath.ended(interface: "l2t0")
    connection.beginClosing(at: start)
    let interfaces = connection.removeDataPath()
    #expect(interfaces == ["l2t0"])
    #expect(!connection.socket.isOurs && !connection.socket.canSend && connection.deadline == nil)
    connection.socket.lend(SocketID(rawValue: 9))
    #expect(connection.socket.canSend && connection.socket.carrier == SocketID(rawValue: 9))
    connection.socket.giveBack()
    #expect(!connection.socket.canSend)
  }
}
