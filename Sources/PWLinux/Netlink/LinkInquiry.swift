import CNetlink
import Glibc

/// Asks the kernel for a link on the socket on which ``LinkMonitor`` hears its notifications, from any thread: the answer
/// stands among them, in the order in which things happened, and is in the table with the next ``LinkMonitor/drain()``.
///
/// Not every request that the kernel acknowledges is followed by a notification: what a link that is down got of its
/// alias, its way to make addresses, its port's flags or its spanning tree is told with the next thing that happens to it
/// (`do_setlink` and `netdev_state_change`, net/core).
struct LinkInquiry: Sendable {
  /// The socket of the monitor, which hears the notifications and gets the answer.
  let descriptor: Descriptor
  /// Which one it is: a later one has a higher number.
  let number: UInt32

  /// Asks; index 0 finds the link by its name. One that is gone has no answer.
  func ask(_ index: Int32, name: String) {
    let message = index == 0 ? RouteRequests.link(named: name) : RouteRequests.link(index, name: name)
    guard let header = nlmsg_hdr(message.pointer) else { preconditionFailure("a message has a header") }
    // The kernel answers within the call. Where it cannot, for want of memory, it says so on the same socket, and the
    // monitor reads the table anew.
    header.pointee.nlmsg_pid = 0
    header.pointee.nlmsg_seq = number
    _ = send(descriptor.rawValue, header, Int(header.pointee.nlmsg_len), Int32(0))
  }
}
