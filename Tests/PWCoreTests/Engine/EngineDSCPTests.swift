import Testing

@testable import PWCore

@Suite("Differentiated Services (RFC 3308)")
struct EngineDSCPTests {
  private func pair(left: UInt8?, right: UInt8?, pseudowires: Int = 1) -> EnginePair {
    EnginePair(pseudowires: pseudowires) { tunnel, isLeft in
      tunnel.dscp = (isLeft ? left : right).flatMap(DSCP.init(rawValue:))
    }
  }

  /// The values of AVPs 47 and 48 in messages of a type; nil where one is absent.
  private func codes(_ type: MessageType, of pair: EnginePair) -> [UInt16?] {
    pair.wire.compactMap { _, datagram -> UInt16?? in
      switch try? ControlCodec.decode(datagram.octets.span).message {
      case .startRequest(let request) where type == .startRequest: request.parameters.controlPHB
      case .startReply(let reply) where type == .startReply: reply.parameters.controlPHB
      case .incomingCallRequest(let request) where type == .incomingCallRequest: request.dataPath.sessionPHB
      case .incomingCallReply(let reply) where type == .incomingCallReply: reply.dataPath.sessionPHB
      default: nil
      }
    }
  }

  @Test("both declare the same: asked for, accepted, shown, and every socket of the connection is marked")
  func agreed() {
    let pair = pair(left: 46, right: 46)
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(5)))
    for type: MessageType in [.startRequest, .startReply, .incomingCallRequest, .incomingCallReply] {
      #expect(codes(type, of: pair) == [0xB800], "\(type.name)")
    }
    for driver in [pair.left, pair.right] {
      #expect(driver.openings.map(\.request.dscp?.rawValue) == [46])
      #expect(driver.status.tunnels[0].dscp?.rawValue == 46 && driver.status.tunnels[0].peerUsesDSCP)
    }
  }

  @Test("a peer that knows nothing of it answers without, and the connection is up")
  func unanswered() {
    let pair = pair(left: 46, right: nil)
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(5)))
    #expect(codes(.startReply, of: pair) == [nil] && codes(.incomingCallReply, of: pair) == [nil])
    #expect(!pair.left.status.tunnels[0].peerUsesDSCP && pair.right.status.tunnels[0].dscp == nil)
  }

  @Test("an end that is not asked says nothing, and marks its own packets all the same")
  func unasked() {
    let pair = pair(left: nil, right: 34)
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(5)))
    #expect(codes(.startReply, of: pair) == [nil] && codes(.incomingCallReply, of: pair) == [nil])
    #expect(pair.right.openings.contains { $0.request.dscp?.rawValue == 34 })
  }

  @Test("an answer with another code point: StopCCN 8, which says both")
  func refused() {
    let pair = pair(left: 46, right: 34)
    pair.run(for: .seconds(5))
    #expect(!pair.isForwarding)
    #expect(codes(.startReply, of: pair).allSatisfy { $0 == 34 << 10 })
    let error = pair.right.status.tunnels[0].lastError?.value
    #expect(error?.contains("result 8 (control DSCP mismatch): `dscp: 34` was requested; the end that") == true)
  }

  @Test("a call for another code point is answered with ours, and an answer with another one: CDN 12")
  func calls() throws {
    let peer = HandPeer()
    var site = peer.engine.engine.declaredSite
    site.tunnels[0].dscp = DSCP(rawValue: 46)
    peer.engine.reload(site, at: peer.now)
    peer.parameters.controlPHB = 0xB800
    peer.connect()
    peer.call { $0.dataPath.sessionPHB = 0x0400 }
    #expect(peer.replies.map(\.dataPath.sessionPHB) == [0xB800])

    let called = HandPeer()
    called.engine.reload(site, at: called.now)
    called.connect()
    called.wait(.seconds(7))
    let call = try #require(called.calls.first)
    #expect(call.dataPath.sessionPHB == 0xB800)
    var dataPath = DataPathParameters()
    (dataPath.circuitStatus, dataPath.sessionPHB) = (.active, 0x8001)
    let identifiers = SessionIdentifiers(local: SessionID(rawValue: 9), remote: call.identifiers.local)
    called.say(.incomingCallReply(IncomingCallReply(identifiers: identifiers, dataPath: dataPath)))
    #expect(called.disconnects.map(\.result.code) == [.sessionDSCPMismatch])
    let text = called.disconnects.first?.result.text
    #expect(text == "PHB code 32769 is not a code point; the end that refuses declares `dscp: 46`")
  }

  @Test("a code point from inside asks nothing of the peer, and TTL and it are every socket's")
  func inherited() {
    let pair = EnginePair(pseudowires: 1) { tunnel, isLeft in
      guard isLeft else { return tunnel.dscp = DSCP(rawValue: 46) }
      tunnel.copiesDSCP = true
      tunnel.hopLimit = 7
    }
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(5)))
    let sockets = pair.left.effects.compactMap { effect -> SocketRequest? in
      if case .plane(.openSocket(_, _, let request)) = effect { request } else { nil }
    }
    #expect(!sockets.isEmpty && sockets.allSatisfy { $0.copiesDSCP && $0.hopLimit == 7 && $0.dscp == nil })
    let status = pair.left.status.tunnels[0]
    #expect(status.dscp == nil && status.copiesDSCP && status.hopLimit == 7)
  }

  @Test("a site that looks inside needs the userspace data plane, and says for what")
  func need() {
    var site = Site(name: "a", routerID: 1)
    site.tunnels = [TunnelDeclaration(name: "berlin", peer: .any)]
    site.tunnels[0].hopLimit = 7
    #expect(site.needOfUserspace == nil)
    site.tunnels[0].copiesDSCP = true
    #expect(site.needOfUserspace == "'dscp: inherit' in tunnel 'berlin'")
  }
}
