import Glibc
import PWCore
import Testing

@testable import PWLinux

/// A keeper of links in the calling thread's namespace, and what it said.
final class KeeperProbe: LinkBackendDelegate {
  static let mark = LinkMark(site: "test", instance: "one")

  let loop: EventLoop
  let service: NetlinkService
  let keeper: LinkKeeper
  var reports: [LinkOwner: LinkReport] = [:]
  var reportCount = 0
  var links: [String: LinkState] = [:]
  var bridges: [String: [String]] = [:]
  var events: [Event] = []
  var stillLeft: [[String]] = []

  init(stateFile: String, mark: LinkMark = KeeperProbe.mark) throws {
    loop = try EventLoop()
    service = try NetlinkService(loop: loop)
    keeper = try LinkKeeper(loop: loop, service: service, mark: mark, stateFilePath: stateFile)
    keeper.delegate = self
  }

  func linkBackendTold(_ event: LinkEvent) {
    switch event {
    case .reported(let report):
      reports[report.owner] = report
      reportCount += 1
    case .saw(let link): links[link.name] = link
    case .bridge(let name, let problems): bridges[name] = problems
    case .noticed(let event): events.append(event)
    case .stopping(let left): stillLeft.append(left)
    case .ended, .demanded: Issue.record("a keeper of links says \(event)")
    }
  }

  func perform(_ effect: LinkEffect) throws {
    let _: Bool = try loop.await { done in
      switch effect {
      case .setLinks(let owner, let requests): keeper.setLinks(owner, requests) { done(true) }
      case .setBridges(let declarations): keeper.setBridges(declarations) { done(true) }
      }
    }
  }

  func setBridges(_ declarations: BridgeDeclaration...) throws { try perform(.setBridges(declarations)) }

  /// Asks for a pseudowire's port: the owner is named after it.
  func setPort(
    _ name: String, bridge: String, mtu: LinkRequest.MTU = .carry, isUp: Bool = true, isIsolated: Bool = false
  ) throws {
    try perform(
      .setLinks(
        KeeperProbe.owner(name),
        [
          .session(.init(name: name, mtu: mtu, isUp: isUp)),
          .bridgePort(.init(link: name, bridge: bridge, isIsolated: isIsolated)),
        ]))
  }

  static func owner(_ name: String) -> LinkOwner { LinkOwner(tunnel: "t", pseudowire: name) }

  func link(_ name: String) -> LinkInfo? {
    service.monitor.drain()
    return service.monitor[name]
  }

  func wait(_ what: String, until condition: @escaping () -> Bool) throws { try loop.wait(for: what, until: condition) }

  /// A clean stop.
  func stop() throws {
    let _: Bool = try loop.await { done in keeper.stop(expectedAt: loop.now + .seconds(3)) { done(true) } }
    service.stop()
  }
}

/// A file name that no other test has, gone with the test.
final class TemporaryPath {
  let path: String

  init() {
    path = "/tmp/pwmgr-test-\(getpid())-\(UInt64.random(in: 0 ... .max))/state"
  }

  /// Waits until nobody holds the state file's lock: a command that another test starts has a copy of it until it has
  /// become that command, and so may outlive the keeper by a moment.
  func awaitUnlocked() throws {
    let lock = try Descriptor.checked(open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600), "open \(path).lock")
    while flock(lock.rawValue, LOCK_EX) != 0 {
      guard errno == EINTR else { throw SystemError.last("lock \(path).lock") }
    }
    // Said, not left to close(2): this one may be copied as well.
    guard flock(lock.rawValue, LOCK_UN) == 0 else { throw SystemError.last("unlock \(path).lock") }
  }

  deinit {
    unlink(path)
    unlink(path + ".lock")
    rmdir(String(path.dropLast("/state".count)))
  }
}

extension LinkReport {
  /// Why frames do not pass, as people read it.
  var words: [String] { problems.map(\.words) }
}
