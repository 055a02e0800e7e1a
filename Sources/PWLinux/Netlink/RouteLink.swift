import CNetlink
import Glibc
import PWCore

/// A link, or what is to become of one, as libnl-route describes it: the library builds requests from it
/// (rtnetlink(7)).
///
/// Of a bridge's and a port's own settings it knows too little in Debian 12 (libnl 3.7 has neither the spanning tree
/// nor the isolation of ports): those are appended by ``RouteRequests``.
final class RouteLink {
  /// libnl's `struct rtnl_link`.
  let pointer: OpaquePointer

  /// A link of which nothing is said yet.
  init() {
    guard let link = rtnl_link_alloc() else { fatalError("out of memory") }
    pointer = link
  }

  /// A link that is there: its index, or where that is 0 its name, says which.
  convenience init(_ index: Int32) {
    self.init()
    if index != 0 { rtnl_link_set_ifindex(pointer, index) }
  }

  deinit { rtnl_link_put(pointer) }

  /// Says what is to be changed of it, or how it is to be made.
  func set(_ settings: LinkSettings) {
    if let name = settings.name { rtnl_link_set_name(pointer, name) }
    set(UInt32(IFF_UP), settings.isUp)
    set(UInt32(IFF_PROMISC), settings.isPromiscuous)
    if let address = settings.address { set(address: address) }
    if let mtu = settings.mtuOctets { rtnl_link_set_mtu(pointer, UInt32(mtu)) }
    if let alias = settings.alias { rtnl_link_set_ifalias(pointer, alias) }
    if let master = settings.master { rtnl_link_set_master(pointer, master) }
    if let generates = settings.generatesAddresses {
      let mode = UInt8(generates ? IN6_ADDR_GEN_MODE_EUI64.rawValue : IN6_ADDR_GEN_MODE_NONE.rawValue)
      let result = rtnl_link_inet6_set_addr_gen_mode(pointer, mode)
      precondition(result == 0, "libnl-route knows IPv6")
    }
  }

  private func set(_ flag: UInt32, _ isSet: Bool?) {
    guard let isSet else { return }
    if isSet { rtnl_link_set_flags(pointer, flag) } else { rtnl_link_unset_flags(pointer, flag) }
  }

  private func set(address: [UInt8]) {
    guard let hardware = nl_addr_build(AF_LLC, address, address.count) else { fatalError("out of memory") }
    rtnl_link_set_addr(pointer, hardware)
    nl_addr_put(hardware)
  }

  // MARK: Requests

  /// Makes it (RTM_NEWLINK).
  func addRequest(attempt: String) -> NetlinkMessage {
    NetlinkMessage(attempt: attempt) { rtnl_link_build_add_request(pointer, NLM_F_CREATE | NLM_F_EXCL, $0) }
  }

  /// Changes a link that is there to what this one says (RTM_NEWLINK).
  func changeRequest(of known: RouteLink, attempt: String) -> NetlinkMessage {
    NetlinkMessage(attempt: attempt) { rtnl_link_build_change_request(known.pointer, pointer, 0, $0) }
  }

  /// Removes it (RTM_DELLINK).
  func deleteRequest(attempt: String) -> NetlinkMessage {
    NetlinkMessage(attempt: attempt) { rtnl_link_build_delete_request(pointer, $0) }
  }
}

/// An address of a link, as libnl-route describes it.
final class RouteAddress {
  private let pointer: OpaquePointer

  init(_ address: InterfaceAddress, on index: Int32) {
    guard let described = rtnl_addr_alloc() else { fatalError("out of memory") }
    pointer = described
    rtnl_addr_set_ifindex(described, index)
    let family = address.address.family.systemValue
    let local =
      switch address.address {
      case .v4(let number): withUnsafeBytes(of: number.bigEndian) { nl_addr_build(family, $0.baseAddress, $0.count) }
      case .v6(let high, let low, _):
        withUnsafeBytes(of: in6_addr(high: high, low: low)) { nl_addr_build(family, $0.baseAddress, $0.count) }
      }
    guard let local else { fatalError("out of memory") }
    nl_addr_set_prefixlen(local, Int32(address.prefixLengthBits))
    let result = rtnl_addr_set_local(described, local)
    precondition(result == 0, "an address has one family")
    nl_addr_put(local)
  }

  deinit { rtnl_addr_put(pointer) }

  /// Gives it to the link, or changes it there (RTM_NEWADDR).
  func addRequest(attempt: String) -> NetlinkMessage {
    NetlinkMessage(attempt: attempt) { rtnl_addr_build_add_request(pointer, NLM_F_CREATE | NLM_F_REPLACE, $0) }
  }

  /// Takes it from the link (RTM_DELADDR).
  func deleteRequest(attempt: String) -> NetlinkMessage {
    NetlinkMessage(attempt: attempt) { rtnl_addr_build_delete_request(pointer, 0, $0) }
  }
}
