import CLinux
import Glibc
import PWCore

/// Fields of the outer IP header that a message sets by itself, where its socket's options do not: control messages of
/// sendmsg(2) (ip(7), ipv6(7)).
struct OuterFields: Equatable {
  /// The octet that has the code point; nil leaves it to the socket.
  var trafficClass: UInt8?
  /// TTL or Hop Limit; nil leaves it to the socket.
  var hopLimit: UInt8?

  /// Room for both, in octets.
  static let mostControlOctets = 48

  /// Leaves both fields to the socket.
  init() {}

  /// The fields that messages of a socket must set by themselves: over UDP none, because each connection has a socket
  /// of its own; over IP all connections of an address share one.
  init(_ request: SocketRequest) {
    guard request.encapsulation == .ip else { return }
    trafficClass = request.dscp?.trafficClass
    hopLimit = request.hopLimit
  }

  /// Whether there is nothing to set.
  var isEmpty: Bool { trafficClass == nil && hopLimit == nil }

  /// Writes the control messages to `control`, which has room for them; returns their length in octets.
  @inline(__always)
  func write(to control: UnsafeMutableRawPointer, _ family: AddressFamily) -> Int {
    var octets = 0
    if let trafficClass {
      let (level, type) = family == .v4 ? (IPv4.level, IP_TOS) : (IPv6.level, IPV6_TCLASS)
      octets += pw_cmsg_number(control + octets, level, type, Int32(trafficClass))
    }
    if let hopLimit {
      let (level, type) = family == .v4 ? (IPv4.level, IP_TTL) : (IPv6.level, IPV6_HOPLIMIT)
      octets += pw_cmsg_number(control + octets, level, type, Int32(hopLimit))
    }
    return octets
  }
}
