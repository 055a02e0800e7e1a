import Glibc
import PWCore

/// From the network to the TAP devices and to the engine.
extension Forwarder: FrameSink {
  /// Messages taken in one call: of UDP each may hold 64 KiB of gathered datagrams, and a batch should stay in the cache.
  private static let udpMessagesPerCall = 16

  /// Takes one batch from a socket; the loop calls again while there is more.
  func receive(_ carrier: CarrierSocket) {
    switch carrier.encapsulation {
    case .udp: receiveUDP(carrier)
    case .ip: receiveIP(carrier)
    }
    joiner.flush(into: self)
  }

  /// A socket that is ready and has no message has errors. Over IP many share it: theirs are those of their peers.
  private func takeErrors(_ carrier: CarrierSocket) {
    for failure in ErrorQueue.drain(carrier.descriptor.rawValue, carrier.encapsulation)
    where unreached.allows(at: loop.now) {
      for use in carrier.uses.values {
        let peer = use.remote ?? use.request.remote
        guard carrier.encapsulation == .udp || peer?.address == failure.destination?.address else { continue }
        reporter.miss(use.id, failure.unreachable)
      }
    }
  }

  private func receiveUDP(_ carrier: CarrierSocket) {
    let count = received.receive(from: carrier.descriptor.rawValue, atMost: Forwarder.udpMessagesPerCall)
    if count == 0 { takeErrors(carrier) }
    for index in 0..<count {
      let message = received.message(index)
      let step = received.datagramOctets(index)
      var offset = 0
      while offset < message.count {
        takeUDP(message.part(offset, min(step, message.count - offset)), index, carrier)
        offset += step
      }
    }
  }

  @inline(__always)
  private func takeUDP(_ datagram: PacketView, _ index: Int, _ carrier: CarrierSocket) {
    // The flags word: T bit and version (RFC 3931 sections 3.2.1 and 4.1.2.1). A datagram that is shorter, or of
    // another version, is noise.
    guard datagram.count >= 8 else { return }
    let flags = datagram.u16(0)
    if flags & 0x8000 != 0 {
      handOver(datagram, index, carrier)
    } else if flags & 0x000F == 3 {
      takeData(session: datagram.u32(4), datagram.from(8), index, carrier)
    }
  }

  private func receiveIP(_ carrier: CarrierSocket) {
    let count = received.receive(from: carrier.descriptor.rawValue, atMost: ReceiveBatch.mostMessages)
    if count == 0 { takeErrors(carrier) }
    for index in 0..<count {
      guard let packet = payload(of: received.message(index), carrier), packet.count >= 4,
        carrier.closer.isEmpty || isOurs(index, carrier)
      else { continue }
      let session = packet.u32(0)
      if session == 0 {
        handOver(packet.from(4), index, carrier)
      } else {
        takeData(session: session, packet.from(4), index, carrier)
      }
    }
  }

  /// The octets that follow the IP header, which a raw IPv4 socket delivers too (raw(7)).
  @inline(__always)
  private func payload(of message: PacketView, _ carrier: CarrierSocket) -> PacketView? {
    guard carrier.family == .v4 else { return message }
    guard message.count >= 20 else { return nil }
    let headerOctets = Int(message.u8(0) & 0x0F) * 4
    guard headerOctets >= 20, headerOctets <= message.count else { return nil }
    return message.from(headerOctets)
  }

  private func isOurs(_ index: Int, _ carrier: CarrierSocket) -> Bool {
    guard let (address, interface) = received.destination(index) else { return true }
    return !carrier.closer.contains { $0.takes(address, from: interface) }
  }

  @inline(__always)
  private func takeData(session id: UInt32, _ packet: PacketView, _ index: Int, _ carrier: CarrierSocket) {
    guard let session = session(id) else { return }
    guard session.tunnel.use.carrier === carrier else { return noteStray(id, packet, index, carrier) }
    // A socket without a destination of its own is connected, and the kernel has compared the source.
    if let peer = session.tunnel.destination, !received.cameFrom(peer, index) {
      return noteStray(id, packet, index, carrier)
    }
    guard let frame = session.accept(packet) else { return }
    session.limitSegments(in: frame)
    joiner.offer(frame, port: session.port, isOrdered: session.isSequenced, into: self)
  }

  /// A packet from or to another port than its session's.
  private func noteStray(_ id: UInt32, _ packet: PacketView, _ index: Int, _ carrier: CarrierSocket) {
    guard carrier.encapsulation == .udp, strays.allows(at: loop.now), let source = received.source(index) else {
      return
    }
    var local = carrier.local
    if local.address.isAny, let destination = received.destination(index) { local.address = destination.address }
    let following = packet.part(0, min(packet.count, StrayPacket.cookieOctets)).octets
    reporter.stray(
      StrayPacket(session: SessionID(rawValue: id), source: source, local: local, following: following))
  }

  @inline(__always)
  private func session(_ id: UInt32) -> SessionPath? {
    if let lastSession, lastSession.request.localID.rawValue == id { return lastSession }
    guard let session = sessions[id] else { return nil }
    lastSession = session
    return session
  }

  /// Gives a control message to the engine.
  private func handOver(_ message: PacketView, _ index: Int, _ carrier: CarrierSocket) {
    guard let source = received.source(index) else { return }
    var local = carrier.local
    if local.address.isAny, let destination = received.destination(index) { local.address = destination.address }
    guard let socket = socket(for: message, carrier) else { return }
    reporter.receive(
      Datagram(
        octets: message.octets, source: source, local: local, encapsulation: carrier.encapsulation, socket: socket))
  }

  /// The socket that a message is for, where several share a carrier: the connection's, else the listener's, else
  /// anybody's.
  private func socket(for message: PacketView, _ carrier: CarrierSocket) -> SocketID? {
    guard carrier.encapsulation == .ip else { return carrier.uses.first?.key }
    let connection = message.count >= 8 ? ControlConnectionID(rawValue: message.u32(4)) : .unknown
    if let use = carrier.uses.values.first(where: { $0.request.connectionID == connection }) { return use.id }
    // A listener on every address is another socket than the tunnels' on this one.
    let listener = uses.values.first { $0.request.connectionID == .unknown && isListener($0, at: carrier) }
    return listener?.id ?? carrier.uses.first?.key
  }

  private func isListener(_ use: SocketUse, at carrier: CarrierSocket) -> Bool {
    use.carrier === carrier || carrier.isCloser(than: use.carrier)
  }

  /// Writes a frame to a session's TAP device.
  func deliver(_ pieces: UnsafeMutablePointer<iovec>, count: Int, port: Int) {
    guard let session = ports[port] else { return }
    if writev(session.device.descriptor.rawValue, pieces, Int32(count)) < 0 {
      // EIO: the link is down. Nothing waits for it to come up: a link that is down carries nothing.
      session.counters.receiveErrors += 1
    }
  }
}
