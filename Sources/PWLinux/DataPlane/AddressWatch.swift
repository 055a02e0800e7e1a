/// Tells when the machine's addresses have changed: a tunnel whose own address is gone need not wait for its next HELLO.
///
/// Used on the loop's thread only.
public final class AddressWatch {
  /// Called when addresses have changed, and the change has settled.
  public var changed: () -> Void = {}

  /// DHCP takes one address away and gives another; and of a thousand changes one is told.
  private static let settlingTime = Duration.milliseconds(500)

  private let loop: EventLoop
  private var timer: EventLoop.TimerID?

  /// Follows the machine's addresses.
  ///
  /// - Parameters:
  ///   - loop: whose thread this is used on.
  ///   - service: whose table of links it is.
  public init(loop: EventLoop, service: NetlinkService) {
    self.loop = loop
    service.monitor.observe { [weak self] change in
      if case .addressed = change { self?.addressesChanged() }
    }
  }

  private func addressesChanged() {
    guard timer == nil else { return }
    let timer = loop.makeTimer { [weak self] in self?.tell() }
    self.timer = timer
    loop.setTimer(timer, after: AddressWatch.settlingTime)
  }

  private func tell() {
    if let timer { loop.removeTimer(timer) }
    timer = nil
    changed()
  }
}
