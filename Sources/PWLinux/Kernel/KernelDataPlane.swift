import Glibc
public import PWCore

/// The data plane of Linux' own L2TP drivers: generic netlink `l2tp` (linux/l2tp.h), on sockets that are ours.
///
/// Requests wait for the kernel on the netlink worker's thread; tables live on the loop's. A tunnel lives as long as its socket, so
/// it goes by closing that: all its sessions at once, and many tunnels side by side.
public final class KernelDataPlane: DataPlane {
  /// Always `kernel`; the status and the log show it.
  public let kind = DataPlaneKind.kernel
  /// The driver, told of control messages, of lost tunnels and sessions, and of unreachable peers.
  public weak var delegate: (any DataPlaneDelegate)?

  private let loop: EventLoop
  private let service: NetlinkService
  private let maker: SessionMaker
  private let sockets: ControlSockets
  private var tunnels: [ControlConnectionID: Tunnel] = [:]
  private var sessions: [SessionKey: Session] = [:]
  private var sessionsByInterface: [Int32: SessionKey] = [:]
  /// Interfaces whose sessions were given to the kernel to delete, and which it has not taken away yet.
  private var dying: Set<String> = []
  private var deletions = PendingDeletions()
  private var channels: [LinkOwner: PPPChannel] = [:]
  private var closing: [SocketPair: Descriptor] = [:]
  private var suspicions = TunnelSuspicions()
  private var suspicionTimer: EventLoop.TimerID?
  /// The caller that waits for the last interface to be gone, and the timer that bounds the wait.
  private var stopping: (timer: EventLoop.TimerID, completion: () -> Void)?

  /// A data plane on a loop.
  ///
  /// - Parameters:
  ///   - loop: whose thread everything here is called on.
  ///   - service: the thread and the table of links that it shares with the keeper of links.
  ///   - mark: how ours are told from others'.
  public init(loop: EventLoop, service: NetlinkService, mark: LinkMark) {
    self.loop = loop
    self.service = service
    maker = SessionMaker(mark: mark)
    sockets = ControlSockets(loop: loop)
    sockets.received = { [unowned self] in delegate?.dataPlaneReceived($0) }
    sockets.noticed = { [unowned self] in delegate?.dataPlaneNoticed($0) }
    sockets.unreached = { [unowned self] in delegate?.dataPlaneDidNotReach($0, $1) }
    sockets.strayed = { [unowned self] in delegate?.dataPlaneReceivedStray($0) }
    service.monitor.observe { [weak self] in self?.linkChanged($0) }
  }

  /// Whether the kernel has L2TP, or loads it when asked; and if not, why not and what to do about it.
  public static func isAvailable() -> (isAvailable: Bool, reason: String) {
    do throws(NetlinkError) {
      _ = try NetlinkSockets().l2tp()
      return (true, "the kernel has L2TP")
    } catch {
      return (false, "the kernel has no L2TP, and no module for it could be loaded (modprobe l2tp_eth)")
    }
  }

  /// Performs an effect on sockets, tunnels or sessions.
  public func perform(_ effect: PlaneEffect, completion: @escaping (PlaneCompletion) -> Void) {
    switch effect {
    case .openSocket(let effect, let id, let request):
      let refusal = KernelFailure.check(request)
      completion(.socketOpened(effect, refusal.map { .failed($0) } ?? sockets.open(id, request)))
    case .connectSocket(let effect, let id, let peer, let peerID):
      completion(.socketConnected(effect, connect(id, to: peer, peerID: peerID)))
    case .change(let effect, let change): perform(change) { completion(.changed(effect, $0)) }
    }
  }

  private func perform(_ change: PlaneChange, _ completion: @escaping (EffectResult<Nothing>) -> Void) {
    switch change {
    case .listen(let id, let request): completion(sockets.listen(id, request))
    case .closeSocket(let id): closeSocket(id, completion)
    case .createTunnel(let request): createTunnel(request, completion)
    case .deleteTunnel(let id, let socket): deleteTunnel(id, socket, completion)
    case .createSession(let request): createSession(request, completion)
    case .deleteSession(let tunnel, let session):
      deleteSession(SessionKey(tunnel: tunnel, session: session), completion)
    // The kernel's go with their sessions.
    case .releaseInterfaces: completion(.done)
    }
  }

  /// Sends a control message.
  public func send(_ transmission: Transmission) { sockets.send(transmission) }

  /// The control messages sent so far, counted.
  public var sentMessages: ControlMessageCounter { sockets.sentMessages }

  /// Binds its sockets again; the kernel's data packets leave by them, too.
  public func bindAgain(toDevice name: String) { sockets.bindAgain(toDevice: name) }

  /// The end of a PPP session.
  public func pppChannel(of owner: LinkOwner) -> PPPChannel? { channels[owner] }

  /// Reads the counters of our tunnels and sessions.
  public func readCounters(completion: @escaping (DataPlaneCounters) -> Void) {
    let maker = maker
    readCounters({ sockets throws(NetlinkError) in try maker.readCounters(sockets) }, completion)
  }

  /// Reads the counters of our tunnels alone: for a dump of sessions the kernel counts its way to each of them anew.
  public func readTunnelCounters(completion: @escaping (DataPlaneCounters) -> Void) {
    let maker = maker
    readCounters(
      { sockets throws(NetlinkError) in DataPlaneCounters(tunnels: try maker.readTunnelCounters(sockets)) }, completion)
  }

  private func readCounters(
    _ read: @escaping @Sendable (NetlinkSockets) throws(NetlinkError) -> DataPlaneCounters,
    _ completion: @escaping (DataPlaneCounters) -> Void
  ) {
    service.submit(.urgent) { sockets -> Result<DataPlaneCounters, NetlinkError> in
      Result { () throws(NetlinkError) in try read(sockets) }
    } completion: { [weak self] result in
      guard let self else { return }
      switch result {
      case .success(var counters):
        counters.tunnels = counters.tunnels.filter { self.tunnels[$0.key] != nil }
        counters.sessions = counters.sessions.filter { self.sessions[$0.key] != nil }
        counters.paths = self.tunnels.compactMapValues { self.sockets[$0.socket]?.path }
        for tunnel in self.tunnels.values {
          counters.withoutAddress[tunnel.socket] = self.sockets[tunnel.socket]?.absence
        }
        completion(counters)
      case .failure(let error):
        delegate?.dataPlaneNoticed(Event(.warning, .dataPlaneNotice, "\(error)"))
        completion(DataPlaneCounters())
      }
    }
  }

  /// Closes every socket, and with them all tunnels and sessions go, side by side.
  public func stop() {
    for tunnel in tunnels.values { tunnel.isClosed.set() }
    dying.formUnion(sessions.values.filter { $0.interface != nil }.map(\.interfaceName))
    tunnels = [:]
    sessions = [:]
    sessionsByInterface = [:]
    channels = [:]
    for descriptor in closing.values { descriptor.close() }
    closing = [:]
    for socket in sockets.removeAll() { socket.descriptor.close() }
  }
}

// MARK: - The end

extension KernelDataPlane {
  /// How many names are told at most of interfaces that outlive a stop.
  private static let leftoversTold = 8

  /// Stops, and waits: the kernel deletes the sessions of a closed tunnel later, one after the other, and somebody who
  /// looks at the machine when the process has ended must not find their interfaces.
  public func stop(waitingUntil deadline: Instant, completion: @escaping () -> Void) {
    stop()
    let timer = loop.makeTimer { [weak self] in self?.finishStopping() }
    stopping = (timer, completion)
    loop.setTimer(timer, at: deadline)
    if dying.isEmpty { finishStopping() }
  }

  private func finishStopping() {
    guard let (timer, completion) = stopping else { return }
    stopping = nil
    loop.removeTimer(timer)
    if !dying.isEmpty {
      let names = dying.sorted().prefix(KernelDataPlane.leftoversTold).joined(separator: ", ")
      let others = dying.count - KernelDataPlane.leftoversTold
      delegate?.dataPlaneNoticed(
        Event(
          .notice, .linkLeftover,
          "the kernel continues to remove \(names)\(others > 0 ? " and \(others) more" : "") after the end"))
    }
    completion()
  }
}

// MARK: - Sockets

extension KernelDataPlane {
  /// The two addresses that tell one connected UDP socket from another.
  private struct SocketPair: Hashable {
    var local: Endpoint
    var remote: Endpoint
  }

  private func connect(_ id: SocketID, to peer: Endpoint, peerID: ControlConnectionID) -> EffectResult<SocketPath> {
    // Of two sockets with the same two ends only one receives: the old one goes first.
    if let socket = sockets[id] {
      closing.removeValue(forKey: SocketPair(local: socket.local, remote: peer))?.close()
    }
    return sockets.connect(id, to: peer, peerID: peerID)
  }

  private func closeSocket(_ id: SocketID, _ completion: @escaping (EffectResult<Nothing>) -> Void) {
    if let (tunnelID, _) = tunnels.first(where: { $0.value.socket == id }) {
      return deleteTunnel(tunnelID, id, completion)
    }
    sockets.remove(id)?.descriptor.close()
    completion(.done)
  }
}

// MARK: - Tunnels

extension KernelDataPlane {
  private struct Tunnel {
    var socket: SocketID
    var peerID: ControlConnectionID
    /// Set when the tunnel is given up: requests for it that still wait are not worth their time.
    let isClosed = CloseFlag()
    var sessions: Set<SessionID> = []
  }

  private func createTunnel(_ request: TunnelRequest, _ completion: @escaping (EffectResult<Nothing>) -> Void) {
    guard let socket = sockets[request.socket] else {
      return completion(.failed(EffectFailure("the tunnel's socket is closed")))
    }
    let tunnel = Tunnel(socket: request.socket, peerID: request.peerID)
    tunnels[request.localID] = tunnel
    let (descriptor, maker, isClosed) = (socket.descriptor, maker, tunnel.isClosed)
    service.submit(.make) { sockets -> Result<Void, NetlinkError> in
      Result { () throws(NetlinkError) in
        if isClosed.value { throw NetlinkError(code: ECANCELED, attempt: "create a tunnel that is closed again") }
        try maker.create(request, descriptor: descriptor, sockets)
      }
    } completion: { [weak self] result in
      switch result {
      case .success: completion(.done)
      case .failure(let error):
        // Another one may have its identifier by now.
        if self?.tunnels[request.localID]?.isClosed === isClosed { self?.tunnels[request.localID] = nil }
        completion(.failed(KernelFailure.explain(tunnel: error, request)))
      }
    }
  }

  private func deleteTunnel(
    _ id: ControlConnectionID, _ socketID: SocketID, _ completion: @escaping (EffectResult<Nothing>) -> Void
  ) {
    let tunnel = tunnels.removeValue(forKey: id)
    tunnel?.isClosed.set()
    let sessions = tunnel?.sessions ?? []
    let channels = sessions.compactMap { forget(SessionKey(tunnel: id, session: $0)) }
    guard let socket = sockets.remove(socketID) else { return completion(.done) }
    guard tunnel != nil else {
      socket.descriptor.close()
      return completion(.done)
    }
    let pair = socket.remote.map { SocketPair(local: socket.local, remote: $0) }
    let descriptor = socket.descriptor
    if let pair { closing[pair] = descriptor }
    deletions.begin(sessions)
    service.submit(.delete) { _ in
      for channel in channels { channel.socket.close() }
      descriptor.close()
    } completion: { [weak self] in
      if let pair, self?.closing[pair] === descriptor { self?.closing[pair] = nil }
      self?.deletions.end(sessions)
      completion(.done)
    }
  }
}

// MARK: - Sessions

extension KernelDataPlane {
  private struct Session {
    var owner: LinkOwner
    var payload: PseudowirePayload
    var interfaceName: String
    var interface: Int32?
  }

  private func createSession(_ request: SessionRequest, _ completion: @escaping (EffectResult<Nothing>) -> Void) {
    if let failure = KernelFailure.check(request) { return completion(.failed(failure)) }
    let key = SessionKey(tunnel: request.tunnelID, session: request.localID)
    // Not the whole tunnel: while a second owner has its set of sessions, each one inserted copies all.
    guard let isClosed = tunnels[key.tunnel]?.isClosed, let peerTunnelID = tunnels[key.tunnel]?.peerID else {
      return completion(.failed(EffectFailure("the session's tunnel is gone")))
    }
    tunnels[key.tunnel]?.sessions.insert(key.session)
    sessions[key] = Session(
      owner: request.owner, payload: request.payload, interfaceName: request.interfaceName)
    let (maker, isDying) = (maker, dying.contains(request.interfaceName))
    // Behind the deletion, where it waits for that.
    let priority: NetlinkWorker.Priority = deletions.contains(key.session) ? .delete : .make
    service.submit(priority) { sockets -> Result<PPPChannel?, NetlinkError> in
      Result { () throws(NetlinkError) in
        if isClosed.value { throw NetlinkError(code: ECANCELED, attempt: "create a session in a closed tunnel") }
        switch request.payload {
        case .ethernet:
          try maker.create(request, isDying: isDying, sockets)
          return nil
        case .ppp: return try maker.createPPP(request, peerTunnelID: peerTunnelID, sockets)
        }
      }
    } completion: { [weak self] result in
      self?.created(key, request, result, completion)
    }
  }

  private func created(
    _ key: SessionKey, _ request: SessionRequest, _ result: Result<PPPChannel?, NetlinkError>,
    _ completion: (EffectResult<Nothing>) -> Void
  ) {
    switch result {
    case .success(let channel?):
      if sessions[key] != nil { channels[request.owner] = channel }
      completion(.done)
    case .success(nil):
      if sessions[key] != nil, let interface = service.monitor[request.interfaceName]?.index {
        sessions[key]?.interface = interface
        sessionsByInterface[interface] = key
      }
      completion(.done)
    case .failure(let error):
      sessions[key] = nil
      tunnels[key.tunnel]?.sessions.remove(key.session)
      completion(.failed(KernelFailure.explain(session: error, request)))
      if error.code == ENODEV { lose(key.tunnel) }
    }
  }

  private func deleteSession(_ key: SessionKey, _ completion: @escaping (EffectResult<Nothing>) -> Void) {
    tunnels[key.tunnel]?.sessions.remove(key.session)
    let channel = forget(key)
    let maker = maker
    deletions.begin([key.session])
    service.submit(.delete) { sockets -> Result<Void, NetlinkError> in
      // Closing takes as long as deleting: the kernel deletes the session of a PPPoX socket with it.
      channel?.socket.close()
      return Result { () throws(NetlinkError) in try maker.delete(key, sockets) }
    } completion: { [weak self] result in
      self?.deletions.end([key.session])
      switch result {
      case .success: completion(.done)
      case .failure(let error): completion(.failed(EffectFailure("\(error)")))
      }
    }
  }

  /// Takes a session out of the tables; its interface is the kernel's to remove, the end of a PPP session the caller's to close.
  private func forget(_ key: SessionKey) -> PPPChannel? {
    guard let session = sessions.removeValue(forKey: key) else { return nil }
    if session.payload == .ppp {
      return channels[session.owner]?.key == key ? channels.removeValue(forKey: session.owner) : nil
    }
    guard let interface = session.interface else { return nil }
    sessionsByInterface[interface] = nil
    dying.insert(session.interfaceName)
    return nil
  }
}

// MARK: - Tunnels and sessions that others remove

extension KernelDataPlane {
  private func linkChanged(_ change: LinkChange) {
    switch change {
    case .removed(let link):
      dying.remove(link.name)
      if dying.isEmpty { finishStopping() }
      guard let key = sessionsByInterface.removeValue(forKey: link.index) else { return }
      sessions[key] = nil
      tunnels[key.tunnel]?.sessions.remove(key.session)
      suspect(key)
    case .changed(let old, let new):
      if let old, old.name != new.name { dying.remove(old.name) }
    case .addressed: break
    }
  }

  /// Somebody has removed a session: the tunnel too?
  private func suspect(_ key: SessionKey) {
    suspicions.add(key)
    lookLater()
  }

  private func lookLater() {
    guard let delay = suspicions.delay else { return }
    let timer = suspicionTimer ?? loop.makeTimer { [weak self] in self?.investigate() }
    suspicionTimer = timer
    loop.setTimer(timer, after: delay)
  }

  private func investigate() {
    let maker = maker
    for tunnel in suspicions.tunnels {
      guard tunnels[tunnel] != nil else {
        suspicions.forget(tunnel)
        continue
      }
      service.submit(.urgent) { sockets in
        maker.exists(tunnel, sockets)
      } completion: { [weak self] exists in
        guard let self else { return }
        let lost = suspicions.take(tunnel, exists: exists)
        if !exists { return lose(tunnel) }
        for key in lost where tunnels[tunnel] != nil {
          let reason = "somebody deleted the kernel's session \(key.session.rawValue)"
          delegate?.dataPlaneLost(tunnel: tunnel, session: key.session, reason: reason)
        }
        lookLater()
      }
    }
  }

  private func lose(_ tunnel: ControlConnectionID) {
    guard tunnels[tunnel] != nil else { return }
    let reason = "somebody deleted the kernel's tunnel \(tunnel.rawValue)"
    delegate?.dataPlaneLost(tunnel: tunnel, session: nil, reason: reason)
  }
}
