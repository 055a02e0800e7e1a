import Testing

@testable import PWCore

@Suite("Where SCCRQs are listened for")
struct EngineListenerTests {
  private func listeningPorts(_ driver: TestDriver) -> [UInt16] {
    driver.changes.compactMap { if case .listen(_, let request) = $0 { request.localPort } else { nil } }
  }

  @Test("a tunnel is called on the port that it declares, and answers from there")
  func ownPort() {
    let pair = EnginePair(leftRole: .initiate, rightRole: .accept) { tunnel, isLeft in
      if isLeft { tunnel.peerPort = 1702 } else { tunnel.listenPort = 1702 }
    }
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(10)))
    #expect(listeningPorts(pair.right) == [1702])
    #expect(pair.right.status.tunnels[0].local?.port == 1702)
    #expect(listeningPorts(pair.left).isEmpty)
  }

  @Test("one that declares none is called on 1701, beside others")
  func severalPorts() {
    var site = Site(name: "right", routerID: 2)
    let ports: [UInt16?] = [nil, 1702, nil, 1702]
    site.tunnels = ports.enumerated().map { index, port in
      var tunnel = TunnelDeclaration(name: "t\(index)", peer: .address(.v4(0xC000_0210 + UInt32(index))), role: .accept)
      tunnel.listenPort = port
      return tunnel
    }
    let driver = TestDriver(site: site, address: EnginePair.rightAddress, seed: 5)
    driver.drain(at: Instant(nanoseconds: 0))
    #expect(listeningPorts(driver) == [1701, 1702])
  }
}
