import Testing

@testable import PWCore

@Suite("Refusals by somebody who keeps no state")
struct EngineRefusalTests {
  private let now = Instant(nanoseconds: 1_000_000_000)
  private let peer = IPAddress.v4(0xC000_0202)

  private func driver(role: TunnelDeclaration.Role) -> TestDriver {
    var site = Site(name: "left", routerID: 1)
    var tunnel = TunnelDeclaration(name: "peer", peer: .address(peer), role: role)
    tunnel.pseudowires = [
      PseudowireDeclaration(
        name: "pw", type: .ethernet, remoteEndID: RemoteEndID(number: 1), interfaceName: "pw0")
    ]
    site.tunnels = [tunnel]
    let driver = TestDriver(site: site, address: .v4(0xC000_0201), seed: 3, at: now)
    driver.drain(at: now)
    return driver
  }

  private func arrive(_ message: ControlMessage, ns: UInt16, nr: UInt16, at driver: TestDriver) {
    guard let sent = driver.sent.last, let identifier = driver.localID else {
      Issue.record("nothing was sent")
      return
    }
    var encoded = message.encoded()
    encoded.setHeader(connectionID: identifier, ns: ns, nr: nr)
    driver.handle(
      .datagram(
        Datagram(
          octets: encoded.octets, source: Endpoint(address: peer, port: 1701), local: sent.source, encapsulation: .udp,
          socket: sent.socket)),
      at: now)
  }

  @Test("an SCCRQ that is refused without an identifier is forgotten at once, and nothing is acknowledged to 0")
  func refusedRequest() {
    let driver = driver(role: .initiate)
    #expect(driver.sent.count == 1)
    arrive(.stopNotification(StopNotification(result: StopResult(.notAuthorised))), ns: 0, nr: 1, at: driver)
    #expect(driver.sent.count == 1)
    #expect(driver.sockets.isEmpty)
    #expect(driver.status.tunnels.first?.state.value == .idle)
    #expect(driver.status.tunnels.first?.nextAttempt != nil)
  }

  /// A tunnel with two pseudowires whose calls are out; the identifiers that we gave them, in the order of the calls.
  private func calling(_ driver: TestDriver) -> [SessionID] {
    let parameters = StartParameters(
      hostName: "right", routerID: 2, assignedConnectionID: ControlConnectionID(rawValue: 9),
      pseudowireCapabilities: [.ethernet])
    arrive(.startReply(StartReply(parameters: parameters)), ns: 0, nr: 1, at: driver)
    arrive(.hello(Hello()), ns: 1, nr: 2, at: driver)
    return driver.sent.compactMap { datagram in
      guard let message = try? ControlCodec.decode(datagram.octets.span).message,
        case .incomingCallRequest(let request) = message
      else { return nil }
      return request.identifiers.local
    }
  }

  @Test("CDN from a peer that gave the session no identifier ends that session alone")
  func refusedCallWithoutIdentifier() throws {
    let driver = driver(role: .initiate)
    let ours = try #require(calling(driver).first)
    let identifiers = SessionIdentifiers(local: .unknown, remote: ours)
    let refusal = CallDisconnect(result: CallResult(.noSuchForwarder), identifiers: identifiers)
    arrive(.callDisconnect(refusal), ns: 2, nr: 3, at: driver)
    let tunnel = try #require(driver.status.tunnels.first)
    #expect(tunnel.state.value == .established)
    let pseudowire = try #require(tunnel.pseudowires.first)
    #expect(
      pseudowire.lastError?.value
        == "the peer disconnected the session: result 24 (no such forwarder); we called for `type: ethernet`, "
        + "`end-id: 1 (number)`")
    #expect(driver.engine.sessionsByID[ours] == nil)
  }

  @Test("CDN without identifiers of a session of ours changes nothing", arguments: [UInt32(0), 4_711])
  func refusalOfNothing(remote: UInt32) throws {
    let driver = driver(role: .initiate)
    let ours = try #require(calling(driver).first)
    let sent = driver.sent.count
    let identifiers = SessionIdentifiers(local: .unknown, remote: SessionID(rawValue: remote))
    let refusal = CallDisconnect(result: CallResult(.noSuchForwarder), identifiers: identifiers)
    arrive(.callDisconnect(refusal), ns: 2, nr: 3, at: driver)
    #expect(driver.status.tunnels.first?.state.value == .established)
    #expect(driver.engine.sessionsByID[ours] != nil)
    let answers = driver.sent[sent...].compactMap { ControlCodec.digests(of: $0.octets.span).messageType }
    #expect(answers.allSatisfy { $0 == .acknowledgement }, "\(answers)")
    let words = "dropped CDN of the peer's session 0: its Remote Session ID is"
    #expect(driver.events.last?.message.hasPrefix(words) == true)
    #expect(driver.status.dropped.misnamed == 1)
  }

  @Test("CDN for an ICRP in idle names the session as the peer knows it")
  func unexpectedReply() {
    let driver = driver(role: .initiate)
    let parameters = StartParameters(
      hostName: "right", routerID: 2, assignedConnectionID: ControlConnectionID(rawValue: 9),
      pseudowireCapabilities: [.ethernet])
    arrive(.startReply(StartReply(parameters: parameters)), ns: 0, nr: 1, at: driver)
    var dataPath = DataPathParameters()
    dataPath.circuitStatus = .active
    let identifiers = SessionIdentifiers(local: SessionID(rawValue: 77), remote: SessionID(rawValue: 88))
    arrive(
      .incomingCallReply(IncomingCallReply(identifiers: identifiers, dataPath: dataPath)), ns: 1, nr: 2, at: driver)
    // The window opens as the peer acknowledges what went before.
    arrive(.hello(Hello()), ns: 2, nr: 3, at: driver)
    let disconnects = driver.sent.compactMap { datagram -> SessionIdentifiers? in
      guard let message = try? ControlCodec.decode(datagram.octets.span).message,
        case .callDisconnect(let disconnect) = message
      else { return nil }
      return disconnect.identifiers
    }
    #expect(disconnects.first == SessionIdentifiers(local: identifiers.remote, remote: identifiers.local))
  }
}

extension TestDriver {
  /// The identifier that the last SCCRQ assigned.
  fileprivate var localID: ControlConnectionID? {
    for datagram in sent {
      if let message = try? ControlCodec.decode(datagram.octets.span).message, case .startRequest(let request) = message
      {
        return request.parameters.assignedConnectionID
      }
    }
    return nil
  }
}
