import Logging
import PWCore
import PWLinux

/// Looks whether the site file has the site that was confirmed: the client that confirmed it writes the file, and may have
/// been killed before it had.
final class ConfirmedFile {
  private let site: SiteSwitch
  private let tried: String
  private let octets: [UInt8]
  private let loop: EventLoop
  private let logger: Logger
  private var timer: EventLoop.TimerID?
  /// The fault, as long as it lasts.
  private(set) var problem: String?

  /// Begins to look.
  ///
  /// - Parameter tried: the path of the file that was on trial.
  init(site: SiteSwitch, tried: String, loop: EventLoop, logger: Logger) {
    (self.site, self.tried, self.loop, self.logger) = (site, tried, loop, logger)
    octets = site.running.octets
    timer = loop.makeTimer { [weak self] in self?.look() }
    if let timer { loop.setTimer(timer, after: Self.writingTime) }
  }

  deinit {
    if let timer { loop.removeTimer(timer) }
  }

  private func look() {
    let (path, octets) = (site.path, octets)
    loop.offload {
      Self.has(octets, at: path)
    } completion: { [weak self] isThere in
      self?.note(isThere)
    }
  }

  /// Whether a start would run a site of those octets alone.
  static func has(_ octets: [UInt8], at path: String) -> Bool {
    guard let main = try? SiteFile.octets(of: path) else { return false }
    return (try? PlannedDropIns(sitePath: path).parts(with: main))?.octets == octets
  }

  private func note(_ isThere: Bool) {
    guard !isThere, site.running.octets == octets else {
      problem = nil
      return
    }
    if problem == nil {
      let line =
        "the site that runs was confirmed, and is not in \(site.path), or has drop-ins there, so a start would run "
        + "another one: 'pwmgr plan' shows the difference; move drop-ins away, and 'pwmgr apply \(tried)' puts it there"
      logger.tell(.warning, .trialConfirmed, "\(line)")
      problem = line
    }
    // Somebody may put it there at any time.
    if let timer { loop.setTimer(timer, after: Self.interval) }
  }

  /// How long a client may take to write the site file after its confirmation.
  private static let writingTime = Duration.seconds(3)
  private static let interval = Duration.seconds(10)
}
