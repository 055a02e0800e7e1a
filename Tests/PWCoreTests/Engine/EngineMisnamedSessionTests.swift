import Testing

@testable import PWCore

@Suite("Messages that name no session of ours: counted, and told once")
struct EngineMisnamedSessionTests {
  private static let wrong = SessionID(rawValue: 4_711)

  private func warnings(_ peer: HandPeer) -> [String] {
    peer.engine.events.filter { $0.level == .warning && $0.message.contains("4711") }.map(\.message)
  }

  private var dataPath: DataPathParameters {
    var dataPath = DataPathParameters()
    dataPath.circuitStatus = .active
    return dataPath
  }

  @Test("an ICRP: the pseudowire that waits for one says so")
  func reply() throws {
    let peer = HandPeer()
    peer.connect()
    peer.wait(.seconds(8))
    let ours = try #require(peer.calls.last).identifiers.local
    for local in 600..<603 as Range<UInt32> {
      let identifiers = SessionIdentifiers(local: SessionID(rawValue: local), remote: Self.wrong)
      peer.say(.incomingCallReply(IncomingCallReply(identifiers: identifiers, dataPath: dataPath)))
    }
    #expect(peer.engine.status.dropped.misnamed == 3)
    #expect(warnings(peer).count == 1)
    let error = try #require(peer.engine.status.tunnels[0].pseudowires[0].lastError?.value)
    #expect(error.contains("ICRP") && error.contains("4711") && error.contains("\(ours.rawValue)"), "\(error)")
  }

  @Test("an ICCN: the pseudowire that waits for one says so")
  func connected() throws {
    let peer = HandPeer()
    peer.connect()
    peer.call()
    for _ in 0..<3 {
      let identifiers = SessionIdentifiers(local: SessionID(rawValue: 500), remote: Self.wrong)
      peer.say(.incomingCallConnected(IncomingCallConnected(identifiers: identifiers, dataPath: dataPath)))
    }
    #expect(peer.engine.status.dropped.misnamed == 3 && warnings(peer).count == 1)
    #expect(peer.engine.status.tunnels[0].pseudowires[0].lastError?.value.contains("ICCN") == true)
    peer.completeCall()
    #expect(peer.sessionState == .established)
  }

  @Test("CDN and SLI: the tunnel says so, and the session stays")
  func others() {
    for isDisconnect in [true, false] {
      let peer = HandPeer()
      peer.connect()
      peer.call()
      peer.completeCall()
      let identifiers = SessionIdentifiers(local: SessionID(rawValue: 501), remote: Self.wrong)
      for _ in 0..<3 {
        peer.say(
          isDisconnect
            ? .callDisconnect(CallDisconnect(result: CallResult(.administrative), identifiers: identifiers))
            : .setLinkInfo(SetLinkInfo(identifiers: identifiers, circuitStatus: [])))
      }
      #expect(peer.engine.status.dropped.misnamed == 3 && warnings(peer).count == 1)
      #expect(peer.sessionState == .established)
    }
  }

  @Test("what has only crossed the end of a session is counted and not told")
  func crossed() throws {
    let peer = HandPeer()
    peer.connect()
    peer.call()
    peer.completeCall()
    let ours = try #require(peer.replies.last).identifiers.local
    let identifiers = SessionIdentifiers(local: SessionID(rawValue: 500), remote: ours)
    for _ in 0..<2 {
      peer.say(.callDisconnect(CallDisconnect(result: CallResult(.administrative), identifiers: identifiers)))
    }
    #expect(peer.engine.status.dropped.misnamed == 1)
    #expect(!peer.engine.events.contains { $0.message.contains("names session") })
  }
}
