import PWCore
import Testing

@testable import PWLinux

@Suite(
  "A port whose VLANs are carried, and whose rest is joined to one more session",
  .enabled(if: TagControl.canRewrite, "this kernel rewrites no tags, or we are not root"))
struct SharedPortTests {
  private static let (trunk, rest) = (KeeperProbe.owner("pw1"), KeeperProbe.owner("pw2"))
  private static let trunkRequests = TaggedPort.requests("pw1", trunk: 111...112)
  private static let restRequests: [LinkRequest] = [
    .session(.init(name: "pw2", mtu: .carry, isUp: true)), .pointToPoint(.init(link: "pw2", member: "eth1")),
  ]

  /// A frame that enters one link leaves by another; of the two lines, by that one alone.
  private static func passes(_ frame: [UInt8], from: String, to: String, _ probe: KeeperProbe) throws {
    let others = ["line1", "line2"].filter { $0 != to && $0 != from }
    for link in [to] + others { try TaggedPort.watch(link, for: "protocol all matchall") }
    try PacketSocket(interface: from).send(frame)
    try probe.wait("a frame of \(from) at \(to)") { (try? TaggedPort.hasCounted(to)) == true }
    for link in others { #expect(try !TaggedPort.hasCounted(link), "at \(link)") }
  }

  private static func shares(_ probe: KeeperProbe) throws {
    for owner in [trunk, rest] { try probe.wait("the report") { probe.reports[owner]?.words == [] } }
    let (carried, other, none) = ([0x81, 0, 0, 111], [0x81, 0, 0, 5], []) as ([UInt8], [UInt8], [UInt8])
    try passes(TaggedPort.frame(carried), from: "station", to: "line1", probe)
    try passes(TaggedPort.frame(other), from: "station", to: "line2", probe)
    try passes(TaggedPort.frame(none), from: "station", to: "line2", probe)
    try passes(TaggedPort.frame(carried), from: "line1", to: "station", probe)
    try passes(TaggedPort.frame(none), from: "line2", to: "station", probe)
  }

  @Test(
    "each gets its own, whichever comes first and whichever goes first, and nothing is left", arguments: [false, true])
  func shares(isTrunkFirst: Bool) throws {
    try Namespace.run {
      let stateFile = TemporaryPath()
      try Namespace.shell(TaggedPort.setUp)
      let before = try TaggedPort.look()
      let probe = try KeeperProbe(stateFile: stateFile.path)
      let both = [(Self.trunk, Self.trunkRequests), (Self.rest, Self.restRequests)]
      for (owner, requests) in isTrunkFirst ? both : both.reversed() { try probe.perform(.setLinks(owner, requests)) }
      try Self.shares(probe)
      try probe.perform(.setLinks(Self.trunk, []))
      try probe.wait("the VLAN is the rest's") { (try? TaggedPort.look().contains("vlan_id")) == false }
      try Self.passes(TaggedPort.frame([0x81, 0, 0, 111]), from: "station", to: "line2", probe)
      try probe.perform(.setLinks(Self.trunk, Self.trunkRequests))
      try Self.shares(probe)
      try probe.perform(.setLinks(Self.rest, []))
      try probe.wait("the rest is the port's") { (try? TaggedPort.look().contains("matchall")) == false }
      try Self.passes(TaggedPort.frame([0x81, 0, 0, 112]), from: "station", to: "line1", probe)
      try probe.stop()
      #expect(try TaggedPort.look() == before)
    }
  }

  @Test("a hook that somebody else has made stays, with his filters")
  func foreignHook() throws {
    try Namespace.run {
      let stateFile = TemporaryPath()
      try Namespace.shell(TaggedPort.setUp + "; ip link set eth1 up; tc qdisc add dev eth1 clsact")
      let before = try TaggedPort.look()
      let probe = try KeeperProbe(stateFile: stateFile.path)
      try probe.perform(.setLinks(Self.trunk, Self.trunkRequests))
      try probe.perform(.setLinks(Self.rest, Self.restRequests))
      try Self.shares(probe)
      try probe.stop()
      #expect(try TaggedPort.look() == before)
    }
  }

  @Test("the changes of a run that was killed are undone")
  func crash() throws {
    try Namespace.run {
      let stateFile = TemporaryPath()
      try Namespace.shell(TaggedPort.setUp)
      let before = try TaggedPort.look()
      do {
        let probe = try KeeperProbe(stateFile: stateFile.path)
        try probe.perform(.setLinks(Self.rest, Self.restRequests))
        try probe.perform(.setLinks(Self.trunk, Self.trunkRequests))
        #expect(try TaggedPort.look().contains("matchall") && TaggedPort.look().contains("vlan_id 111"))
        probe.service.stop()
      }
      try stateFile.awaitUnlocked()
      let next = try KeeperProbe(stateFile: stateFile.path)
      #expect(try TaggedPort.look() == before)
      try next.stop()
    }
  }

  @Test("the VLANs do not wait for the session that has the rest")
  func withoutRest() throws {
    try Namespace.run {
      let stateFile = TemporaryPath()
      try Namespace.shell(TaggedPort.setUp + "; ip link delete pw2")
      let probe = try KeeperProbe(stateFile: stateFile.path)
      try probe.perform(.setLinks(Self.rest, Self.restRequests))
      try probe.perform(.setLinks(Self.trunk, Self.trunkRequests))
      try probe.wait("the report") { probe.reports[Self.trunk]?.words == [] }
      try TaggedPort.watch("line1", for: "protocol all matchall")
      try PacketSocket(interface: "station").send(TaggedPort.frame([0x81, 0, 0, 111]))
      try probe.wait("the frame") { (try? TaggedPort.hasCounted("line1")) == true }
      try Namespace.shell("ip link add pw2 type veth peer name line2; ip link set line2 addrgenmode none up")
      try Self.shares(probe)
      try probe.stop()
    }
  }
}
