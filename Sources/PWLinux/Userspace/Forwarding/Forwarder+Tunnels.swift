import Glibc
import PWCore

/// Making and removing tunnels and sessions.
extension Forwarder {
  /// Makes a tunnel over a connected socket.
  func createTunnel(_ request: TunnelRequest) throws(EffectFailure) {
    guard tunnels[request.localID] == nil else {
      throw EffectFailure("tunnel \(request.localID.rawValue) exists already", isTemporary: false)
    }
    let use = use(request.socket)
    guard let remote = use.remote else {
      throw EffectFailure("tunnel \(request.localID.rawValue): its socket is not connected", isTemporary: false)
    }
    tunnels[request.localID] = try SocketFactory.explaining("tunnel to \(remote.display)") { () throws(SystemError) in
      try TunnelPath(request.localID, use, to: remote)
    }
    if tunnels.count == 1 { scheduleRefresh() }
  }

  /// Closes a socket, and whatever tunnel uses it, with its sessions.
  func closeSocket(_ id: SocketID, reply: @escaping Reply) {
    let affected = tunnels.values.filter { $0.use.id == id }
    let devices = affected.flatMap { tunnel in tunnel.sessions.values.map { detach($0) } }
    for tunnel in affected { tunnels[tunnel.id] = nil }
    dropSocket(id)
    remove(devices) { reply(.done) }
  }

  /// Makes a session: its TAP device first, on another thread, then ``install(_:_:)``.
  func createSession(_ request: SessionRequest, reply: @escaping Reply) {
    let key = SessionKey(tunnel: request.tunnelID, session: request.localID)
    if let failure = refusal(of: request, key) { return reply(.failed(failure)) }
    making[key] = []
    workers.maker.submit { [self] in
      let result: Result<TapDevice, EffectFailure>
      do throws(EffectFailure) {
        result = .success(try TapDevice.make(name: request.interfaceName))
      } catch { result = .failure(error) }
      loop.post { [self] in finishMaking(request, key, result, reply) }
    }
  }

  private func refusal(of request: SessionRequest, _ key: SessionKey) -> EffectFailure? {
    guard request.payload == .ethernet else {
      return EffectFailure("PPP needs the kernel's L2TP drivers: use data-plane: kernel", isTemporary: false)
    }
    guard tunnels[request.tunnelID] != nil else {
      return EffectFailure("session \(request.localID.rawValue): its tunnel is gone")
    }
    guard sessions[request.localID.rawValue] == nil, making[key] == nil else {
      return EffectFailure("session \(request.localID.rawValue) exists already")
    }
    guard !request.isSequenced || request.sublayer == .standard else {
      return EffectFailure("sequencing needs the default L2-Specific Sublayer", isTemporary: false)
    }
    return nil
  }

  private func finishMaking(
    _ request: SessionRequest, _ key: SessionKey, _ result: Result<TapDevice, EffectFailure>, _ reply: @escaping Reply
  ) {
    let deletions = making.removeValue(forKey: key) ?? []
    let answerDeletions: @Sendable () -> Void = { for deletion in deletions { deletion(.done) } }
    let device: TapDevice
    switch result {
    case .success(let made): device = made
    case .failure(let failure):
      reply(.failed(failure))
      return answerDeletions()
    }
    let failure = deletions.isEmpty ? install(request, device) : EffectFailure("deleted while it was made")
    guard let failure else { return reply(.done) }
    remove([device]) {
      reply(.failed(failure))
      answerDeletions()
    }
  }

  private func install(_ request: SessionRequest, _ device: TapDevice) -> EffectFailure? {
    guard let tunnel = tunnels[request.tunnelID] else { return EffectFailure("its tunnel went away while it was made") }
    let port = ports.firstIndex { $0 == nil } ?? ports.count
    let session = SessionPath(request, tunnel, device: device, port: port)
    if tunnel.use.carrier.backlog == nil, let failure = watchDevice(session) { return failure }
    if port == ports.count { ports.append(session) } else { ports[port] = session }
    sessions[request.localID.rawValue] = session
    tunnel.sessions[request.localID] = session
    return nil
  }

  /// Removes a session and its TAP device; `reply` is called when the device is gone.
  func deleteSession(_ key: SessionKey, reply: @escaping Reply) {
    if making[key] != nil {
      making[key]?.append(reply)
      return
    }
    guard let session = tunnels[key.tunnel]?.sessions[key.session] else { return reply(.done) }
    remove([detach(session)]) { reply(.done) }
  }

  /// A TAP device was removed by somebody else.
  func lose(_ session: SessionPath) {
    let name = session.request.interfaceName
    remove([detach(session)]) {}
    reporter.lose(session.tunnel.id, session.request.localID, reason: "somebody removed the interface \(name)")
  }

  /// Takes a session out of every table; nothing passes afterwards.
  private func detach(_ session: SessionPath) -> TapDevice {
    loop.unwatch(session.device.descriptor.rawValue)
    session.tunnel.departed.add(session.carried)
    session.tunnel.sessions[session.request.localID] = nil
    sessions[session.request.localID.rawValue] = nil
    ports[session.port] = nil
    if lastSession === session { lastSession = nil }
    return session.device
  }

  /// Closes devices, several at a time, on other threads; `completion` is called on the data thread when all are gone.
  private func remove(_ devices: [TapDevice], completion: @escaping @Sendable () -> Void) {
    guard !devices.isEmpty else { return completion() }
    let countdown = Countdown(devices.count)
    for device in devices {
      workers.remover.submit { [loop] in
        device.remove()
        if countdown.step() { loop.post(completion) }
      }
    }
  }

  /// Removes all tunnels, sessions and sockets; `completion` is called when the last TAP device is gone.
  func removeAll(completion: @escaping @Sendable () -> Void) {
    let devices = ports.compactMap { $0 }.map { detach($0) }
    tunnels = [:]
    for id in Array(uses.keys) { dropSocket(id) }
    remove(devices, completion: completion)
  }
}
