import PWCore
import Testing

@testable import PWLinux

/// A site's declarations about PPPoE clients, gathered from its pseudowires.
struct PPPoEDeclarationTests {
  @Test("Each template with clients is one declaration, and others are none")
  func gathered() {
    let service = PPPoEService(
      interface: "eth1", concentratorName: "ac", serviceNames: [], sessionsPerClient: 1)
    let clients = AttachmentCircuit.pppoe(service)
    var tunnel = TunnelDeclaration(name: "t", peer: .any)
    for (template, count) in [("dsl", 3), ("far", 2), ("voice", 1)] {
      for number in 1...count {
        var pseudowire = PseudowireDeclaration(
          name: PseudowireTemplate.name(template, number: number), type: .ppp,
          remoteEndID: RemoteEndID(text: template), interfaceName: "\(template)\(number)")
        pseudowire.template = template
        pseudowire.circuit = template == "far" ? .none : clients
        tunnel.pseudowires.append(pseudowire)
      }
    }
    var site = Site(name: "a", routerID: 1)
    site.tunnels = [tunnel]
    let found = PPPoEKeeper.Declaration.all(in: site)
    #expect(found.map(\.template) == ["dsl", "voice"])
    #expect(found.map(\.sessions) == [3, 1])
    #expect(found.first?.owner(of: 2) == LinkOwner(tunnel: "t", pseudowire: "dsl/3"))
  }
}
