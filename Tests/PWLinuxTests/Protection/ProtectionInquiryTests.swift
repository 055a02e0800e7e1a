import CNetlink
import Glibc
import PWCore
import Testing

@testable import PWLinux

@Suite("Questions for protection, and the kernel's answers", .enabled(if: Namespace.isAllowed, "namespaces need root"))
struct ProtectionInquiryTests {
  private typealias Fixture = ProtectionKeeperTests

  /// A keeper in a namespace of its own where the kernel has IPsec.
  private func run(_ body: @escaping @Sendable (ProtectionKeeper, EventLoop) throws -> Void) throws {
    try Namespace.run {
      guard Fixture.kernelHasIPsec() else { return }
      try Namespace.shell(Fixture.setUp)
      let loop = try EventLoop()
      try body(ProtectionKeeper(loop: loop, service: try NetlinkService(loop: loop)), loop)
    }
  }

  private func answer(
    _ keeper: ProtectionKeeper, _ loop: EventLoop, _ question: ProtectionQuestion
  ) throws -> Protection {
    try loop.await { keeper.look(question, completion: $0) }
  }

  @Test("an interface that is not there protects nothing, and an answer that is not one is unknown") func refusals()
    throws
  {
    try run { keeper, loop in
      for direction in ["out", "in"] { try Namespace.shell(Fixture.policy(direction)) }
      var question = Fixture.question
      question.device = "u9"
      let found = try answer(keeper, loop, question)
      #expect(found.gaps.map(\.code) == [.policyOut, .policyIn, .wireGuard])
      #expect(found.words == "there is no interface u9, which the packets would leave by")
      question.device = "u0"
      #expect(try answer(keeper, loop, question) == .esp(algorithm: nil))
      question.device = nil
      // The kernel's word for it is EINVAL.
      try Namespace.shell("ip route add blackhole 198.51.100.1")
      question.remote.address = .v4(0xC633_6401)
      let other = try answer(keeper, loop, question)
      #expect(other.gaps.map(\.code) == [.unknown] && other.words.hasPrefix("find the route to 198.51.100.1: "))
    }
  }

  @Test("rules that look at the DSCP or at the protocol are told from others") func rules() throws {
    try Namespace.run {
      let socket = try NetlinkSocket(bus: NETLINK_ROUTE)
      func rules() throws -> [RoutingRule] {
        var rules: [RoutingRule] = []
        try socket.dump({ RouteRequests.dumpRules(.v4) }, restart: { rules = [] }) { message in
          if let rule = RoutingRule(message) { rules.append(rule) }
        }
        return rules
      }
      let usual = try rules()
      #expect(usual.count == 3 && !usual.contains { $0.looksAtTrafficClass || $0.looksAtProtocol })
      try Namespace.shell("ip rule add tos 0x10 table 7 priority 5; ip rule add ipproto 115 table 7 priority 6")
      let added = try rules()
      #expect(added.map(\.looksAtTrafficClass) == [false, true, false, false, false])
      #expect(added.map(\.looksAtProtocol) == [false, false, true, false, false])
    }
  }

  @Test(
    "WireGuard does not count beside a rule that may lead some packets past it", arguments: [Encapsulation.udp, .ip])
  func rulesBesideWireGuard(encapsulation: Encapsulation) throws {
    try run { keeper, loop in
      guard (try? Namespace.shell("ip link add wg0 type wireguard")) != nil else { return }
      try Namespace.shell("ip link set wg0 up; ip route add 198.51.100.1 dev wg0 src 192.0.2.1")
      var question = Fixture.question
      question.encapsulation = encapsulation
      question.remote.address = .v4(0xC633_6401)
      #expect(try answer(keeper, loop, question) == .wireGuard(link: "wg0"))
      try Namespace.shell("ip rule add ipproto 115 table 7")
      let found = try answer(keeper, loop, question)
      if encapsulation == .udp {
        #expect(found == .wireGuard(link: "wg0"))
      } else {
        #expect(found.words.hasSuffix("looks at the protocol of packets, and may lead these past wg0"))
      }
      try Namespace.shell("ip rule add tos 0x10 table 7")
      #expect(
        try answer(keeper, loop, question).words.hasSuffix("looks at the DSCP of packets, and may lead some past wg0"))
    }
  }
}
