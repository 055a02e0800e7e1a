import PWCore
import Testing

@testable import PWLinux

@Suite("PPP sessions in the kernel", .enabled(if: Kernel.hasL2TP, "the kernel has no L2TP")) struct KernelPPPTests {
  private static func request(_ tunnel: UInt32, _ local: UInt32, _ peer: UInt32, owner: LinkOwner) -> PlaneChange {
    .createSession(
      SessionRequest(
        tunnelID: ControlConnectionID(rawValue: tunnel), localID: SessionID(rawValue: local),
        peerID: SessionID(rawValue: peer), payload: .ppp, interfaceName: "ppp-test", receiveCookie: Cookie(),
        transmitCookie: Cookie(), sublayer: .standard, isSequenced: false, owner: owner))
  }

  @Test("a session has an end to speak PPP on, until it is deleted", arguments: [Encapsulation.udp, .ip])
  func channel(encapsulation: Encapsulation) throws {
    try Namespace.run {
      var ends = try TwoEnds(encapsulation, .v4)
      try ends.connect()
      let owner = LinkOwner(tunnel: "t", pseudowire: "p")
      #expect(try ends.perform(Self.request(1, 11, 22, owner: owner), on: ends.left) == .done)
      let channel = try #require(ends.left.plane.pppChannel(of: owner))
      #expect(channel.key == SessionKey(tunnel: ControlConnectionID(rawValue: 1), session: SessionID(rawValue: 11)))
      #expect(ends.service.monitor["ppp-test"] == nil, "the interface comes with PPP")
      #expect(ends.left.plane.pppChannel(of: LinkOwner(tunnel: "t", pseudowire: "q")) == nil)
      #expect(try Namespace.shell("ip l2tp show session").contains("Session 11 in tunnel 1"))
      let deletion = PlaneChange.deleteSession(
        tunnelID: ControlConnectionID(rawValue: 1), sessionID: SessionID(rawValue: 11))
      #expect(try ends.perform(deletion, on: ends.left) == .done)
      #expect(ends.left.plane.pppChannel(of: owner) == nil)
      #expect(channel.socket.rawValue == -1)
      #expect(try !Namespace.shell("ip l2tp show session").contains("Session 11"))
      ends.end()
    }
  }
}
