import CNetlink
import Glibc

/// The worker thread's netlink sockets, opened when first needed.
final class NetlinkSockets {
  private var openRoute: NetlinkSocket?
  private var openGeneric: NetlinkSocket?
  private var l2tpFamily: Int?

  /// The socket for links, addresses, routes and traffic control (rtnetlink(7)).
  func route() throws(NetlinkError) -> NetlinkSocket {
    if let openRoute { return openRoute }
    let socket = try NetlinkSocket(bus: NETLINK_ROUTE)
    openRoute = socket
    return socket
  }

  /// A socket for the firewall, for one look at it.
  func netfilter() throws(NetlinkError) -> NetlinkSocket { try NetlinkSocket(bus: NETLINK_NETFILTER) }

  /// The socket for generic netlink, and the number of the family `l2tp`, whose module the kernel loads if it can.
  func l2tp() throws(NetlinkError) -> (socket: NetlinkSocket, family: Int) {
    let socket: NetlinkSocket
    if let openGeneric {
      socket = openGeneric
    } else {
      socket = try NetlinkSocket(bus: NETLINK_GENERIC)
      openGeneric = socket
    }
    if let l2tpFamily { return (socket, l2tpFamily) }
    let family = try socket.resolveFamily(L2TP_GENL_NAME)
    l2tpFamily = family
    return (socket, family)
  }
}
