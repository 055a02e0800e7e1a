import CLinux
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
  /// Whether no interface had our address at the last look.
  private(set) var lacksAddress = false

  /// What is presumed of a path of which nothing is known: what every host takes (RFC 791 section 3.1, RFC 8200 section
  /// 5).
  static func presumed(_ family: AddressFamily) -> Int {
    switch family {
    case .v4: 576
    case .v6: 1280
    }
  }

  /// What every path passes (RFC 791 section 3.2, RFC 8200 section 5): over IPv4 no path passes less than the device
  /// that swallows everything says, so that is no answer, and over IPv6 less is none.
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
  /// - Returns: the answer, or the last one where there is no route now.
  mutating func refresh(to peer: IPAddress, from local: IPAddress, device: String?) -> Int {
    lacksAddress = false
    octets = look(to: peer, from: local, device: device) ?? octets
    return octets
  }

  private mutating func look(to peer: IPAddress, from local: IPAddress, device: String?) -> Int? {
    let type = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    do throws(SystemError) {
      let probe = try Descriptor.checked(socket(peer.family.systemValue, type, 0), "open a UDP socket")
      if let device { try SocketOptions.bind(probe.rawValue, toDevice: device) }
      let here = try SocketAddress(Endpoint(address: local, port: 0))
      let there = try SocketAddress(Endpoint(address: peer, port: 1701))
      guard here.withPointer({ bind(probe.rawValue, $0, $1) }) == 0 else {
        lacksAddress = errno == EADDRNOTAVAIL
        return nil
      }
      guard
        there.withPointer({ connect(probe.rawValue, $0, $1) }) == 0,
        let told = SocketOptions.pathMTU(probe.rawValue, peer.family), Self.isAnswer(told, peer.family)
      else { return nil }
      return told
    } catch {
      return nil
    }
  }
}
