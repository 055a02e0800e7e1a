import CLinux
import Glibc
import PWCore

/// The errors of packets that did not arrive: ICMP messages, and what the kernel finds out itself, as a socket queues
/// them (IP_RECVERR of ip(7), IPV6_RECVERR of ipv6(7), linux/errqueue.h).
enum ErrorQueue {
  /// Errors taken from one socket before others have their turn.
  private static let errorsPerWake = 16
  /// Errors that the engine is told of in any second: anybody can send ICMP messages.
  static let reportsPerSecond = 50
  /// Room for a sock_extended_err, an address, and what else the socket was told to deliver, in octets.
  private static let controlOctets = 512
  /// Octets of the packet that are looked at: none.
  private static let payloadOctets = 1

  /// A packet that did not get to its destination.
  struct Failure: Equatable {
    /// The destination of the packet.
    var destination: Endpoint?
    /// The failure, for people and for the engine.
    var unreachable: Unreachable
  }

  /// Has a socket queue them.
  static func enable(_ descriptor: Int32, _ family: AddressFamily) throws(SystemError) {
    switch family {
    case .v4: try SocketOptions.set(descriptor, IPv4.level, IP_RECVERR, 1, "ask for ICMP errors")
    case .v6: try SocketOptions.set(descriptor, IPv6.level, IPV6_RECVERR, 1, "ask for ICMP errors")
    }
  }

  /// Whether a send may have failed with this for an earlier packet's sake (icmp_err_convert in net/ipv4/icmp.c): what was
  /// to be sent now was not, and may be sent again at once.
  static func leavesBehind(_ code: Int32) -> Bool {
    switch code {
    case ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, EHOSTDOWN, ENOPROTOOPT, EPROTO, EOPNOTSUPP, EMSGSIZE, EACCES: true
    default: false
    }
  }

  /// Takes what is queued. It has to be taken: until it is, the socket is ready all the time.
  static func drain(_ descriptor: Int32, _ encapsulation: Encapsulation) -> [Failure] {
    var failures: [Failure] = []
    for _ in 0..<errorsPerWake {
      guard let (destination, error) = next(descriptor) else { break }
      guard let unreachable = error.words(encapsulation, destination) else { continue }
      failures.append(Failure(destination: destination, unreachable: unreachable))
    }
    return failures
  }

  private static func next(_ descriptor: Int32) -> (destination: Endpoint?, error: ExtendedError)? {
    var error: ExtendedError?
    let receipt = withUnsafeTemporaryAllocation(byteCount: controlOctets + payloadOctets, alignment: 8) { room in
      DatagramReceipt(
        descriptor, flags: Int32(MSG_ERRQUEUE) | Int32(MSG_DONTWAIT),
        data: UnsafeMutableRawBufferPointer(rebasing: room[controlOctets...]),
        control: UnsafeMutableRawBufferPointer(rebasing: room[..<controlOctets])
      ) { header, octets in
        error = error ?? extendedError(header, octets)
      }
    }
    guard receipt.count >= 0 else { return nil }
    return (receipt.address.endpoint, error ?? ExtendedError(code: 0, origin: 0, type: 0, detail: 0, reporter: nil))
  }

  private static func extendedError(_ header: cmsghdr, _ octets: UnsafeRawBufferPointer) -> ExtendedError? {
    switch (header.cmsg_level, header.cmsg_type) {
    case (IPv4.level, IP_RECVERR), (IPv6.level, IPV6_RECVERR): ExtendedError(octets)
    case (_, _): nil
    }
  }
}

/// A sock_extended_err (linux/errqueue.h), with the address behind it.
struct ExtendedError: Equatable {
  /// SO_EE_ORIGIN_ICMP and SO_EE_ORIGIN_ICMP6.
  private static let (icmp, icmp6): (UInt8, UInt8) = (2, 3)
  /// Octets of the structure itself.
  private static let octets = 16

  /// `ee_errno`: the error number that the kernel makes of it.
  var code: Int32
  /// `ee_origin`: the source of the error, one of SO_EE_ORIGIN_*.
  var origin: UInt8
  /// `ee_type`: the type of the ICMP message.
  var type: UInt8
  /// `ee_code`: the code of the ICMP message.
  var detail: UInt8
  /// `ee_info`: of a packet that was too large, the MTU that the ICMP message names.
  var info: UInt32 = 0
  /// The router, or host, that says so.
  var reporter: IPAddress?

  init(code: Int32, origin: UInt8, type: UInt8, detail: UInt8, info: UInt32 = 0, reporter: IPAddress?) {
    (self.code, self.origin, self.type, self.detail) = (code, origin, type, detail)
    (self.info, self.reporter) = (info, reporter)
  }

  /// Reads what follows a control message's header; nil when it is too short.
  init?(_ octets: UnsafeRawBufferPointer) {
    guard octets.count >= Self.octets else { return nil }
    code = Int32(bitPattern: octets.loadUnaligned(as: UInt32.self))
    (origin, type, detail) = (octets[4], octets[5], octets[6])
    info = octets.loadUnaligned(fromByteOffset: 8, as: UInt32.self)
    reporter = Self.address(UnsafeRawBufferPointer(rebasing: octets.dropFirst(Self.octets)))
  }

  private static func address(_ octets: UnsafeRawBufferPointer) -> IPAddress? {
    guard octets.count >= 8 else { return nil }
    switch Int32(octets.loadUnaligned(as: UInt16.self)) {
    case AF_INET: return .v4(UInt32(bigEndian: octets.loadUnaligned(fromByteOffset: 4, as: UInt32.self)))
    case AF_INET6 where octets.count >= 24:
      return .v6(
        high: UInt64(bigEndian: octets.loadUnaligned(fromByteOffset: 8, as: UInt64.self)),
        low: UInt64(bigEndian: octets.loadUnaligned(fromByteOffset: 16, as: UInt64.self)), zone: nil)
    default: return nil
    }
  }

  /// The meaning for a peer, nil for an error that says nothing of it (RFC 792, RFC 1191, RFC 1812 section 5.2.7, RFC
  /// 4443 section 3).
  func words(_ encapsulation: Encapsulation, _ destination: Endpoint?) -> Unreachable? {
    let says = reporter.map { ", says \($0)" } ?? ""
    // Firewalls on the way say the same, and only the peer's host can know.
    let isFinal = destination.map { reporter?.isSameHost(as: $0.address) == true } ?? false
    switch (origin, type, detail) {
    case (Self.icmp, 3, 3), (Self.icmp6, 1, 4):
      let port = destination.map { "UDP port \($0.port)" } ?? "the port"
      return Unreachable("nothing listens on \(port) there (ICMP port unreachable\(says))", isFinal: isFinal)
    case (Self.icmp, 3, 2), (Self.icmp6, 4, 1):
      let cure = encapsulation == .ip ? "; is it `encapsulation: udp` there?" : ""
      return Unreachable(
        "nothing accepts IP protocol 115 there (ICMP protocol unreachable\(says))\(cure)", isFinal: isFinal)
    case (Self.icmp, 3, 9), (Self.icmp, 3, 10), (Self.icmp, 3, 13), (Self.icmp6, 1, 1):
      return Unreachable("a firewall forbids it (ICMP administratively prohibited\(says))")
    case (Self.icmp, 3, 0), (Self.icmp, 3, 6), (Self.icmp6, 1, 0):
      return Unreachable("there is no route (ICMP network unreachable\(says))")
    case (Self.icmp, 3, 1), (Self.icmp, 3, 7), (Self.icmp6, 1, 3):
      return Unreachable("nobody answers at that address (ICMP host unreachable\(says))")
    case (Self.icmp, 3, 4): return tooLarge("ICMP fragmentation needed")
    case (Self.icmp6, 2, _): return tooLarge("ICMPv6 packet too big")
    case (Self.icmp, 11, 0), (Self.icmp6, 3, 0):
      return Unreachable(
        "too many routers are on the way (ICMP time exceeded\(says)); is `ttl` too small, or is there a routing loop?"
      )
    default: return nil
    }
  }

  /// A packet was too large for a link on the way (RFC 1191 section 4, RFC 4443 section 3.2).
  private func tooLarge(_ message: String) -> Unreachable {
    let isSize = (68...UInt32(UInt16.max)).contains(info)
    return .tooLarge(passing: isSize ? Int(info) : nil, message: message + (reporter.map { " from \($0)" } ?? ""))
  }
}
