import Testing

@testable import PWCore

@Suite("The MSS of TCP connections")
struct EngineSegmentLimitTests {
  @Test("the data plane is told what the file says, at the end that says it")
  func told() {
    let pair = EnginePair(pseudowires: 1) { tunnel, isLeft in
      tunnel.pseudowires[0].segmentLimit = isLeft ? .automatic : nil
    }
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(5)))
    for (driver, expected) in [(pair.left, SegmentLimit.automatic), (pair.right, nil)] {
      let limits = driver.effects.compactMap { effect -> SegmentLimit?? in
        if case .plane(.change(_, .createSession(let request))) = effect { request.segmentLimit } else { nil }
      }
      #expect(limits == [expected])
    }
  }

  @Test("a site that wants it needs the userspace data plane, and says for what")
  func need() {
    var site = Site(name: "a", routerID: 1)
    var tunnel = TunnelDeclaration(name: "berlin", peer: .any)
    tunnel.pseudowires = [
      PseudowireDeclaration(
        name: "lan", type: .ethernet, remoteEndID: RemoteEndID(number: 1), interfaceName: "pw")
    ]
    site.tunnels = [tunnel]
    #expect(site.needOfUserspace == nil)
    site.tunnels[0].pseudowires[0].segmentLimit = .octets(1300)
    #expect(site.needOfUserspace == "'mss' in pseudowire 'lan' of tunnel 'berlin'")
  }
}
