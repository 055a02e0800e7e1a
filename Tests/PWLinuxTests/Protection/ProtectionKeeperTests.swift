import Glibc
import PWCore
import Testing

@testable import PWLinux

@Suite("The protection that packets have", .enabled(if: Namespace.isAllowed, "network namespaces need root"))
struct ProtectionKeeperTests {
  static let setUp = """
    ip link add u0 type veth peer name far0; ip link set u0 up; ip link set far0 up
    ip address add 192.0.2.1/24 dev u0
    """

  static let question = ProtectionQuestion(
    encapsulation: .udp, local: Endpoint(address: .v4(0xC000_0201), port: 1701),
    remote: Endpoint(address: .v4(0xC000_0202), port: 1701), device: nil)

  static func site(_ demand: ProtectionDemand) -> Site {
    var site = Site(name: "test", routerID: 1)
    var tunnel = TunnelDeclaration(name: "hub", peer: .address(.v4(0xC000_0202)))
    tunnel.protection = demand
    site.tunnels = [tunnel]
    return site
  }

  static func policy(_ direction: String) -> String {
    let (from, to) = direction == "out" ? (1, 2) : (2, 1)
    return "ip xfrm policy add src 192.0.2.\(from)/32 dst 192.0.2.\(to)/32 proto udp dir \(direction) "
      + "tmpl proto esp reqid 7 mode transport"
  }

  static func kernelHasIPsec() -> Bool { (try? IPsecTable.read()) != nil }

  private func answer(
    _ keeper: ProtectionKeeper, _ loop: EventLoop, _ question: ProtectionQuestion
  ) throws -> Protection {
    var answer: Protection?
    keeper.look(question) {
      answer = $0
      loop.stop()
    }
    try loop.run()
    return try #require(answer)
  }

  @Test("what is missing is named, and both policies together protect") func policies() throws {
    try Namespace.run {
      guard Self.kernelHasIPsec() else { return }
      try Namespace.shell(Self.setUp)
      let loop = try EventLoop()
      let keeper = ProtectionKeeper(loop: loop, service: try NetlinkService(loop: loop))
      func gaps() throws -> [ProtectionGap.Code] { try answer(keeper, loop, Self.question).gaps.map(\.code) }
      #expect(try gaps() == [.policyOut, .policyIn, .wireGuard])
      try Namespace.shell(Self.policy("out"))
      #expect(try gaps() == [.policyIn, .wireGuard])
      #expect(
        try answer(keeper, loop, Self.question).gaps.last?.words
          == "the route leaves by u0, which is not a WireGuard link")
      try Namespace.shell(Self.policy("in"))
      #expect(try answer(keeper, loop, Self.question) == .esp(algorithm: nil))
      for (name, code) in [("disable_xfrm", ProtectionGap.Code.policyOut), ("disable_policy", .policyIn)] {
        try Namespace.shell("echo 1 >/proc/sys/net/ipv4/conf/u0/\(name)")
        #expect(try gaps() == [code, .wireGuard])
        #expect(try answer(keeper, loop, Self.question).words.contains("net.ipv4.conf.u0.\(name)"))
        try Namespace.shell("echo 0 >/proc/sys/net/ipv4/conf/u0/\(name)")
      }
      var other = Self.question
      other.encapsulation = .ip
      #expect(try answer(keeper, loop, other).gaps.map(\.code) == [.policyOut, .policyIn, .wireGuard])
      other.remote.address = .v4(0xC633_6401)
      #expect(try answer(keeper, loop, other).gaps.last?.words.hasPrefix("there is no route to 198.51.100.1") == true)
    }
  }

  @Test("changes of policies and routes are told while a tunnel asks for it, and at no other time")
  func changes() throws {
    try Namespace.run {
      guard Self.kernelHasIPsec() else { return }
      try Namespace.shell(Self.setUp)
      let loop = try EventLoop()
      let keeper = ProtectionKeeper(loop: loop, service: try NetlinkService(loop: loop))
      var count = 0
      keeper.changed = {
        count += 1
        loop.stop()
      }
      keeper.follow(Self.site(.required))
      let route = "ip route add 198.51.100.0/24 dev u0"
      for change in [Self.policy("out"), "ip xfrm policy flush", route, "ip link set u0 down"] {
        let before = count
        try Namespace.shell(change)
        try loop.run()
        #expect(count > before, "\(change)")
      }
      keeper.follow(Self.site(.none))
      let before = count
      try Namespace.shell(Self.policy("out"))
      let timer = loop.makeTimer { loop.stop() }
      loop.setTimer(timer, after: ProtectionKeeper.shortestInterval * 2)
      try loop.run()
      #expect(count == before)
    }
  }

  @Test("many changes are few looks") func rate() throws {
    try Namespace.run {
      guard Self.kernelHasIPsec() else { return }
      try Namespace.shell(Self.setUp)
      let loop = try EventLoop()
      let keeper = ProtectionKeeper(loop: loop, service: try NetlinkService(loop: loop))
      var moments: [Instant] = []
      keeper.changed = { moments.append(loop.now) }
      keeper.follow(Self.site(.expected))
      let timer = loop.makeTimer { loop.stop() }
      for round in 0..<4 {
        try Namespace.shell(
          (0..<20).map { "ip route add 198.51.\(round).\($0)/32 dev u0" }.joined(separator: "; "))
        loop.setTimer(timer, after: .milliseconds(100))
        try loop.run()
      }
      #expect(moments.count >= 1)
      for (one, next) in zip(moments, moments.dropFirst()) {
        #expect(next - one >= ProtectionKeeper.shortestInterval)
      }
    }
  }
}
