import PWCore
import PWLinux

/// Tells systemd how the site is, as long as the daemon runs: the line of `systemctl status` is never older than an
/// interval, and the watchdog hears that the loop turns.
final class ServiceReport {
  /// How often the line is compared with the one that systemd has.
  private static let interval = Duration.seconds(2)

  private let manager: ServiceManager
  private let loop: EventLoop
  private let line: () -> String
  private var told: String?
  private var isStopping = false
  private var lineTimer: EventLoop.TimerID?
  private var watchdogTimer: EventLoop.TimerID?

  /// A report that has not begun.
  ///
  /// - Parameters:
  ///   - manager: systemd, if it is there.
  ///   - loop: that the watchdog is to hear of.
  ///   - line: the site in one line.
  init(_ manager: ServiceManager, loop: EventLoop, line: @escaping () -> String) {
    self.manager = manager
    self.loop = loop
    self.line = line
  }

  /// The site is carried out, from the start or after its file was read again.
  func ready() {
    guard !isStopping else { return }
    let line = line()
    manager.ready(status: line)
    told = line
    guard manager.isThere, lineTimer == nil else { return }
    lineTimer = loop.makeTimer { [unowned self] in look() }
    wait()
    guard let interval = manager.watchdogInterval else { return }
    watchdogTimer = loop.makeTimer { [unowned self] in feed(every: interval) }
    feed(every: interval)
  }

  /// The daemon ends: from here on its own words count. The watchdog goes on.
  func stopping() {
    isStopping = true
    manager.stopping()
    if let lineTimer { loop.removeTimer(lineTimer) }
  }

  private func look() {
    let line = line()
    if line != told { manager.status(line) }
    told = line
    wait()
  }

  private func wait() {
    if let lineTimer { loop.setTimer(lineTimer, after: Self.interval) }
  }

  private func feed(every interval: Duration) {
    manager.isAlive()
    // Twice in the time that systemd waits for it (sd_watchdog_enabled(3)).
    if let watchdogTimer { loop.setTimer(watchdogTimer, after: interval / 2) }
  }
}
