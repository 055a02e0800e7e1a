import CLinux
import CNetlink
import Glibc
import PWCore

/// The MTU of the path to a peer, asked for again and again.
///
/// A socket that exists is a bad witness: it keeps the route that it had when it was connected or sent last, and once
/// that is gone the kernel answers for a device that swallows everything, of 68 octets. So each question is a fresh
/// look at the routes, and while there is none the last answer holds: no route is not a narrow path.
struct PathMTU {
  /// The largest packet, IP header included, that the path was known to pass when there was one, in octets.
  private(set) var octets: Int
  /// The MTU of the interface that the path begins with, in octets; nil while it is not known. The routes may say less
  /// of the path, for what an ICMP message has told them, and that may be forged.
  private(set) var firstLinkOctets: Int?
  /// Whether no interface had our address at the last look.
  private(set) var lacksAddress = false

  /// The octets presumed of a path of which nothing is known: a packet that every host takes (RFC 791 section 3.1, RFC
  /// 8200 section 5).
  static func presumed(_ family: AddressFamily) -> Int {
    switch family {
    case .v4: 576
    case .v6: 1280
    }
  }

  /// Whether a path MTU is above what every path passes (RFC 791 section 3.2, RFC 8200 section 5): over IPv4 no path
  /// passes less than the device that swallows everything says, so that is not an answer, and over IPv6 less is none.
  private static func isAnswer(_ octets: Int, _ family: AddressFamily) -> Bool {
    switch family {
    case .v4: octets > 68
    case .v6: octets >= 1280
    }
  }

  /// A path of which nothing is known yet.
  init(presumedOctets: Int) { octets = presumedOctets }

  /// Looks at the routes.
  ///
  /// - Parameter encapsulation: the packets' own: a policy of IPsec may cover these alone, and make them longer.
  /// - Returns: the answer, or the last one where there is no route now.
  mutating func refresh(
    to peer: Endpoint, over encapsulation: Encapsulation, from local: IPAddress, device: String?
  ) -> Int {
    lacksAddress = false
    guard let told = look(to: peer, over: encapsulation, from: local, device: device) else { return octets }
    // Netlink is asked where there may be news, and not at every look at thousands of paths.
    if told != octets || firstLinkOctets == nil {
      firstLinkOctets = Self.firstLink(to: peer.address, from: local, device: device) ?? firstLinkOctets
    }
    octets = told
    return octets
  }

  /// Asks for the interface that packets to a peer leave by, and for its MTU; nil where the kernel does not say.
  private static func firstLink(to peer: IPAddress, from local: IPAddress, device: String?) -> Int? {
    let name = BoundDevice.name(bindDevice: device, local: local)
    let request = RouteRequests.route(to: peer, from: local, device: name.map { if_nametoindex($0) } ?? 0)
    var (index, octets): (Int32?, Int?) = (nil, nil)
    do throws(NetlinkError) {
      let socket = try NetlinkSocket(bus: NETLINK_ROUTE)
      try socket.query(request) { index = RouteRequests.outputInterface(in: $0) ?? index }
      guard let index else { return nil }
      try socket.query(RouteRequests.link(index, name: "interface \(index)")) {
        octets = LinkInfo($0)?.mtuOctets ?? octets
      }
      return octets
    } catch {
      return nil
    }
  }

  /// The socket's own port is another one than that of the tunnel's: with the same one it would take packets away.
  private mutating func look(
    to peer: Endpoint, over encapsulation: Encapsulation, from local: IPAddress, device: String?
  ) -> Int? {
    let isUDP = encapsulation == .udp
    let type = Int32((isUDP ? SOCK_DGRAM : SOCK_RAW).rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    let family = peer.address.family
    do throws(SystemError) {
      let number = socket(family.systemValue, type, isUDP ? 0 : l2tpProtocol)
      let probe = try Descriptor.checked(number, "open a socket to look at the routes")
      if let device { try SocketOptions.bind(probe.rawValue, toDevice: device) }
      let here = try SocketAddress(Endpoint(address: local, port: 0))
      let there = try SocketAddress(Endpoint(address: peer.address, port: isUDP ? peer.port : 0))
      guard here.withPointer({ bind(probe.rawValue, $0, $1) }) == 0 else {
        lacksAddress = errno == EADDRNOTAVAIL
        return nil
      }
      guard
        there.withPointer({ connect(probe.rawValue, $0, $1) }) == 0,
        let told = SocketOptions.pathMTU(probe.rawValue, family), Self.isAnswer(told, family)
      else { return nil }
      return told
    } catch {
      return nil
    }
  }
}
