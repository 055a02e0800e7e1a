import PWCore
import PWLinux

/// Looks now and then at how many numbered data packets are lost (RFC 4719 section 5). Counters of all sessions are dear: they are
/// read only where the site numbers packets.
final class LossWatch {
  /// How often.
  private static let interval = Duration.seconds(10)

  private let loop: EventLoop
  private let dataPlane: any DataPlane
  private let site: () -> Site
  private let report: ([Input]) -> Void
  private var meter = LossMeter()
  private var timer: EventLoop.TimerID?

  /// Begins to look.
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
    timer = loop.makeTimer { [unowned self] in look() }
    wait()
  }

  private func look() {
    guard site().tunnels.contains(where: { tunnel in tunnel.pseudowires.contains(where: \.isSequenced) }) else {
      meter = LossMeter()
      return wait()
    }
    dataPlane.readCounters { [unowned self] counters in
      report(meter.take(counters.sessions).map { .dataLoss($0.key.tunnel, $0.key.session, $0.loss) })
      wait()
    }
  }

  private func wait() {
    if let timer { loop.setTimer(timer, after: Self.interval) }
  }
}
