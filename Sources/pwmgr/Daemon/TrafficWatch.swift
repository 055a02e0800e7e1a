import PWCore
import PWLinux

/// Looks now and then at what each session's counters say of the path and of the peer: whether all that arrives is
/// discarded, and how many numbered data packets are lost (RFC 4719 section 5).
final class TrafficWatch {
  /// How often, where there are few sessions.
  private static let shortestInterval = Duration.seconds(2)
  /// How much longer for each session: the kernel counts its way to each of them anew.
  private static let intervalPerSession = Duration.milliseconds(5)
  /// The least time between two samples of loss, as the documentation says.
  private static let lossInterval = Duration.seconds(10)

  private let loop: EventLoop
  private let dataPlane: any DataPlane
  private let site: () -> Site
  private let report: ([Input]) -> Void
  private var losses = LossMeter()
  private var discards = DiscardMeter()
  private var nextLoss: Instant
  private var timer: EventLoop.TimerID?

  /// Sets up the watch; the data plane is read for the first time after an interval.
  ///
  /// - Parameters:
  ///   - loop: what the time is taken from.
  ///   - dataPlane: whose counters are read.
  ///   - site: what is declared now.
  ///   - report: takes what the engine is to know.
  init(
    _ loop: EventLoop, _ dataPlane: any DataPlane, site: @escaping () -> Site, report: @escaping ([Input]) -> Void
  ) {
    self.loop = loop
    self.dataPlane = dataPlane
    self.site = site
    self.report = report
    nextLoss = loop.now + Self.lossInterval
    timer = loop.makeTimer { [unowned self] in look() }
    wait(sessions: 0)
  }

  /// Takes counters that somebody else has read: what they contradict is known at once.
  func take(_ counters: DataPlaneCounters) {
    report(discards.take(counters.sessions).map { .dataDiscarded($0.key.tunnel, $0.key.session, $0.packets) })
  }

  private func look() {
    dataPlane.readCounters { [unowned self] counters in
      take(counters)
      measureLoss(counters)
      wait(sessions: counters.sessions.count)
    }
  }

  private func measureLoss(_ counters: DataPlaneCounters) {
    guard site().tunnels.contains(where: { tunnel in tunnel.pseudowires.contains(where: \.isSequenced) }) else {
      losses = LossMeter()
      return
    }
    guard loop.now >= nextLoss else { return }
    nextLoss = loop.now + Self.lossInterval
    report(losses.take(counters.sessions).map { .dataLoss($0.key.tunnel, $0.key.session, $0.loss) })
  }

  private func wait(sessions: Int) {
    guard let timer else { return }
    loop.setTimer(timer, after: max(Self.shortestInterval, Self.intervalPerSession * sessions))
  }
}
