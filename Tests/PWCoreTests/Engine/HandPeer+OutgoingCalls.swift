import Testing

@testable import PWCore

/// A peer that asks for outgoing calls.
extension HandPeer {
  /// A peer whose connection stands.
  static func connected(configure: (inout PseudowireDeclaration) -> Void = { _ in }) -> HandPeer {
    let peer = HandPeer(configure: configure)
    peer.connect()
    #expect(peer.record?.machine.state == .established)
    return peer
  }

  /// A peer whose outgoing call stands.
  static func established() -> HandPeer {
    let peer = connected()
    peer.callOut()
    #expect(peer.sessionState == .established)
    #expect(peer.isLinkUp == true)
    return peer
  }

  /// A peer whose outgoing call waits for the engine's circuit.
  static func waiting() -> HandPeer {
    let peer = connected()
    peer.setCircuit(isUp: false)
    peer.callOut()
    #expect(peer.sessionState == .waitAnswer)
    return peer
  }

  /// Nothing of the call is left, and the connection stands.
  func expectReleased() {
    #expect(isLinkUp == nil)
    #expect(engine.sessions.isEmpty)
    #expect(engine.engine.sessionsByID.isEmpty)
    #expect(record?.machine.state == .established)
  }

  /// An OCRQ for the engine's pseudowire, as `configure` changes it.
  func callOut(_ local: UInt32 = 500, configure: (inout OutgoingCallRequest) -> Void = { _ in }) {
    var dataPath = DataPathParameters()
    dataPath.circuitStatus = .active
    var request = OutgoingCallRequest(
      identifiers: SessionIdentifiers(local: SessionID(rawValue: local), remote: .unknown), serialNumber: 1,
      pseudowireType: .ethernet, remoteEndID: RemoteEndID(number: 1), dataPath: dataPath)
    configure(&request)
    say(.outgoingCallRequest(request))
  }

  /// The OCRPs that it has heard.
  var outgoingReplies: [OutgoingCallReply] {
    heard.compactMap { if case .outgoingCallReply(let reply) = $0 { reply } else { nil } }
  }

  /// The OCCNs that it has heard.
  var outgoingConnected: [OutgoingCallConnected] {
    heard.compactMap { if case .outgoingCallConnected(let connected) = $0 { connected } else { nil } }
  }

  /// The SLIs that it has heard.
  var linkInfos: [SetLinkInfo] {
    heard.compactMap { if case .setLinkInfo(let info) = $0 { info } else { nil } }
  }

  /// The session of the last OCRP, as this end sees it.
  var outgoingSession: SessionIdentifiers {
    let identifiers = outgoingReplies.last?.identifiers
    return SessionIdentifiers(local: identifiers?.remote ?? .unknown, remote: identifiers?.local ?? .unknown)
  }
}
