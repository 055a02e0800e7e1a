import CLinux
import CNetlink
import Glibc
import PWCore

/// The path to a peer as the kernel's routes have it, asked for again and again.
///
/// A socket that exists is a bad witness: it keeps the route that it had when it was connected or sent last, and once
/// that is gone the kernel answers for a device that swallows everything, of 68 octets. So each question is a fresh
/// look at the routes, and while there is none the last answer holds: no route is not a narrow path.
struct PathMTU {
  /// What was found, the last time that there was a path.
  private(set) var found: PathReading
  /// That no interface had our address at the last look, and which address is there in its place; nil where it was
  /// there.
  private(set) var absence: Unreachable?
  private let routes: RouteInquiry
  /// The peer that the first hop was asked for, and when.
  private var asked: (peer: IPAddress, at: ContinuousClock.Instant)?

  /// How long the first hop is taken to be the same: there may be thousands of paths.
  private static let firstHopInterval = Duration.seconds(5)

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
  ///
  /// - Parameter routes: the way to ask the kernel, of the thread that asks.
  init(presumedOctets: Int, routes: RouteInquiry) {
    found = PathReading(mtuOctets: presumedOctets)
    self.routes = routes
  }

  /// Looks at the routes.
  ///
  /// - Parameter encapsulation: the packets' own: a policy of IPsec may cover these alone, and make them longer.
  /// - Returns: the answer, or the last one where there is no route now.
  mutating func refresh(
    to peer: Endpoint, over encapsulation: Encapsulation, from local: IPAddress, device: String?
  ) -> PathReading {
    absence = nil
    if asked?.peer != peer.address { (asked, found.firstHop, found.firstLinkOctets) = (nil, nil, nil) }
    guard let told = look(to: peer, over: encapsulation, from: local, device: device) else { return found }
    let isNews = told != found.mtuOctets
    found.mtuOctets = told
    let now = ContinuousClock.now
    if !isNews, let asked, now - asked.at < Self.firstHopInterval { return found }
    asked = (peer.address, now)
    guard let hop = routes.firstHop(to: peer.address, from: local, device: device) else { return found }
    // The one is told with the other, so that a question without an answer is put again.
    if isNews || hop != found.firstHop, let octets = routes.mtuOctets(of: hop.interfaceIndex) {
      (found.firstHop, found.firstLinkOctets) = (hop, octets)
    }
    return found
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
        if errno == EADDRNOTAVAIL {
          absence = .withoutAddress(besides: try? SocketOptions.sourceAddress(towards: peer.address, device: device))
        }
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
