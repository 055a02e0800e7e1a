import CNetlink
import Glibc
import PWCore
import Synchronization
import Testing

@testable import PWLinux

@Suite("Changes of the protection that packets have", .enabled(if: Namespace.isAllowed, "network namespaces need root"))
struct ProtectionChangesTests {
  private typealias Fixture = ProtectionKeeperTests

  private final class Count {
    private(set) var value = 0
    private var last: Instant?

    func increase(at moment: Instant) {
      value += 1
      last = moment
    }

    /// Waits until nothing more is to be told of what happened so far.
    func settle(_ loop: EventLoop) throws {
      let start = loop.now
      try loop.wait(for: "quiet") { loop.now - (self.last ?? start) > ProtectionKeeper.shortestInterval * 2 }
    }
  }

  /// A keeper that follows, in a namespace of its own where the kernel has IPsec.
  private func run(
    kernel: ProtectionKeeper.Kernel = .init(), _ body: @escaping (ProtectionKeeper, EventLoop) throws -> Void
  ) throws {
    let body = LoopConfined((kernel, body))
    try Namespace.run {
      guard Fixture.kernelHasIPsec() else { return }
      try Namespace.shell(Fixture.setUp)
      let loop = try EventLoop()
      let keeper = ProtectionKeeper(loop: loop, service: try NetlinkService(loop: loop), kernel: body.value.0)
      keeper.follow(Fixture.site(.required))
      try body.value.1(keeper, loop)
    }
  }

  private func answer(
    _ keeper: ProtectionKeeper, _ loop: EventLoop, _ question: ProtectionQuestion = Fixture.question,
    meanwhile: () throws -> Void = {}
  ) throws -> Protection {
    var failure: (any Error)?
    let answer: Protection = try loop.await { done in
      keeper.look(question, completion: done)
      do { try meanwhile() } catch { failure = error }
    }
    if let failure { throw failure }
    return answer
  }

  // MARK: News

  @Test("what the kernel tells to a group of its own is told: an expired policy, a nexthop, a link's new name")
  func news() throws {
    try run { keeper, loop in
      let count = Count()
      keeper.changed = { count.increase(at: loop.now) }
      func isTold(_ what: String, after change: String) throws {
        let before = count.value
        try Namespace.shell(change)
        try loop.wait(for: what) { count.value > before }
      }
      // Its addresses come late, with routes of their own.
      try Namespace.shell("echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6")
      try count.settle(loop)
      try isTold("the policy", after: Fixture.policy("out") + " limit time-hard 1")
      let before = count.value
      try loop.wait(for: "the policy's end") { (try? IPsecTable.read().policies.isEmpty) == true }
      try loop.wait(for: "news of the policy's end") { count.value > before }
      // The kernel would tell of the routes, too.
      try Namespace.shell("echo 0 >/proc/sys/net/ipv4/nexthop_compat_mode")
      try isTold("other links", after: "ip link add u1 type veth peer name u2; ip link set u1 up; ip link set u2 up")
      try isTold("the nexthop", after: "ip nexthop add id 1 dev u0")
      try isTold("the route", after: "ip route add 198.51.100.0/24 nhid 1")
      try isTold("more links", after: "ip link add u3 type veth peer name u4")
      try count.settle(loop)
      try isTold("the other nexthop", after: "ip nexthop replace id 1 dev u1")
      try count.settle(loop)
      try isTold("the other name", after: "ip link set u3 name u5")
    }
  }

  // MARK: Looks that something changes beside

  @Test("what changes while the kernel is asked is in the answer") func meanwhile() throws {
    try run { keeper, loop in
      #expect(try answer(keeper, loop).gaps.map(\.code) == [.policyOut, .policyIn, .wireGuard])
      for direction in ["out", "in"] { try Namespace.shell(Fixture.policy(direction)) }
      #expect(
        try answer(keeper, loop) { try Namespace.shell("ip xfrm policy flush") }.gaps.map(\.code)
          == [.policyOut, .policyIn, .wireGuard])
    }
  }

  @Test("policies that change each time are not judged, and routes that do are") func unrest() throws {
    for (change, isJudged) in [("xfrm policy add src 203.0.113.", false), ("route add unreachable 203.0.113.", true)] {
      let looks = Mutex(0)
      var kernel = ProtectionKeeper.Kernel()
      kernel.answers = { questions, sockets in
        let answers = ProtectionInquiry.answers(to: questions, sockets)
        let number = looks.withLock {
          $0 += 1
          return $0
        }
        _ = try? Namespace.shell("ip \(change)\(number)\(isJudged ? "" : " dst 203.0.113.0/24 dir out")")
        return answers
      }
      try run(kernel: kernel) { keeper, loop in
        for direction in ["out", "in"] { try Namespace.shell(Fixture.policy(direction)) }
        let found = try answer(keeper, loop)
        #expect(looks.withLock { $0 } == ProtectionKeeper.mostLooks)
        if isJudged {
          #expect(found == .esp(algorithm: nil))
        } else {
          #expect(found.gaps.map(\.code) == [.unknown] && found.words.hasPrefix("the IPsec policies changed each"))
        }
      }
    }
  }

  // MARK: Listeners that cannot be opened

  @Test("where changes cannot be followed nothing is said to be protected, and it is tried again") func deafness()
    throws
  {
    let code = Mutex<Int32>(EMFILE)
    var kernel = ProtectionKeeper.Kernel()
    kernel.listen = { (bus, groups, loop, heard) throws(SystemError) in
      let code = code.withLock { $0 }
      if bus == NETLINK_XFRM, code != 0 { throw SystemError(code: code, attempt: "open a netlink socket") }
      return try NetlinkListener(bus: bus, groups: groups, loop: loop, heard: heard)
    }
    try run(kernel: kernel) { keeper, loop in
      for direction in ["out", "in"] { try Namespace.shell(Fixture.policy(direction)) }
      let found = try answer(keeper, loop)
      #expect(found.gaps.map(\.code) == [.unknown])
      #expect(found.words.hasSuffix("cannot be followed: open a netlink socket: \(SystemError.words(for: EMFILE))"))
      let count = Count()
      keeper.changed = { count.increase(at: loop.now) }
      try loop.wait(for: "another attempt") { count.value > 0 }
      // A kernel without IPsec has nothing to follow.
      for better in [EPROTONOSUPPORT, 0] {
        code.withLock { $0 = better }
        #expect(try answer(keeper, loop) == .esp(algorithm: nil))
      }
    }
  }
}
