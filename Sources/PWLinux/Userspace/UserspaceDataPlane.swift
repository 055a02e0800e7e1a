import Glibc
public import PWCore
import Synchronization

/// The data plane for a kernel without L2TP drivers: TAP devices and sockets in this process.
///
/// A thread of its own carries the data (``Forwarder``); this class is its face on the event loop's thread, and must be used there
/// only. Control messages and results come back by `EventLoop.post`; closures that cross threads carry a reference to it, opened
/// on the loop's thread alone, which is why it may call itself `Sendable`.
public final class UserspaceDataPlane: DataPlane, @unchecked Sendable {
  /// Always `userspace`; the status and the log show it.
  public let kind = DataPlaneKind.userspace
  /// The driver, told of control messages, losses and unreachable peers; not kept alive.
  public weak var delegate: (any DataPlaneDelegate)?

  private let loop: EventLoop
  private let dataLoop: EventLoop
  private let workers: DeviceWorkers
  private let forwarder: Forwarder
  private let inbox: Inbox
  private var completions: [UInt64: (PlaneCompletion) -> Void] = [:]
  private var counterCompletions: [UInt64: (DataPlaneCounters) -> Void] = [:]
  private var lastNumber: UInt64 = 0
  private var isStopped = false

  /// Starts the data thread; nothing is opened before it is asked for.
  ///
  /// - Parameter loop: whose thread calls this object, and is called back on.
  /// - Throws: when the process has no descriptor or thread left.
  public init(loop: EventLoop) throws(SystemError) {
    self.loop = loop
    dataLoop = try EventLoop()
    workers = DeviceWorkers()
    inbox = Inbox()
    let reporter = Reporter { [loop, inbox] report in loop.post { inbox.plane?.take(report) } }
    forwarder = Forwarder(loop: dataLoop, reporter: reporter, workers: workers)
    inbox.plane = self
    let dataLoop = dataLoop
    try WorkerThread.start(name: "pw-data") {
      // It fails only when its own descriptor was closed, which nobody can do.
      try? dataLoop.run()
    }
  }

  /// Why this plane cannot work here, with the cure; nil when it can.
  public static func obstacle() -> String? { TapDevice.obstacle() }

  /// Performs an effect on the data thread, and completes on the loop's.
  public func perform(_ effect: PlaneEffect, completion: @escaping (PlaneCompletion) -> Void) {
    precondition(!isStopped, "an effect after stop")
    lastNumber += 1
    let number = lastNumber
    completions[number] = completion
    dataLoop.post { [forwarder, loop, inbox] in
      forwarder.perform(effect) { completed in
        loop.post { inbox.plane?.completions.removeValue(forKey: number)?(completed) }
      }
    }
  }

  /// Sends a control message from the data thread, so that it follows what was asked for before.
  public func send(_ transmission: Transmission) {
    guard !isStopped else { return }
    dataLoop.post { [forwarder] in forwarder.send(transmission) }
  }

  /// Binds its sockets again, on the data thread.
  public func bindAgain(toDevice name: String) {
    guard !isStopped else { return }
    dataLoop.post { [forwarder] in forwarder.bindAgain(toDevice: name) }
  }

  /// The control messages sent so far, counted.
  public var sentMessages: ControlMessageCounter { forwarder.sentMessages }

  /// Reads the counters on the data thread.
  public func readCounters(completion: @escaping (DataPlaneCounters) -> Void) {
    guard !isStopped else { return completion(DataPlaneCounters()) }
    lastNumber += 1
    let number = lastNumber
    counterCompletions[number] = completion
    dataLoop.post { [forwarder, loop, inbox] in
      let counters = forwarder.readCounters()
      loop.post { inbox.plane?.counterCompletions.removeValue(forKey: number)?(counters) }
    }
  }

  /// Removes everything and ends the threads; returns when it is done.
  public func stop() {
    guard !isStopped else { return }
    isStopped = true
    completions = [:]
    counterCompletions = [:]
    let finished = Semaphore()
    dataLoop.post { [forwarder] in forwarder.removeAll { finished.signal() } }
    finished.wait()
    dataLoop.stop()
    workers.stop()
  }

  deinit { stop() }

  private func take(_ report: Reporter.Report) {
    guard !isStopped else { return }
    switch report {
    case .received(let datagram):
      forwarder.reporter.taken(datagram)
      delegate?.dataPlaneReceived([datagram])
    case .lost(let tunnel, let session, let reason):
      delegate?.dataPlaneLost(tunnel: tunnel, session: session, reason: reason)
    case .unreached(let socket, let failure): delegate?.dataPlaneDidNotReach(socket, failure)
    case .strayed(let packet): delegate?.dataPlaneReceivedStray(packet)
    case .noticed(let event): delegate?.dataPlaneNoticed(event)
    }
  }

  /// Where posted closures find the plane; weak, so that they do not keep it alive. Opened on the loop's thread only.
  private final class Inbox: @unchecked Sendable {
    weak var plane: UserspaceDataPlane?
  }
}

extension Forwarder {
  /// Performs one effect on sockets, tunnels or sessions.
  func perform(_ effect: PlaneEffect, completion: @escaping @Sendable (PlaneCompletion) -> Void) {
    switch effect {
    case .openSocket(let effect, let id, let request):
      completion(.socketOpened(effect, .of { () throws(EffectFailure) in try openSocket(id, request) }))
    case .connectSocket(let effect, let id, let remote, _):
      completion(.socketConnected(effect, .of { () throws(EffectFailure) in try connectSocket(id, to: remote) }))
    case .change(let effect, let change): perform(change) { completion(.changed(effect, $0)) }
    }
  }

  private func perform(_ change: PlaneChange, reply: @escaping Reply) {
    do throws(EffectFailure) {
      switch change {
      case .listen(let id, let request):
        _ = try openSocket(id, request)
        reply(.done)
      case .closeSocket(let id): closeSocket(id, reply: reply)
      case .createTunnel(let request):
        try createTunnel(request)
        reply(.done)
      // The tunnel goes with the socket that carries it.
      case .deleteTunnel(_, let socket): closeSocket(socket, reply: reply)
      case .createSession(let request): createSession(request, reply: reply)
      case .deleteSession(let tunnel, let session):
        deleteSession(SessionKey(tunnel: tunnel, session: session), reply: reply)
      case .releaseInterfaces(let interfaces): release(interfaces, reply: reply)
      }
    } catch { reply(.failed(error)) }
  }
}
