import CNetlink
import Glibc
public import PWCore

/// A link that has an address, and the VRF that the link is a port of.
struct AddressHolder: Equatable {
  /// The name of the interface that has the address.
  var link: String
  /// The interface name of its VRF; nil is the default VRF.
  var vrf: String?
}

/// Asks the kernel for its VRFs (Linux Documentation/networking/vrf.rst). Each has a table of routes of its own, and
/// the addresses of its ports are local in there alone: a socket that is bound to no interface cannot have them.
struct VRFInquiry {
  /// VRFs that are told of at most: each costs a look at its routes.
  static let mostNames = 64

  private let socket: NetlinkSocket

  /// Opens a netlink socket for one inquiry.
  init() throws(NetlinkError) { socket = try NetlinkSocket(bus: NETLINK_ROUTE) }

  /// The links that have an address, in whatever VRF.
  func holders(of address: IPAddress) throws(NetlinkError) -> [AddressHolder] {
    var found: [(index: Int32, address: LinkAddress)] = []
    try socket.dump(RouteRequests.dumpAddresses, restart: { found = [] }) { message in
      if let each = LinkAddress.read(message), each.address.address.isSameHost(as: address) { found.append(each) }
    }
    var holders: [AddressHolder] = []
    let zone = BoundDevice.name(bindDevice: nil, local: address)
    for index in found.map(\.index) {
      guard let link = try link(index), zone == nil || zone == link.name else { continue }
      holders.append(AddressHolder(link: link.name, vrf: try vrf(of: link)))
    }
    return holders
  }

  /// The VRF that a socket is in which is bound to an interface: the interface itself, or the one that it is a port of.
  func vrf(ofDevice name: String) throws(NetlinkError) -> String? {
    guard let link = try answer(RouteRequests.link(named: name)) else { return nil }
    return try link.isVRF ? link.name : vrf(of: link)
  }

  /// The interface names of the VRFs that there are.
  func names() throws(NetlinkError) -> [String] {
    var names: [String] = []
    try socket.dump(RouteRequests.dumpVRFs, restart: { names = [] }) { message in
      if let link = LinkInfo(message), link.isVRF, names.count < Self.mostNames { names.append(link.name) }
    }
    return names
  }

  private func vrf(of link: LinkInfo) throws(NetlinkError) -> String? {
    guard link.master != 0, let master = try self.link(link.master), master.isVRF else { return nil }
    return master.name
  }

  private func link(_ index: Int32) throws(NetlinkError) -> LinkInfo? {
    try answer(RouteRequests.link(index, name: "interface \(index)"))
  }

  /// The link that the kernel answers with; nil when it is gone.
  private func answer(_ request: NetlinkMessage) throws(NetlinkError) -> LinkInfo? {
    var link: LinkInfo?
    do throws(NetlinkError) {
      try socket.query(request) { link = LinkInfo($0) ?? link }
    } catch  where error.code == ENODEV {
      return nil
    }
    return link
  }
}

extension LinkInfo {
  /// The kind of a VRF's interface (drivers/net/vrf.c).
  static let vrfKind = "vrf"

  /// Whether it is the interface of a VRF.
  var isVRF: Bool { kind == LinkInfo.vrfKind }
}

extension LinkMonitor {
  /// The VRF of the sockets that are bound to an interface, or have an address of a link; nil is the default VRF.
  func vrf(ofDevice name: String) -> String? {
    guard let link = self[name] else { return nil }
    if link.isVRF { return link.name }
    guard link.master != 0, let master = links[link.master], master.isVRF else { return nil }
    return master.name
  }
}

extension NetlinkService {
  /// The VRF that a tunnel belongs to: that of its `bind-device`, or else of the link that has its `local` address. Nil
  /// is the default VRF, and so is what is not there yet.
  public func vrf(of tunnel: TunnelDeclaration) -> String? {
    if let device = tunnel.bindDevice { return monitor.vrf(ofDevice: device) }
    guard let local = tunnel.local else { return nil }
    let holders = monitor.links.values.filter { link in
      monitor.addresses(of: link.index).contains { $0.address.isSameHost(as: local) }
    }
    let vrfs = holders.map { monitor.vrf(ofDevice: $0.name) }
    return vrfs.contains(nil) ? nil : vrfs.compactMap(\.self).min()
  }
}
