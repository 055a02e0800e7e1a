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

  /// Closes a socket, and the tunnel that uses it, with its sessions; `reply` is called when the names of all of them
  /// are free, or kept for their pseudowires.
  func closeSocket(_ id: SocketID, reply: @escaping Reply) {
    let affected = tunnels.values.filter { $0.use.id == id }
    let devices = affected.flatMap { tunnel in tunnel.sessions.values.map { detach($0) } }
    for tunnel in affected { tunnels[tunnel.id] = nil }
    dropSocket(id)
    let halfMade = making.keys.filter { key in affected.contains { $0.id == key.tunnel } }
    let countdown = Countdown(halfMade.count + 1)
    let finish: @Sendable () -> Void = { if countdown.step() { reply(.done) } }
    for key in halfMade { making[key]?.deletions.append { _ in finish() } }
    putAway(devices, completion: finish)
  }

  /// Makes a session: its TAP device first, on another thread, then ``install(_:_:)``.
  func createSession(_ request: SessionRequest, reply: @escaping Reply) {
    let key = SessionKey(tunnel: request.tunnelID, session: request.localID)
    if let failure = refusal(of: request, key) { return reply(.failed(failure)) }
    making[key] = DeviceMaking(interface: request.interface)
    let make: @Sendable () -> Void = { [self] in makeDevice(request, key, reply) }
    if kept.isFree(request.interfaceName, orCall: make) { make() }
  }

  /// Takes the device that was kept for the pseudowire, where it is as it was, or makes one.
  private func makeDevice(_ request: SessionRequest, _ key: SessionKey, _ reply: @escaping Reply) {
    let former = kept.take(request.interfaceName)
    workers.maker.submit { [self] in
      let result: Result<TapDevice, EffectFailure>
      var isFormer = false
      if let former, former.interface == request.interface, former.device.rest() {
        result = .success(former.device)
        isFormer = true
      } else {
        former?.device.remove()
        do throws(EffectFailure) {
          result = .success(try TapDevice.make(name: request.interfaceName))
        } catch { result = .failure(error) }
      }
      loop.post { [self, isFormer] in finishMaking(request, key, result, isFormer: isFormer, reply) }
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
    _ request: SessionRequest, _ key: SessionKey, _ result: Result<TapDevice, EffectFailure>, isFormer: Bool,
    _ reply: @escaping Reply
  ) {
    guard let making = making.removeValue(forKey: key) else { preconditionFailure("\(key) is not being made") }
    let answerDeletions: @Sendable () -> Void = { for deletion in making.deletions { deletion(.done) } }
    let device: TapDevice
    switch result {
    case .success(let made): device = made
    case .failure(let failure):
      reply(.failed(failure))
      return answerDeletions()
    }
    let failure =
      making.deletions.isEmpty
      ? install(request, device, keepsDevice: making.isKept) : EffectFailure("deleted while it was made")
    guard let failure else { return reply(.done) }
    let departed = DepartedDevice(device: device, interface: request.interface, isKept: isFormer && making.isKept)
    putAway([departed]) {
      reply(.failed(failure))
      answerDeletions()
    }
  }

  private func install(_ request: SessionRequest, _ device: TapDevice, keepsDevice: Bool) -> EffectFailure? {
    guard let tunnel = tunnels[request.tunnelID] else { return EffectFailure("its tunnel went away while it was made") }
    let port = ports.firstIndex { $0 == nil } ?? ports.count
    let session = SessionPath(request, tunnel, device: device, keepsDevice: keepsDevice, port: port)
    if tunnel.use.carrier.backlog == nil, let failure = watchDevice(session) { return failure }
    if port == ports.count { ports.append(session) } else { ports[port] = session }
    sessions[request.localID.rawValue] = session
    tunnel.sessions[request.localID] = session
    return nil
  }

  /// Removes a session; `reply` is called when its TAP device is gone or down.
  func deleteSession(_ key: SessionKey, reply: @escaping Reply) {
    if making[key] != nil {
      making[key]?.deletions.append(reply)
      return
    }
    guard let session = tunnels[key.tunnel]?.sessions[key.session] else { return reply(.done) }
    putAway([detach(session)]) { reply(.done) }
  }

  /// A TAP device was removed by somebody else.
  func lose(_ session: SessionPath) {
    let name = session.request.interfaceName
    session.keepsDevice = false
    putAway([detach(session)]) {}
    reporter.lose(session.tunnel.id, session.request.localID, reason: "somebody removed the interface \(name)")
  }

  /// Takes a session out of every table; nothing passes afterwards.
  func detach(_ session: SessionPath) -> DepartedDevice {
    loop.unwatch(session.device.descriptor.rawValue)
    session.tunnel.departed.add(session.carried)
    session.tunnel.sessions[session.request.localID] = nil
    sessions[session.request.localID.rawValue] = nil
    ports[session.port] = nil
    if lastSession === session { lastSession = nil }
    return DepartedDevice(
      device: session.device, interface: session.request.interface, isKept: session.keepsDevice)
  }
}
