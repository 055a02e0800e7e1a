import Testing

@testable import PWCore

@Suite("Forwarders by group, target and source (RFC 4667 sections 4.3 and 5)")
struct EngineForwarderTests {
  private func connected(_ configure: (inout PseudowireDeclaration) -> Void) -> HandPeer {
    let peer = HandPeer(configure: configure)
    peer.connect()
    #expect(peer.record?.machine.state == .established)
    return peer
  }

  /// Our end is 7, the peer's 8, in group 5.
  private static func declare(_ pseudowire: inout PseudowireDeclaration) {
    pseudowire.remoteEndID = RemoteEndID(number: 8)
    pseudowire.localEndID = RemoteEndID(number: 7)
    pseudowire.attachmentGroup = RemoteEndID(number: 5)
  }

  private static func number(_ number: UInt8) -> [UInt8] { [0, 0, 0, number] }

  @Test("our call names both ends and the group; one without them names the end alone")
  func sent() throws {
    let peer = connected(Self.declare)
    peer.wait(.seconds(7))
    let call = try #require(peer.calls.first)
    #expect(call.remoteEndID == RemoteEndID(number: 8))
    #expect(call.localEndID == Self.number(7) && call.attachmentGroup == Self.number(5))
    let plain = connected { _ in }
    plain.wait(.seconds(7))
    #expect(plain.calls.map(\.localEndID) == [nil] && plain.calls.map(\.attachmentGroup) == [nil])
  }

  @Test("the peer's call names them crosswise")
  func answered() {
    let peer = connected(Self.declare)
    peer.call { request in
      request.remoteEndID = RemoteEndID(number: 7)
      (request.localEndID, request.attachmentGroup) = (Self.number(8), Self.number(5))
    }
    peer.completeCall()
    #expect(peer.sessionState == .established)
    #expect(peer.engine.status.tunnels[0].pseudowires[0].localEndID == RemoteEndID(number: 7))
  }

  @Test(
    "another caller is not authorised (CDN 25), and a forwarder that nobody has declared is not there (CDN 24)",
    arguments: [
      (7, 9, 5, CallCode.forwarderNotAuthorised), (7, nil, 5, .forwarderNotAuthorised), (8, 7, 5, .noSuchForwarder),
      (7, 8, 6, .noSuchForwarder), (7, 8, nil, .noSuchForwarder),
    ] as [(UInt32, UInt8?, UInt8?, CallCode)])
  func refused(target: UInt32, source: UInt8?, group: UInt8?, code: CallCode) {
    let peer = connected(Self.declare)
    peer.call { request in
      request.remoteEndID = RemoteEndID(number: target)
      (request.localEndID, request.attachmentGroup) = (source.map(Self.number), group.map(Self.number))
    }
    #expect(peer.disconnects.map(\.result.code) == [code])
    #expect(peer.replies.isEmpty)
  }

  @Test("a caller that is not authorised hears both values, as does the operator", arguments: [9, nil] as [UInt8?])
  func refusedInWords(source: UInt8?) {
    let peer = connected(Self.declare)
    peer.call { request in
      request.remoteEndID = RemoteEndID(number: 7)
      (request.localEndID, request.attachmentGroup) = (source.map(Self.number), Self.number(5))
    }
    let caller =
      source == nil
      ? "has no `local-end-id`, so it comes from the same name, 7 (number)" : "comes from `local-end-id: 9 (number)`"
    #expect(
      peer.disconnects.last?.result.text
        == "the call \(caller); the called site declares `end-id: 8 (number)` for it")
    #expect(
      peer.engine.events.last { $0.kind == .callRefused }?.message
        == "refused the peer's call for `type: ethernet`, `end-id: 7 (number)`, `attachment-group: 5 (number)`: it "
        + "\(caller); this site declares `end-id: 8 (number)` for it")
  }

  @Test("a caller that may be anybody hears nothing of what is declared")
  func strangerRefused() {
    let peer = HandPeer(peer: .any, configure: Self.declare)
    peer.connect()
    peer.call { request in
      request.remoteEndID = RemoteEndID(number: 7)
      (request.localEndID, request.attachmentGroup) = (Self.number(9), Self.number(5))
    }
    #expect(peer.disconnects.last?.result.code == .forwarderNotAuthorised)
    #expect(peer.disconnects.last?.result.text == "that end may not be called from yours")
  }

  @Test("where no local end is declared, any is welcome, and an empty group is the default one")
  func undeclared() {
    let peer = connected { _ in }
    peer.call { ($0.localEndID, $0.attachmentGroup) = ([1, 2, 3], []) }
    #expect(peer.replies.count == 1)
  }

  @Test("two ends that call each other crosswise meet in one session", arguments: UInt64(1)...10)
  func ties(seed: UInt64) {
    let pair = EnginePair(leftRole: .both, rightRole: .both, seed: seed) { tunnel, isLeft in
      tunnel.pseudowires[0].remoteEndID = RemoteEndID(text: isLeft ? "right" : "left")
      tunnel.pseudowires[0].localEndID = RemoteEndID(text: isLeft ? "left" : "right")
      tunnel.pseudowires[0].attachmentGroup = RemoteEndID(text: "vpn")
    }
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(30)))
    pair.run(for: .seconds(60))
    #expect(pair.isForwarding)
    #expect(pair.left.sessions.count == 1 && pair.right.sessions.count == 1)
  }

  @Test("one end of ours may have several at the other side; each is found, and goes with its declaration")
  func severalSources() {
    var table = CallTable()
    func declaration(_ remote: UInt32) -> PseudowireDeclaration {
      var declaration = PseudowireDeclaration(
        name: "p\(remote)", type: .ethernet, remoteEndID: RemoteEndID(number: remote), interfaceName: "i\(remote)")
      declaration.localEndID = RemoteEndID(number: 7)
      return declaration
    }
    func call(from source: UInt8) -> CallRequest {
      var request = IncomingCallRequest(
        identifiers: SessionIdentifiers(local: SessionID(rawValue: 1), remote: .unknown), serialNumber: 1,
        pseudowireType: .ethernet, remoteEndID: RemoteEndID(number: 7), dataPath: DataPathParameters())
      request.localEndID = Self.number(source)
      return CallRequest(request)
    }
    let (first, second) = (PseudowireReference(rawValue: 1), PseudowireReference(rawValue: 2))
    table.insert(declaration(8), first)
    table.insert(declaration(9), second)
    #expect(table.match(call(from: 8)) == .pseudowire(first))
    #expect(table.match(call(from: 9)) == .pseudowire(second))
    #expect(table.match(call(from: 10)) == .notAuthorised)
    table.remove(declaration(9), second)
    #expect(table.match(call(from: 8)) == .pseudowire(first))
    table.remove(declaration(8), first)
    #expect(table.match(call(from: 8)) == .unknown)
  }
}
