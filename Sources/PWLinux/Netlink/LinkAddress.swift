import CNetlink
import Glibc
import PWCore

/// An address of a link (RTM_NEWADDR, linux/if_addr.h).
struct LinkAddress: Hashable, Sendable {
  /// The address of this end of the link.
  var address: IPAddress
  /// The other end's, where the link is a point-to-point one and has such.
  var peer: IPAddress?
  /// Whether it means something on this link alone: every link has one of those.
  var isLinkLocal: Bool
  /// Leading bits that the addresses of its network have in common.
  var prefixLengthBits = 0

  /// IPv4 or IPv6.
  var family: AddressFamily { address.family }

  /// As people read it: `10.9.0.1 peer 10.9.0.2`.
  var words: String { "\(address)" + (peer.map { " peer \($0)" } ?? "") }

  /// Reads RTM_NEWADDR or RTM_DELADDR; the interface's index beside it.
  static func read(_ message: ReceivedMessage) -> (index: Int32, address: LinkAddress)? {
    guard let header = message.header(as: ifaddrmsg.self) else { return nil }
    let attributes = message.attributes(after: ifaddrmsg.self)
    let local = attributes.first(IFA_LOCAL)?.octets
    let other = attributes.first(IFA_ADDRESS)?.octets
    guard let address = (local ?? other).flatMap(IPAddress.init(networkOctets:)) else { return nil }
    let peer = local != nil && other != local ? other.flatMap(IPAddress.init(networkOctets:)) : nil
    let isLinkLocal = header.ifa_scope == RT_SCOPE_LINK.rawValue
    return (
      Int32(header.ifa_index),
      LinkAddress(
        address: address, peer: peer, isLinkLocal: isLinkLocal, prefixLengthBits: Int(header.ifa_prefixlen))
    )
  }
}

extension IPAddress {
  /// An address as it is on the wire: 4 or 16 octets.
  init?(networkOctets octets: [UInt8]) {
    func number(_ range: Range<Int>) -> UInt64 { octets[range].reduce(0) { $0 << 8 | UInt64($1) } }
    switch octets.count {
    case 4: self = .v4(UInt32(number(0..<4)))
    case 16: self = .v6(high: number(0..<8), low: number(8..<16), zone: nil)
    case _: return nil
    }
  }
}
