import PWCore

/// The packets of one socket in one direction, as routes and the policies of IPsec tell them apart.
struct PacketFlow: Equatable, Sendable {
  /// The number of the protocol in the IP header: UDP's, or L2TP's.
  var protocolNumber: UInt8
  /// Where they come from; the port is 0 where the protocol has none.
  var source: Endpoint
  /// Where they go to.
  var destination: Endpoint
  /// The index of the interface that they leave or arrive by; 0 where it is not known.
  var interface: Int32

  /// The packets that leave for the peer.
  ///
  /// - Parameter interface: the index of the one that the route leads to.
  init(_ question: ProtectionQuestion, interface: Int32) {
    let isUDP = question.encapsulation == .udp
    protocolNumber = isUDP ? Self.udp : Self.l2tp
    source = Endpoint(address: question.local.address, port: isUDP ? question.local.port : 0)
    destination = Endpoint(address: question.remote.address, port: isUDP ? question.remote.port : 0)
    self.interface = interface
  }

  /// The packets of the other direction.
  var reversed: PacketFlow {
    var flow = self
    (flow.source, flow.destination) = (destination, source)
    return flow
  }

  /// For people: `UDP from 192.0.2.1:1701 to 192.0.2.2:1701`.
  var words: String {
    protocolNumber == Self.udp
      ? "UDP from \(source) to \(destination)"
      : "IP protocol \(protocolNumber) from \(source.address) to \(destination.address)"
  }

  /// IPPROTO_UDP (netinet/in.h).
  static let udp: UInt8 = 17
  /// IPPROTO_L2TP (linux/l2tp.h).
  static let l2tp = UInt8(l2tpProtocol)
}
