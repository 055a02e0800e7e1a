import CNetlink
import Glibc
import PWCore

/// Questions about the routes to peers, over one netlink socket that is kept; used by one thread.
final class RouteInquiry {
  private var socket: NetlinkSocket?

  /// Where packets to a peer go first; nil where the kernel does not say, or there is no route.
  ///
  /// - Parameter device: the interface or the VRF that they are bound to.
  func firstHop(to peer: IPAddress, from local: IPAddress, device: String?) -> FirstHop? {
    let name = BoundDevice.name(bindDevice: device, local: local)
    let request = RouteRequests.route(to: peer, from: local, device: name.map { if_nametoindex($0) } ?? 0)
    var hop: FirstHop?
    ask(request) { hop = RouteRequests.firstHop(in: $0) ?? hop }
    return hop
  }

  /// The MTU of an interface, in octets; nil where there is none of this index.
  func mtuOctets(of index: Int32) -> Int? {
    var octets: Int?
    ask(RouteRequests.link(index, name: "interface \(index)")) { octets = LinkInfo($0)?.mtuOctets ?? octets }
    return octets
  }

  private func ask(_ request: NetlinkMessage, _ answer: (ReceivedMessage) -> Void) {
    do throws(NetlinkError) {
      let open = if let socket { socket } else { try NetlinkSocket(bus: NETLINK_ROUTE) }
      socket = open
      try open.query(request, answer: answer)
    } catch {
      // Perhaps it is the socket that fails: the next question has a new one.
      socket = nil
    }
  }
}
