import Foundation

@testable import pwmgr

/// A status with one of everything: a session that forwards, one that does not, a tunnel that waits.
enum StatusFixture {
  static let now = Date(timeIntervalSince1970: 1_800_000_000)

  static func document() -> StatusDocument {
    StatusDocument(
      site: "amsterdam", version: "0.0.0", processID: 42, started: now.addingTimeInterval(-7_384), now: now,
      dataPlane: .init(kind: "kernel", reason: "the kernel has L2TP"), tunnels: [berlin(), paris()],
      bridges: [.init(name: "br-lan", problems: ["member eth9 is not there"])], problems: ["the listener is not open"],
      controlMessagesSent: ["SCCRQ": 1, "ZLB": 4],
      controlMessagesDropped: .init(l2tpv2: 2, unauthentic: 7, notAllowed: 12), halfOpenConnections: 3,
      plugins: [
        .init(
          name: "macsec", path: "/usr/lib/pwmgr/plugins/macsec", state: "waiting", since: now.addingTimeInterval(-3),
          version: "1.0", processID: 4711, restarts: 2, problems: ["it ended with status 3"],
          messages: [.init(message: "no key", at: now.addingTimeInterval(-75))], nextStart: now.addingTimeInterval(5))
      ])
  }

  static func pseudowire(_ name: String, forwarding: Bool, because reasons: [String] = []) -> StatusDocument.Pseudowire
  {
    .init(
      name: name, type: "ethernet", typeNumber: 5, endID: "100", interface: "pw-\(name)",
      attachment: "vlan 111 of eth1", state: "established",
      since: now.addingTimeInterval(-60), forwarding: forwarding, forwardingSince: now.addingTimeInterval(-5),
      notForwardingBecause: reasons, localSessionID: 1, peerSessionID: 2, receiveCookieLength: 8,
      transmitCookieLength: 4, sublayer: "none", sequencing: false, mtu: 1_500, addresses: ["10.9.0.1 peer 10.9.0.2"],
      localCircuit: .init(active: true, bits: 1), peerCircuit: .init(active: forwarding, bits: forwarding ? 1 : 0),
      warnings: ["member eth1 has MTU 9000"], establishedCount: 1,
      lastError: .init(message: "the kernel said no", at: now.addingTimeInterval(-3_600)),
      counters: .init(
        transmittedPackets: 10, transmittedOctets: 1_000, transmitErrors: 0, receivedPackets: 20, receivedOctets: 2_000,
        receiveErrors: 0, cookieDiscards: 3, sequenceDiscards: 0))
  }

  private static func berlin() -> StatusDocument.Tunnel {
    .init(
      name: "berlin", state: "established", since: now.addingTimeInterval(-3_600), peer: "192.0.2.2",
      remote: "192.0.2.2:1701", peerAddressNumber: 2, peerAddressCount: 3, local: "192.0.2.1:40000",
      encapsulation: "udp", localConnectionID: 7,
      peerConnectionID: 8, peerHostName: "berlin", peerRouterID: "192.0.2.2", pathMTU: 1_500, digest: "sha1",
      secret: "berlin-2026", hiding: "sensitive",
      peerHides: false, compatibility: "cisco", compatibilityLearned: true, establishedCount: 1,
      lastError: nil, nextAttempt: nil, counters: nil,
      pseudowires: [
        pseudowire("lan", forwarding: true),
        pseudowire("guest", forwarding: false, because: ["the peer reports its attachment circuit down"]),
      ])
  }

  private static func paris() -> StatusDocument.Tunnel {
    .init(
      name: "paris", state: "idle", since: now.addingTimeInterval(-90), peer: "paris.example", remote: nil, local: nil,
      encapsulation: "ip", localConnectionID: nil, peerConnectionID: nil, peerHostName: nil, peerRouterID: nil,
      pathMTU: nil, digest: nil, challengeAnswered: false, secret: nil, hiding: "none", peerHides: false,
      compatibility: "rfc",
      compatibilityLearned: false, establishedCount: 0,
      lastError: .init(message: "no answer to SCCRQ", at: now.addingTimeInterval(-9)),
      nextAttempt: now.addingTimeInterval(12), counters: nil, pseudowires: [])
  }
}
