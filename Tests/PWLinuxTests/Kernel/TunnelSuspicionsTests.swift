import PWCore
import Testing

@testable import PWLinux

@Suite("Tunnels of which a session has vanished") struct TunnelSuspicionsTests {
  private let tunnel = ControlConnectionID(rawValue: 1)

  private func key(_ session: UInt32) -> SessionKey {
    SessionKey(tunnel: tunnel, session: SessionID(rawValue: session))
  }

  @Test("a tunnel that outlives its session is asked for again, ever later, and not for ever")
  func outlives() {
    var suspicions = TunnelSuspicions()
    #expect(suspicions.delay == nil)
    suspicions.add(key(11))
    #expect(suspicions.delay == .milliseconds(100))
    #expect(suspicions.take(tunnel, exists: true) == [key(11)])
    #expect(suspicions.delay == .milliseconds(200) && suspicions.tunnels == [tunnel])
    #expect(suspicions.take(tunnel, exists: true) == [], "each session is told of once")
    #expect(suspicions.delay == .milliseconds(400))
    suspicions.add(key(12))
    #expect(suspicions.delay == .milliseconds(100), "another one begins anew")
    var looks = 0
    while suspicions.delay != nil, looks < 100 {
      _ = suspicions.take(tunnel, exists: true)
      looks += 1
    }
    #expect(looks == 9 && suspicions.tunnels.isEmpty)
  }

  @Test("a tunnel that is gone takes its sessions with it")
  func gone() {
    var suspicions = TunnelSuspicions()
    for session in UInt32(11)...12 { suspicions.add(key(session)) }
    #expect(suspicions.take(tunnel, exists: false) == [])
    #expect(suspicions.delay == nil && suspicions.tunnels.isEmpty)
  }
}
