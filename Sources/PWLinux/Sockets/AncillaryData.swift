import CLinux
import Glibc
import PWCore

/// The control messages that the kernel delivers with a datagram, beside its octets (cmsg(3)).
enum AncillaryData {
  /// Goes through all of it: the header of each part, and what follows.
  @inline(__always)
  static func forEach(of message: UnsafeMutablePointer<msghdr>, _ body: (cmsghdr, UnsafeRawBufferPointer) -> Void) {
    var next = pw_cmsg_first(message)
    while let header = next {
      let octets = max(0, Int(header.pointee.cmsg_len) - MemoryLayout<cmsghdr>.size)
      body(header.pointee, UnsafeRawBufferPointer(start: pw_cmsg_data(header), count: octets))
      next = pw_cmsg_next(message, header)
    }
  }

  /// The address that a datagram was sent to, and the index of the interface that it came in on (IP_PKTINFO of ip(7),
  /// IPV6_PKTINFO of ipv6(7)); nil for a part that says something else.
  static func destination(_ header: cmsghdr, _ data: UnsafeRawBufferPointer) -> (address: IPAddress, interface: UInt32)?
  {
    switch (header.cmsg_level, header.cmsg_type) {
    case (IPv4.level, Int32(IP_PKTINFO)):
      let information = data.loadUnaligned(as: in_pktinfo.self)
      return (.v4(information.ipi_addr.s_addr.bigEndian), UInt32(bitPattern: information.ipi_ifindex))
    case (IPv6.level, Int32(IPV6_PKTINFO)):
      let information = data.loadUnaligned(as: in6_pktinfo.self)
      return (information.ipi6_addr.address(scope: information.ipi6_ifindex), information.ipi6_ifindex)
    case (_, _): return nil
    }
  }
}

/// The result of one recvmsg(2), besides the octets that it has written into the caller's memory.
struct DatagramReceipt {
  /// Octets of the datagram; less than 0 where the call failed.
  let count: Int
  /// The error number of a call that failed.
  let code: Int32
  /// The address that came with it: the sender's, or of an error the one that the packet was for.
  let address: SocketAddress

  /// Receives a datagram, or an error that the socket has queued.
  ///
  /// - Parameters:
  ///   - descriptor: the socket.
  ///   - flags: of recvmsg(2), such as MSG_ERRQUEUE.
  ///   - data: where its octets go.
  ///   - control: where what the kernel says of it goes.
  ///   - told: called with each part of that, where the call has not failed.
  init(
    _ descriptor: Int32, flags: Int32 = 0, data: UnsafeMutableRawBufferPointer, control: UnsafeMutableRawBufferPointer,
    told: (cmsghdr, UnsafeRawBufferPointer) -> Void
  ) {
    var address = SocketAddress()
    var vector = iovec(iov_base: data.baseAddress, iov_len: data.count)
    (count, code) = address.withMutablePointer { name, length in
      withUnsafeMutablePointer(to: &vector) { vector in
        var message = msghdr()
        message.msg_name = UnsafeMutableRawPointer(name)
        message.msg_namelen = length.pointee
        message.msg_iov = vector
        message.msg_iovlen = 1
        message.msg_control = control.baseAddress
        message.msg_controllen = control.count
        let count = recvmsg(descriptor, &message, flags)
        guard count >= 0 else { return (count, errno) }
        length.pointee = message.msg_namelen
        AncillaryData.forEach(of: &message, told)
        return (count, 0)
      }
    }
    self.address = address
  }
}
