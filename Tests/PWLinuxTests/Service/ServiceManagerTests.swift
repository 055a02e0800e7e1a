import Glibc
import Testing

@testable import PWLinux

@Suite("systemd's watchdog") struct ServiceManagerTests {
  @Test(
    "its time counts where it is one, and is said to this process",
    arguments: [
      (nil, nil, nil), ("30000000", nil, .seconds(30)), ("0", nil, nil), ("soon", nil, nil), ("-5", nil, nil),
      ("30000000", "1", nil), ("30000000", "\(getpid())", .seconds(30)),
    ] as [(String?, String?, Duration?)])
  func watchdog(_ microseconds: String?, _ process: String?, _ interval: Duration?) {
    let manager = ServiceManager(path: nil, microseconds, process: process)
    #expect(manager.watchdogInterval == interval)
    #expect(!manager.isThere)
  }
}
