import CLinux
import Glibc
import PWCore

/// Reads datagrams off non-blocking sockets into one buffer that is kept.
final class DatagramReader {
  /// What one read brought.
  enum Outcome {
    /// Nothing is left.
    case empty
    /// A datagram: its octets lie in the reader's buffer until the next read.
    case datagram(count: Int, source: Endpoint, destination: IPAddress?)
    /// The socket reports an error, often the network's (an ICMP message): reading it has cleared it.
    case failed(SystemError)
  }

  /// The largest datagram there can be, in octets.
  private static let bufferOctets = 65_536
  /// Room for one IPV6_PKTINFO and its header, in octets.
  private static let controlOctets = 128

  private var buffer = [UInt8](repeating: 0, count: bufferOctets)
  private var control = [UInt8](repeating: 0, count: controlOctets)

  /// The first octets of the datagram that was read last.
  func octets(_ count: Int) -> [UInt8] { Array(buffer[..<count]) }

  /// The first octet of the datagram that was read last.
  var firstOctet: UInt8 { buffer[0] }

  /// Reads one datagram.
  func read(_ descriptor: Int32) -> Outcome {
    var source = SocketAddress()
    var destination: IPAddress?
    var code: Int32 = 0
    let count = source.withMutablePointer { name, length in
      buffer.withUnsafeMutableBytes { data in
        control.withUnsafeMutableBytes { control in
          var vector = iovec(iov_base: data.baseAddress, iov_len: data.count)
          return withUnsafeMutablePointer(to: &vector) { vector in
            var message = msghdr()
            message.msg_name = UnsafeMutableRawPointer(name)
            message.msg_namelen = length.pointee
            message.msg_iov = vector
            message.msg_iovlen = 1
            message.msg_control = control.baseAddress
            message.msg_controllen = control.count
            let count = recvmsg(descriptor, &message, 0)
            if count < 0 { code = errno }
            length.pointee = message.msg_namelen
            if count >= 0 { destination = DatagramReader.destination(in: &message) }
            return count
          }
        }
      }
    }
    if count < 0 {
      if code == EAGAIN { return .empty }
      return .failed(SystemError(code: code, attempt: "receive"))
    }
    guard let endpoint = source.endpoint else { return .failed(SystemError(code: EAFNOSUPPORT, attempt: "receive")) }
    return .datagram(count: count, source: endpoint, destination: destination)
  }

  private static func destination(in message: inout msghdr) -> IPAddress? {
    var next = pw_cmsg_first(&message)
    while let header = next {
      switch (header.pointee.cmsg_level, header.pointee.cmsg_type) {
      case (IPv4.level, Int32(IP_PKTINFO)):
        let information = pw_cmsg_data(header).loadUnaligned(as: in_pktinfo.self)
        return .v4(information.ipi_addr.s_addr.bigEndian)
      case (IPv6.level, Int32(IPV6_PKTINFO)):
        let information = pw_cmsg_data(header).loadUnaligned(as: in6_pktinfo.self)
        return information.ipi6_addr.address(scope: information.ipi6_ifindex)
      case (_, _):
        next = pw_cmsg_next(&message, header)
      }
    }
    return nil
  }
}
