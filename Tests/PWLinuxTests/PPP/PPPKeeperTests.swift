import CLinux
import Glibc
import PWCore
import Synchronization
import Testing

@testable import PWLinux

/// A keeper, and what it said.
private final class Probe: LinkBackendDelegate {
  let loop: EventLoop
  let keeper: PPPKeeper
  var reports: [LinkReport] = []
  var ended: [(key: SessionKey, reason: String)] = []
  let owner = LinkOwner(tunnel: "berlin", pseudowire: "link")

  init(program: String) throws {
    loop = try EventLoop()
    keeper = PPPKeeper(
      loop: loop, service: try NetlinkService(loop: loop), mark: LinkMark(site: "test", instance: "ppp"),
      program: program)
    keeper.delegate = self
  }

  func linkBackendTold(_ event: LinkEvent) {
    switch event {
    case .reported(let report): reports.append(report)
    case .ended(let session, let reason): ended.append((session, reason))
    case .noticed: break
    case .saw, .bridge, .demanded, .stopping: Issue.record("a keeper of PPP links says \(event)")
    }
  }

  /// A session whose end is anything that can be opened.
  func channel(_ number: UInt32 = 1) throws -> PPPChannel {
    let key = SessionKey(tunnel: ControlConnectionID(rawValue: 1), session: SessionID(rawValue: number))
    return PPPChannel(key: key, socket: try Descriptor.checked(open("/dev/null", O_RDWR | O_CLOEXEC), "open /dev/null"))
  }

  func set(_ link: LinkRequest.PPPTermination?, _ channel: PPPChannel?) throws {
    _ = try loop.await { (done: @escaping (Bool) -> Void) in
      keeper.setLinks(owner, link.map { [.pppTermination($0)] } ?? [], channel: channel) { done(true) }
    }
  }

  func stop() throws {
    _ = try loop.await { (done: @escaping (Bool) -> Void) in keeper.stop(expectedAt: loop.now) { done(true) } }
  }
}

@Suite(
  "Keeper of PPP links", .enabled(if: Namespace.isAllowed, "mounts of one's own need root"),
  .enabled(if: access("/etc/ppp", F_OK) == 0, "there is no /etc/ppp; install the package ppp"))
struct PPPKeeperTests {
  /// Runs a test with a shell script in pppd's place.
  private static func run(_ script: String, _ body: @escaping @Sendable (Probe, String) throws -> Void) throws {
    let folder = try Namespace.shell("mktemp -d /tmp/pwmgr-ppp.XXXXXX").trimmed
    defer { _ = try? Namespace.shell("rm -r \(folder)") }
    let program = "\(folder)/pppd"
    try Namespace.shell(
      "cat >\(program) <<'END'\n#!/bin/sh\n\(script.replacing("FOLDER", with: folder))\nEND\nchmod 755 \(program)")
    try Namespace.run {
      let probe = try Probe(program: program)
      try body(probe, folder)
      try probe.stop()
    }
  }

  private static func link(isUp: Bool = true, mtu: Int = 1452) -> LinkRequest.PPPTermination {
    var link = LinkRequest.PPPTermination(name: "ppp-test", isUp: isUp, mtuOctets: mtu)
    link.ipv4 = .init(local: nil, peer: nil)
    return link
  }

  @Test("a link that is not up yet has no pppd; one that is has, until it is wanted no more")
  func life() throws {
    try Self.run("echo $$ >>FOLDER/pids; exec sleep 1000") { probe, folder in
      try probe.set(Self.link(isUp: false), probe.channel())
      #expect(access("\(folder)/pids", F_OK) != 0)
      #expect(probe.reports.allSatisfy { $0.problems.isEmpty })
      let channel = try probe.channel()
      try probe.set(Self.link(), channel)
      try probe.loop.wait(for: "its pppd") { (try? Namespace.shell("cat \(folder)/pids")) != nil }
      #expect(probe.reports.last?.words.first?.contains("not up (yet)") == true)
      let pid = try #require(pid_t(try Namespace.shell("cat \(folder)/pids").trimmed))
      try probe.set(Self.link(mtu: 1400), channel)
      #expect(kill(pid, 0) == 0, "another MTU is no reason to begin anew")
      try probe.set(nil, nil)
      #expect(kill(pid, 0) != 0, "it is gone when that is told")
      #expect(!probe.keeper.claims(probe.owner, []))
    }
  }

  @Test("another session, or another wish, is another pppd")
  func renewal() throws {
    try Self.run("echo $$ >>FOLDER/pids; exec sleep 1000") { probe, folder in
      let count = { (try? Namespace.shell("cat \(folder)/pids"))?.split(separator: "\n").count ?? 0 }
      let first = try probe.channel()
      try probe.set(Self.link(), first)
      try probe.loop.wait(for: "the first") { count() == 1 }
      let second = try probe.channel(2)
      try probe.set(Self.link(), second)
      try probe.loop.wait(for: "the second") { count() == 2 }
      var changed = Self.link()
      changed.hasIPv6 = true
      try probe.set(changed, second)
      try probe.loop.wait(for: "the third") { count() == 3 }
      let pids = try Namespace.shell("cat \(folder)/pids").split(separator: "\n").compactMap { pid_t($0) }
      #expect(pids.map { kill($0, 0) == 0 } == [false, false, true])
      #expect(probe.ended.isEmpty)
    }
  }

  @Test("a link that PPP has ended takes its session along, with the reason, and is not begun anew by itself")
  func endOfPPP() throws {
    try Self.run("echo x >>FOLDER/starts; echo 'No response to 3 echo-requests'; echo Modem hangup; exit 15") {
      probe, folder in
      let channel = try probe.channel(7)
      try probe.set(Self.link(), channel)
      try probe.loop.wait(for: "the end") { !probe.ended.isEmpty }
      #expect(probe.ended.map(\.key.session.rawValue) == [7])
      let reason = "PPP: the peer does not answer LCP echo requests (pppd: No response to 3 echo-requests)"
      #expect(probe.ended.map(\.reason) == [reason])
      #expect(probe.reports.last?.words == [reason])
      try probe.set(nil, nil)
      #expect(try Namespace.shell("cat \(folder)/starts") == "x\n")
    }
  }

  @Test("a pppd that dies is started again, and the report says so meanwhile")
  func restart() throws {
    try Self.run("echo x >>FOLDER/starts; [ $(wc -l <FOLDER/starts) -gt 1 ] && exec sleep 1000; kill -9 $$") {
      probe, folder in
      try probe.set(Self.link(), probe.channel())
      try probe.loop.wait(for: "its death") { probe.reports.last?.words.first?.contains("signal 9") == true }
      #expect(probe.reports.last?.words.first?.contains("started again") == true)
      try probe.loop.wait(for: "the next") { (try? Namespace.shell("cat \(folder)/starts")) == "x\nx\n" }
      #expect(probe.ended.isEmpty)
    }
  }

  @Test("a missing part is named with its cure")
  func missing() throws {
    try Namespace.run {
      let probe = try Probe(program: "/nowhere/pppd")
      try probe.set(Self.link(), probe.channel())
      #expect(probe.reports.last?.words.first?.contains("install the package ppp") == true)
      try probe.set(nil, nil)
      try probe.set(Self.link(), nil)
      #expect(probe.reports.last?.words.first?.contains("data-plane: kernel") == true)
      try probe.set(nil, nil)
      var secret = Self.link()
      secret.credentials = .init(name: "a", secretFile: "/nowhere/secret")
      try probe.set(secret, probe.channel())
      #expect(probe.reports.last?.words.first?.contains("/nowhere/secret") == true)
      try probe.stop()
    }
  }
}

extension String {
  fileprivate var trimmed: String { String(split(separator: "\n").first ?? "") }
}
