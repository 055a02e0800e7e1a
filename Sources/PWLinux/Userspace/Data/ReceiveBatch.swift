import CLinux
import Glibc
import PWCore

/// The memory of one recvmmsg(2): datagrams, where they came from, and what the kernel says about each.
///
/// Everything is allocated once and filled by the kernel again and again; the views it hands out are valid until the next
/// ``receive(from:atMost:)``.
final class ReceiveBatch {
  /// The most messages taken in one call.
  static let mostMessages = 64
  /// The largest IP packet, or a run of datagrams gathered by UDP_GRO; one cache line for each of 17 more, so that the
  /// beginnings of messages do not all fall into the same cache set.
  private static let messageOctets = 65_536
  private static let strideOctets = messageOctets + 17 * 64
  private static let controlOctets = 128

  private let memory: UnsafeMutableRawPointer
  private let controls: UnsafeMutableRawPointer
  private let names: UnsafeMutablePointer<sockaddr_storage>
  private let pieces: UnsafeMutablePointer<iovec>
  private let messages: UnsafeMutablePointer<mmsghdr>

  init() {
    let count = ReceiveBatch.mostMessages
    memory = .allocate(byteCount: count * ReceiveBatch.strideOctets, alignment: 64)
    controls = .allocate(byteCount: count * ReceiveBatch.controlOctets, alignment: 16)
    names = .allocate(capacity: count)
    names.initialize(repeating: sockaddr_storage(), count: count)
    pieces = .allocate(capacity: count)
    messages = .allocate(capacity: count)
    messages.initialize(repeating: mmsghdr(), count: count)
    for index in 0..<count {
      (pieces + index).initialize(
        to: iovec(iov_base: memory + index * ReceiveBatch.strideOctets, iov_len: ReceiveBatch.messageOctets))
      messages[index].msg_hdr.msg_name = UnsafeMutableRawPointer(names + index)
      messages[index].msg_hdr.msg_iov = pieces + index
      messages[index].msg_hdr.msg_iovlen = 1
      messages[index].msg_hdr.msg_control = controls + index * ReceiveBatch.controlOctets
      rearm(index)
    }
  }

  deinit {
    memory.deallocate()
    controls.deallocate()
    names.deallocate()
    pieces.deallocate()
    messages.deallocate()
  }

  /// The kernel has overwritten the lengths with what it used.
  private func rearm(_ index: Int) {
    messages[index].msg_hdr.msg_namelen = socklen_t(MemoryLayout<sockaddr_storage>.size)
    messages[index].msg_hdr.msg_controllen = ReceiveBatch.controlOctets
    messages[index].msg_hdr.msg_flags = 0
  }

  private var lastCount = 0

  /// Takes what has arrived.
  ///
  /// - Returns: how many messages, 0 when there is none; an error of the network that the kernel reports here (ICMP) counts as none.
  func receive(from descriptor: Int32, atMost limit: Int) -> Int {
    for index in 0..<lastCount { rearm(index) }
    let count = recvmmsg(descriptor, messages, UInt32(min(limit, ReceiveBatch.mostMessages)), Int32(MSG_DONTWAIT), nil)
    lastCount = max(0, Int(count))
    return lastCount
  }

  /// A message; empty when the kernel had to cut it.
  func message(_ index: Int) -> PacketView {
    let isWhole = messages[index].msg_hdr.msg_flags & Int32(MSG_TRUNC) == 0
    return PacketView(
      memory + index * ReceiveBatch.strideOctets,
      count: isWhole ? min(Int(messages[index].msg_len), ReceiveBatch.messageOctets) : 0)
  }

  /// Where a message came from.
  func source(_ index: Int) -> Endpoint? {
    var address = SocketAddress()
    address.withMutablePointer { target, _ in
      UnsafeMutableRawPointer(target).copyMemory(from: names + index, byteCount: MemoryLayout<sockaddr_storage>.size)
    }
    return address.endpoint
  }

  /// Whether a message came from this address of the kernel's (`sockaddr_in`, `sockaddr_in6`), whatever the port and scope.
  @inline(__always)
  func cameFrom(_ address: UnsafeRawPointer, _ index: Int) -> Bool {
    let source = UnsafeRawPointer(names + index)
    guard source.load(as: sa_family_t.self) == address.load(as: sa_family_t.self) else { return false }
    // Behind family and port, and in IPv6 the flow label.
    if Int32(source.load(as: sa_family_t.self)) == AF_INET {
      return source.load(fromByteOffset: 4, as: UInt32.self) == address.load(fromByteOffset: 4, as: UInt32.self)
    }
    return source.load(fromByteOffset: 8, as: UInt64.self) == address.load(fromByteOffset: 8, as: UInt64.self)
      && source.load(fromByteOffset: 16, as: UInt64.self) == address.load(fromByteOffset: 16, as: UInt64.self)
  }

  /// How long each datagram of a message is that UDP_GRO gathered; the whole message when it did not.
  func datagramOctets(_ index: Int) -> Int {
    var result = Int(messages[index].msg_len)
    forEachControl(index) { header, data in
      guard header.cmsg_level == SOL_UDP, header.cmsg_type == UDP_GRO else { return }
      result = max(1, Int(data.loadUnaligned(as: Int32.self)))
    }
    return result
  }

  /// The address that a message was sent to, and the index of the interface that it came in on.
  func destination(_ index: Int) -> (address: IPAddress, interface: UInt32)? {
    var result: (IPAddress, UInt32)?
    forEachControl(index) { header, data in
      result = AncillaryData.destination(header, data) ?? result
    }
    return result
  }

  @inline(__always)
  private func forEachControl(_ index: Int, _ body: (cmsghdr, UnsafeRawBufferPointer) -> Void) {
    // The header of a message is the first member of its mmsghdr.
    AncillaryData.forEach(
      of: UnsafeMutableRawPointer(messages + index).assumingMemoryBound(to: msghdr.self), body)
  }
}
