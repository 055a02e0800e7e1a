import Glibc
import PWCore

/// From the TAP devices to the network.
extension Forwarder {
  /// Frames taken from one device before the others have their turn.
  private static let framesPerTurn = 64
  /// Batches that are kept for the next congestion.
  private static let mostSpareBatches = 4

  /// Waits for frames of a session.
  func watchDevice(_ session: SessionPath) -> EffectFailure? {
    do throws(SystemError) {
      try loop.watch(session.device.descriptor.rawValue, for: .read) { [unowned self, unowned session] in
        transmit(session)
      }
      return nil
    } catch { return EffectFailure("\(session.request.interfaceName): \(error)") }
  }

  /// Sends what a TAP device has.
  func transmit(_ session: SessionPath) {
    let carrier = session.tunnel.use.carrier
    let batch = transmitBatch
    batch.begin(session)
    for _ in 0..<Forwarder.framesPerTurn {
      guard let room = batch.frameRoom() else {
        guard send(batch, carrier) else { return }
        batch.reuseFrames()
        continue
      }
      let count = read(session.device.descriptor.rawValue, room.base, room.count)
      guard count >= 0 else {
        // The device is gone under us: nobody but a stranger can have removed it.
        if errno == EBADFD { return lose(session) }
        break
      }
      guard append(room, count, session, batch, carrier) else { return }
    }
    _ = send(batch, carrier)
  }

  /// Appends one read's worth to the batch; false when the batch had to be sent and the socket is full.
  @inline(__always)
  private func append(
    _ room: PacketView, _ count: Int, _ session: SessionPath, _ batch: TransmitBatch, _ carrier: CarrierSocket
  ) -> Bool {
    guard count >= OffloadHeader.octets + FrameLayout.ethernetOctets else { return true }
    let offload = OffloadHeader(reading: room)
    let frame = room.part(OffloadHeader.octets, count - OffloadHeader.octets)
    let tunnel = session.tunnel
    let fields = tunnel.outerFields(for: frame)
    batch.keepFrame(octets: count)
    guard offload.segmentation != .none else {
      guard offload.completeChecksum(of: frame) else {
        session.counters.transmitErrors += 1
        return true
      }
      session.limitSegments(in: frame)
      guard batch.hasRoom || send(batch, carrier) else { return false }
      batch.append(
        frame: frame, header: session.header, sequence: session.takeSequence(), outer: fields, tunnel: tunnel)
      return true
    }
    let largestFrame = tunnel.largestDatagramOctets - session.header.octets
    guard let cutter = SuperframeCutter(frame: frame, header: offload, largestFrameOctets: largestFrame) else {
      session.counters.transmitErrors += 1
      return true
    }
    for index in 0..<cutter.count {
      guard batch.hasRoom || send(batch, carrier) else { return false }
      batch.append(
        segment: index, of: cutter, header: session.header, sequence: session.takeSequence(), outer: fields,
        tunnel: tunnel)
    }
    return true
  }

  /// Sends a batch. When the socket is full the batch waits for it, and no more is read from its sessions: the TAP devices' own
  /// queues fill up, and drop what is too much, as those of any interface do.
  private func send(_ batch: TransmitBatch, _ carrier: CarrierSocket) -> Bool {
    switch batch.send(on: carrier.descriptor.rawValue) {
    case .finished: return true
    case .congested:
      hold(batch, carrier)
      return false
    }
  }

  private func hold(_ batch: TransmitBatch, _ carrier: CarrierSocket) {
    do throws(SystemError) {
      try loop.watch(carrier.descriptor.rawValue, for: .write) { [unowned self, unowned carrier] in resume(carrier) }
    } catch {
      // Without a way to wait the batch is lost, as on a full wire.
      return batch.abandon()
    }
    carrier.backlog = batch
    transmitBatch = spareBatches.popLast() ?? TransmitBatch()
    forEachSession(of: carrier) { loop.unwatch($0.device.descriptor.rawValue) }
  }

  private func resume(_ carrier: CarrierSocket) {
    guard let batch = carrier.backlog else { return loop.unwatch(carrier.descriptor.rawValue, for: .write) }
    guard case .finished = batch.send(on: carrier.descriptor.rawValue) else { return }
    carrier.backlog = nil
    loop.unwatch(carrier.descriptor.rawValue, for: .write)
    if spareBatches.count < Forwarder.mostSpareBatches { spareBatches.append(batch) }
    forEachSession(of: carrier) { session in
      if let failure = watchDevice(session) { reporter.notice(Event(.error, .dataPlaneNotice, failure.message)) }
    }
  }

  private func forEachSession(of carrier: CarrierSocket, _ body: (SessionPath) -> Void) {
    for tunnel in tunnels.values where tunnel.use.carrier === carrier {
      for session in tunnel.sessions.values { body(session) }
    }
  }
}
