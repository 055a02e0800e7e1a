import CLinux
import Glibc

/// The memory of one recvmmsg(2) on a netlink socket: what the kernel tells of one change comes as several datagrams, a few for
/// each port that joins a bridge.
final class NotificationBatch {
  /// The result of one read.
  enum Outcome {
    /// So many datagrams; 0 when nothing is left.
    case datagrams(Int)
    /// The kernel had to drop or to cut some: its tables must be read anew.
    case incomplete
  }

  /// The most datagrams taken in one call.
  private static let mostDatagrams = 32
  /// A link's message takes two kilobytes, a card's with all that it can do several more.
  private static let datagramOctets = 32_768

  private let memory: UnsafeMutableRawPointer
  private let pieces: UnsafeMutablePointer<iovec>
  private let messages: UnsafeMutablePointer<mmsghdr>

  init() {
    let count = NotificationBatch.mostDatagrams
    // Not initialised: what no datagram reaches is never memory of the process.
    memory = .allocate(byteCount: count * NotificationBatch.datagramOctets, alignment: 64)
    pieces = .allocate(capacity: count)
    messages = .allocate(capacity: count)
    messages.initialize(repeating: mmsghdr(), count: count)
    for index in 0..<count {
      (pieces + index).initialize(
        to: iovec(
          iov_base: memory + index * NotificationBatch.datagramOctets, iov_len: NotificationBatch.datagramOctets))
      messages[index].msg_hdr.msg_iov = pieces + index
      messages[index].msg_hdr.msg_iovlen = 1
    }
  }

  deinit {
    memory.deallocate()
    pieces.deallocate()
    messages.deallocate()
  }

  /// Takes what has arrived on a socket, without waiting.
  func receive(from descriptor: Int32) -> Outcome {
    let limit = UInt32(NotificationBatch.mostDatagrams)
    let count = Int(recvmmsg(descriptor, messages, limit, Int32(MSG_DONTWAIT), nil))
    if count < 0 { return errno == ENOBUFS ? .incomplete : .datagrams(0) }
    let isWhole = (0..<count).allSatisfy { messages[$0].msg_hdr.msg_flags & Int32(MSG_TRUNC) == 0 }
    return isWhole ? .datagrams(count) : .incomplete
  }

  /// Whether a read that brought so many datagrams left some behind.
  static func mayHaveLeftSome(_ count: Int) -> Bool { count == mostDatagrams }

  /// The octets of a datagram, valid until the next read.
  subscript(index: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(
      start: memory + index * NotificationBatch.datagramOctets, count: Int(messages[index].msg_len))
  }
}
