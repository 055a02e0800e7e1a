import Glibc
import PWCore
import Testing

@testable import PWLinux

/// Programs that are run when a PPP link comes up or goes down: shell scripts.
@Suite("Programs of PPP links") struct PPPHooksTests {
  private static let owner = LinkOwner(tunnel: "berlin", pseudowire: "link")
  private static let facts = PPPHooks.Facts(
    interface: "ppp-test", mtuOctets: 1452,
    addresses: [LinkAddress(address: .v4(0x0A09_0001), peer: .v4(0x0A09_0002), isLinkLocal: false)])

  /// A folder with a script in it, what ran, and what was said.
  private final class Probe {
    let loop: EventLoop
    let folder: String
    var notices: [(level: Event.Level, text: String)] = []

    init(_ script: String) throws {
      loop = try EventLoop()
      folder = String(try Namespace.shell("mktemp -d /tmp/pwmgr-hooks.XXXXXX").dropLast())
      let text = script.replacing("FOLDER", with: folder)
      try Namespace.shell("cat >\(folder)/hook <<'END'\n#!/bin/sh\n\(text)\nEND\nchmod 755 \(folder)/hook")
    }

    deinit { _ = try? Namespace.shell("rm -r \(folder)") }

    func hooks(timeLimit: Duration = PPPHooks.timeLimit, stopTime: Duration = PPPHooks.stopTime) -> PPPHooks {
      PPPHooks(loop: loop, timeLimit: timeLimit, stopTime: stopTime) { [unowned self] level, _, text in
        notices.append((level, text))
      }
    }

    /// Both programs are the script.
    var both: LinkRequest.PPPTermination.Hooks { .init(up: "\(folder)/hook", down: "\(folder)/hook") }

    func lines() -> [String] {
      ((try? Namespace.shell("cat \(folder)/said")) ?? "").split(separator: "\n").map(String.init)
    }

    /// The texts of the warnings, without the notices that are only for those who look closely.
    var warnings: [String] { notices.filter { $0.level == .warning }.map(\.text) }
  }

  @Test("they know the event, the interface and its addresses, and run one after the other")
  func order() throws {
    let probe = try Probe(
      """
      [ "$1" = up ] && sleep 0.2
      echo "$@ $PWMGR_EVENT $PWMGR_TUNNEL $PWMGR_PSEUDOWIRE $PWMGR_INTERFACE $PWMGR_MTU \
      $PWMGR_LOCAL $PWMGR_PEER ${PWMGR_LOCAL_IPV6-none}" >>FOLDER/said
      """)
    let hooks = probe.hooks()
    hooks.linkIsUp(Self.owner, probe.both, Self.facts)
    hooks.linkIsDown(Self.owner)
    hooks.linkIsDown(Self.owner)
    _ = try probe.loop.await { (done: @escaping (Bool) -> Void) in hooks.stop { done(true) } }
    let rest = "berlin link ppp-test 1452 10.9.0.1 10.9.0.2 none"
    #expect(probe.lines() == ["up ppp-test up \(rest)", "down ppp-test down \(rest)"])
    #expect(probe.warnings == [])
  }

  @Test("changes while one runs are not made up for one by one")
  func flapping() throws {
    let probe = try Probe("echo $1 >>FOLDER/said; while [ ! -e FOLDER/go ]; do sleep 0.01; done")
    let hooks = probe.hooks()
    hooks.linkIsUp(Self.owner, probe.both, Self.facts)
    try probe.loop.wait(for: "the first") { probe.lines() == ["up"] }
    for _ in 0..<100 {
      hooks.linkIsDown(Self.owner)
      hooks.linkIsUp(Self.owner, probe.both, Self.facts)
    }
    try Namespace.shell("touch \(probe.folder)/go")
    try probe.loop.wait(for: "the others") { probe.lines().count == 3 }
    hooks.linkIsDown(Self.owner)
    try probe.loop.wait(for: "the last") { probe.lines() == ["up", "down", "up", "down"] }
    _ = try probe.loop.await { (done: @escaping (Bool) -> Void) in hooks.stop { done(true) } }
  }

  @Test("one that fails, or is not there, is told with its last words")
  func failure() throws {
    let probe = try Probe("echo one; echo no such route >&2; exit 3")
    let hooks = probe.hooks()
    hooks.linkIsUp(Self.owner, .init(up: "\(probe.folder)/hook", down: "/nowhere/hook"), Self.facts)
    try probe.loop.wait(for: "its end") { !probe.warnings.isEmpty }
    #expect(probe.warnings == ["the 'up' program \(probe.folder)/hook ended with status 3: no such route"])
    hooks.linkIsDown(Self.owner)
    #expect(probe.warnings.last?.hasPrefix("the 'down' program /nowhere/hook cannot be run: ") == true)
  }

  @Test(
    "one that somebody else could change, or swap, is not run and says so",
    .enabled(if: geteuid() == 0, "giving files away needs root"))
  func foreign() throws {
    let probe = try Probe("echo ran >>FOLDER/said")
    let hooks = probe.hooks()
    #expect(chown(probe.folder, 65_534, 65_534) == 0)
    hooks.linkIsUp(Self.owner, probe.both, Self.facts)
    #expect(probe.warnings.count == 1)
    #expect(probe.warnings.first?.contains("cannot be run: cannot use \(probe.folder)/hook: the folder") == true)
    #expect(probe.warnings.first?.contains("belongs to user 65534") == true)
    _ = try probe.loop.await { (done: @escaping (Bool) -> Void) in
      hooks.linkIsDown(Self.owner)
      hooks.stop { done(true) }
    }
    #expect(probe.lines() == [])
  }

  @Test("one that hangs is ended, with what it has started, and the next one runs")
  func hanging() throws {
    let probe = try Probe("echo $1 >>FOLDER/said; [ $1 = down ] && exit; sleep 1000 & echo $! >FOLDER/child; wait")
    let hooks = probe.hooks(timeLimit: .milliseconds(500))
    hooks.linkIsUp(Self.owner, probe.both, Self.facts)
    try probe.loop.wait(for: "its child") { (try? Namespace.shell("grep . \(probe.folder)/child")) != nil }
    hooks.linkIsDown(Self.owner)
    try probe.loop.wait(for: "the next") { probe.lines() == ["up", "down"] }
    #expect(probe.warnings.contains { $0.contains("has not finished") })
    #expect(probe.warnings.contains { $0.hasSuffix("ended with signal 9") })
    let state = "cat /proc/$(cat \(probe.folder)/child)/stat 2>/dev/null | cut -d ' ' -f 3"
    try probe.loop.wait(for: "the child's end") { ["", "Z\n"].contains((try? Namespace.shell(state)) ?? "") }
  }

  @Test("the end of pwmgr does not wait for ever")
  func end() throws {
    let probe = try Probe("exec sleep 1000")
    let hooks = probe.hooks(stopTime: .milliseconds(100))
    hooks.linkIsUp(Self.owner, probe.both, Self.facts)
    hooks.linkIsDown(Self.owner)
    _ = try probe.loop.await { (done: @escaping (Bool) -> Void) in hooks.stop { done(true) } }
    #expect(probe.warnings.contains { $0.contains("was not run: there was no time left") })
  }
}
