import Glibc
import PWCore

/// Everything that the data thread owns: sockets, tunnels, sessions, and the memory that packets pass through.
///
/// It is made and used on the data thread's event loop only, which is why it may call itself `Sendable`: closures carry the
/// reference there.
final class Forwarder: @unchecked Sendable {
  /// How long the kernel's word on a path's MTU is believed.
  private static let pathMTURefreshInterval = Duration.seconds(5)

  /// The data thread's loop.
  let loop: EventLoop
  /// The way out of the data thread for everything that it reports.
  let reporter: Reporter
  let workers: DeviceWorkers
  /// The control messages sent so far, counted.
  let sentMessages = ControlMessageCounter()

  var uses: [SocketID: SocketUse] = [:]
  var rawSockets: [CarrierSocket.Place: CarrierSocket] = [:]
  var tunnels: [ControlConnectionID: TunnelPath] = [:]
  /// Sessions by our Session ID: what data messages are demultiplexed by.
  var sessions: [UInt32: SessionPath] = [:]
  /// Sessions by their place, nil where one has gone.
  var ports: [SessionPath?] = []
  /// Sessions whose TAP device is being made.
  var making: [SessionKey: DeviceMaking] = [:]
  var kept = KeptDevices()

  let received = ReceiveBatch()
  var transmitBatch = TransmitBatch()
  var spareBatches: [TransmitBatch] = []
  var joiner = SegmentJoiner()
  /// The session of the last data message: most come in runs.
  var lastSession: SessionPath?
  /// The rate limit of reports of packets that did not arrive.
  var unreached = RateLimit(perSecond: ErrorQueue.reportsPerSecond)
  /// The same of data packets from or to other ports than their sessions'.
  var strays = RateLimit(perSecond: ErrorQueue.reportsPerSecond)
  private var refreshTimer: EventLoop.TimerID?
  /// The data thread's way to ask for the paths to peers.
  let routes = RouteInquiry()

  /// How a change is answered, from the data thread.
  typealias Reply = @Sendable (EffectResult<Nothing>) -> Void

  init(loop: EventLoop, reporter: Reporter, workers: DeviceWorkers) {
    self.loop = loop
    self.reporter = reporter
    self.workers = workers
  }

  /// Asks for the path MTU of every tunnel now and then, while there are tunnels.
  func scheduleRefresh() {
    let timer =
      refreshTimer
      ?? loop.makeTimer { [unowned self] in
        for tunnel in tunnels.values { tunnel.refreshPathMTU() }
        if !tunnels.isEmpty { scheduleRefresh() }
      }
    refreshTimer = timer
    loop.setTimer(timer, after: Forwarder.pathMTURefreshInterval)
  }

  /// The counters of everything.
  func readCounters() -> DataPlaneCounters {
    var result = DataPlaneCounters()
    for tunnel in tunnels.values {
      var sum = tunnel.departed
      for session in tunnel.sessions.values {
        let carried = session.carried
        result.sessions[session.key] = carried
        sum.add(carried)
      }
      result.tunnels[tunnel.id] = sum
      result.paths[tunnel.id] = tunnel.use.path
      result.withoutAddress[tunnel.use.id] = tunnel.use.absence
    }
    return result
  }
}
