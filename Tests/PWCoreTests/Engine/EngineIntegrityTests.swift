import Testing

@testable import PWCore

@Suite("Digests without a secret: a damaged message is dropped (RFC 3931 section 4.3)")
struct EngineIntegrityTests {
  /// Two ends that check integrity, connected; the left one need not.
  private func pair(leftHasDigest: Bool = true) -> EnginePair {
    let pair = EnginePair { tunnel, isLeft in
      if !isLeft || leftHasDigest { tunnel.authentication = Authentication(digest: .sha1) }
    }
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(1)))
    pair.run(for: .seconds(1))
    return pair
  }

  /// The right end's channel before and after it is given a message of the left one's that has no digest.
  private func deliver(_ octets: [UInt8], to pair: EnginePair) throws -> (
    before: ReliableChannel, after: ReliableChannel
  ) {
    let status = pair.right.status.tunnels[0]
    let identifier = try #require(status.localID)
    let reference = try #require(pair.right.engine.connectionsByID[identifier])
    let before = pair.right.engine.connections[reference].channel
    var message = EncodedMessage(octets: octets, digest: nil)
    message.setHeader(connectionID: identifier, ns: before.nr, nr: before.nextNs)
    let (local, remote) = (try #require(status.local), try #require(status.remote))
    pair.handle(
      .datagram(
        Datagram(
          octets: message.octets, source: remote, local: local, encapsulation: .udp, socket: SocketID(rawValue: 1))),
      left: false)
    return (before, pair.right.engine.connections[reference].channel)
  }

  @Test("a peer that has shown a digest is believed nothing without")
  func demanded() throws {
    let pair = pair()
    let dropped = pair.right.status.dropped.unauthentic
    let (before, after) = try deliver(ControlMessage.hello(Hello()).encoded().octets, to: pair)
    #expect(after.nr == before.nr)
    #expect(pair.right.status.dropped.unauthentic == dropped + 1)
    #expect(pair.isForwarding)
  }

  @Test("a mere acknowledgement may come without a digest: ZLB has no room for one", arguments: [true, false])
  func acknowledgements(isZeroLength: Bool) throws {
    let pair = pair()
    pair.network = { _ in [] }
    pair.run(for: .seconds(65))
    let octets =
      isZeroLength
      ? EncodedMessage.zeroLengthBody().octets
      : ControlMessage.acknowledgement(Acknowledgement()).encoded().octets
    let (before, after) = try deliver(octets, to: pair)
    #expect(before.pendingCount == 1 && after.pendingCount == 0)
  }

  @Test("a peer that has never shown one need not")
  func notShown() throws {
    let pair = pair(leftHasDigest: false)
    let (before, after) = try deliver(ControlMessage.hello(Hello()).encoded().octets, to: pair)
    #expect(after.nr == before.nr &+ 1)
  }

  @Test("a StopCCN without one counts while the connection is made, and not when it stands")
  func stops() throws {
    let stop = ControlMessage.stopNotification(StopNotification(result: StopResult(.notAuthorised))).encoded().octets
    let pair = pair()
    let (before, after) = try deliver(stop, to: pair)
    #expect(after.nr == before.nr && pair.isForwarding)

    let half = EnginePair { tunnel, _ in tunnel.authentication = Authentication(digest: .sha1) }
    half.network = { _ in [.milliseconds(1)] }
    #expect(half.run(until: { half.right.status.tunnels[0].state.value == .waitConnected }, limit: .seconds(1)))
    half.network = { _ in [] }
    _ = try deliver(stop, to: half)
    #expect(half.right.status.tunnels[0].lastError?.value.contains("not authorised") == true)
  }

  @Test("a caller that checks integrity, and is refused before there is a connection, hears so with a digest")
  func refusals() throws {
    let pair = EnginePair { tunnel, isLeft in
      tunnel.authentication = Authentication(digest: .md5)
      if !isLeft { tunnel.peerHostName = "somebody else" }
    }
    pair.run(for: .seconds(1))
    let refusal = try #require(pair.wire.first { !$0.fromLeft })
    let digests = ControlCodec.digests(of: refusal.datagram.octets.span)
    #expect(digests.messageType == .stopNotification && digests.first?.type == .md5)
    #expect(pair.left.status.tunnels[0].lastError?.value.contains("not authorised") == true)
  }
}
