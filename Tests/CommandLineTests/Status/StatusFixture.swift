import Foundation
import PWCore

@testable import PWPluginHost
@testable import pwmgr

/// A status with one of everything: a session that forwards, one that does not, a tunnel that waits.
enum StatusFixture {
  static func ago(_ seconds: UInt64) -> Instant { Instant(nanoseconds: (1_800_000_000 - seconds) * 1_000_000_000) }
  static func later(_ seconds: UInt64) -> Instant { Instant(nanoseconds: (1_800_000_000 + seconds) * 1_000_000_000) }

  static func document() -> StatusDocument {
    var dropped = DroppedMessages()
    (dropped.version2, dropped.unauthentic, dropped.notAllowed) = (2, 7, 12)
    return StatusDocument(
      daemon: .init(
        site: "amsterdam", version: "0.0.0", processID: 42, started: ago(7_384), siteSince: ago(7_384), now: ago(0),
        dataPlane: .init(kind: .kernel, reason: "the kernel has L2TP"), controlMessagesSent: ["SCCRQ": 1, "ZLB": 4],
        plugins: [
          .init(
            name: "macsec", path: "/usr/lib/pwmgr/plugins/macsec", state: .waiting, since: ago(3), version: "1.0",
            processIdentifier: 4711, restarts: 2, problems: ["it ended with status 3"],
            messages: [.init(at: ago(75), text: "no key")], nextStart: later(5))
        ]),
      site: SiteStatus(
        tunnels: [berlin(), paris()], bridges: [.init(name: "br-lan", problems: ["member eth9 is not there"])],
        problems: ["the listener is not open"], dropped: dropped, halfOpenConnections: 3))
  }

  static func pseudowire(_ name: String, forwarding: Bool, because reasons: [String] = []) -> PseudowireStatus {
    let declaration = PseudowireDeclaration(
      name: name, type: .ethernet, remoteEndID: RemoteEndID(number: 100), interfaceName: "pw-\(name)")
    var status = PseudowireStatus(declaration: declaration, at: ago(60))
    (status.typeName, status.attachment) = ("ethernet", "vlan 111 of eth1")
    status.state.value = .established
    status.forwarding = Since(
      forwarding ? .yes : .no(because: reasons.map { ForwardingObstacle(.noSession, $0) }), since: ago(5))
    (status.localID, status.peerID) = (SessionID(rawValue: 1), SessionID(rawValue: 2))
    (status.receiveCookieLengthOctets, status.transmitCookieLengthOctets) = (8, 4)
    (status.mtuOctets, status.addresses) = (1_500, ["10.9.0.1 peer 10.9.0.2"])
    (status.localCircuit, status.peerCircuit) = (.active, forwarding ? .active : [])
    status.warnings = [PseudowireWarning(.lanMTU, "member eth1 has MTU 9000")]
    status.establishedCount = 1
    status.lastError = Since("the kernel said no", since: ago(3_600))
    var counters = TrafficCounters()
    (counters.transmittedPackets, counters.transmittedOctets) = (10, 1_000)
    (counters.receivedPackets, counters.receivedOctets, counters.cookieDiscards) = (20, 2_000, 3)
    status.counters = counters
    return status
  }

  private static func berlin() -> TunnelStatus {
    var status = TunnelStatus(
      name: "berlin", state: Since(.established, since: ago(3_600)), peer: "192.0.2.2", encapsulation: .udp)
    status.remote = Endpoint(address: .v4(0xC000_0202), port: 1701)
    (status.peerAddressNumber, status.peerAddressCount) = (2, 3)
    status.local = Endpoint(address: .v4(0xC000_0201), port: 40_000)
    (status.localID, status.peerID) = (ControlConnectionID(rawValue: 7), ControlConnectionID(rawValue: 8))
    (status.peerHostName, status.peerRouterID, status.pathMTUOctets) = ("berlin", 0xC000_0202, 1_500)
    (status.digest, status.secret, status.hiding) = (.sha1, "berlin-2026", .sensitive)
    (status.compatibility, status.isCompatibilityLearned, status.establishedCount) = (.cisco, true, 1)
    status.pseudowires = [
      pseudowire("lan", forwarding: true),
      pseudowire("guest", forwarding: false, because: ["the peer reports its attachment circuit down"]),
    ]
    return status
  }

  private static func paris() -> TunnelStatus {
    var status = TunnelStatus(
      name: "paris", state: Since(.idle, since: ago(90)), peer: "paris.example", encapsulation: .ip)
    status.isChallengeAnswered = false
    status.lastError = Since("no answer to SCCRQ", since: ago(9))
    status.nextAttempt = later(12)
    return status
  }
}
