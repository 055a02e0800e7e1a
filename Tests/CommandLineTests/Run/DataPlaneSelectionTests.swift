import PWCore
import Testing

@testable import pwmgr

@Suite("Selection of a data plane") struct DataPlaneSelectionTests {
  private static func site(
    _ encapsulation: Encapsulation, device: String?, type: UInt16 = 5
  ) -> Site {
    var tunnel = TunnelDeclaration(name: "paris", peer: .address(.v4(0xC000_0202)), encapsulation: encapsulation)
    tunnel.bindDevice = device
    tunnel.pseudowires = [
      PseudowireDeclaration(
        name: "lan", type: PseudowireType(rawValue: type), remoteEndID: RemoteEndID(number: 1), interfaceName: "l2-lan")
    ]
    var site = Site(name: "london", routerID: 1)
    site.tunnels = [tunnel]
    return site
  }

  private func reason(_ site: Site) -> String? {
    DataPlaneSelection.reasonForUserspace(site) { $0.bindDevice == "blue" ? "blue" : nil }
  }

  @Test("a tunnel over IP in a VRF is not the kernel's, and the reason names both")
  func overIP() {
    #expect(
      reason(Self.site(.ip, device: "blue"))
        == "tunnel 'paris' runs over IP in the VRF blue, and the kernel's L2TP over IP supports only the default VRF")
  }

  @Test("the kernel carries UDP in a VRF, and IP in the default one")
  func kernelCan() {
    #expect(reason(Self.site(.udp, device: "blue")) == nil)
    #expect(reason(Self.site(.ip, device: "eth0")) == nil)
    #expect(reason(Self.site(.ip, device: nil)) == nil)
  }

  @Test("a pseudowire that userspace cannot carry either stays the kernel's")
  func userspaceCannot() {
    #expect(reason(Self.site(.ip, device: "blue", type: 7)) == nil)
  }
}
