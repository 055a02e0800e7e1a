import CNetlink
import Glibc
import PWCore
import Testing

@testable import PWLinux

/// The requests as the kernel reads them: type, fixed header and attributes of each, independent of their maker.
@Suite("Requests about links and addresses") struct RouteRequestsTests {
  private let name: [UInt8] = Array("br0".utf8) + [0]

  @Test("A bridge is made with its name, its settings and its own of a bridge in one") func createBridge() throws {
    let settings = LinkSettings(mtuOctets: 1_446, address: [2, 0, 0, 0, 0, 1], alias: "pwmgr", filtersVLANs: true)
    let request = Request(RouteRequests.createBridge("br0", settings))
    #expect(request.type == RTM_NEWLINK)
    #expect(request.flags == NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL)
    let header = request.header(as: ifinfomsg.self)
    #expect(header.ifi_index == 0 && header.ifi_flags == 0 && header.ifi_change == 0)
    #expect(
      request.attributes(after: ifinfomsg.self) == [
        [IFLA_IFNAME]: name, [IFLA_MTU]: octets(UInt32(1_446)), [IFLA_ADDRESS]: [2, 0, 0, 0, 0, 1],
        [IFLA_IFALIAS]: Array("pwmgr".utf8) + [0], [IFLA_LINKINFO, IFLA_INFO_KIND]: Array("bridge".utf8) + [0],
        [IFLA_LINKINFO, IFLA_INFO_DATA, IFLA_BR_STP_STATE]: octets(UInt32(0)),
        [IFLA_LINKINFO, IFLA_INFO_DATA, IFLA_BR_VLAN_FILTERING]: [1],
      ])
  }

  @Test("Nothing is in a change but what changes", arguments: [true, false]) func change(isUp: Bool) {
    let request = Request(
      RouteRequests.change(
        7, name: "pw0",
        LinkSettings(isUp: isUp, isPromiscuous: !isUp, master: isUp ? 9 : 0, generatesAddresses: false)))
    #expect(request.type == RTM_NEWLINK && request.flags == NLM_F_REQUEST)
    let header = request.header(as: ifinfomsg.self)
    #expect(header.ifi_index == 7 && header.ifi_family == 0)
    #expect(header.ifi_change == UInt32(IFF_UP | IFF_PROMISC))
    #expect(header.ifi_flags == UInt32(isUp ? IFF_UP : IFF_PROMISC))
    #expect(
      request.attributes(after: ifinfomsg.self) == [
        [IFLA_MASTER]: octets(Int32(isUp ? 9 : 0)),
        [IFLA_AF_SPEC, Int(AF_INET6), IFLA_INET6_ADDR_GEN_MODE]: [UInt8(IN6_ADDR_GEN_MODE_NONE.rawValue)],
      ])
  }

  @Test("A port's and a bridge's own settings say whose they are") func bridgeSettings() {
    let port = Request(RouteRequests.change(7, name: "pw0", LinkSettings(isIsolated: true)))
    #expect(
      port.attributes(after: ifinfomsg.self) == [
        [IFLA_LINKINFO, IFLA_INFO_SLAVE_KIND]: Array("bridge".utf8) + [0],
        [IFLA_LINKINFO, IFLA_INFO_SLAVE_DATA, IFLA_BRPORT_ISOLATED]: [1],
      ])
    let bridge = Request(RouteRequests.change(7, name: "br0", LinkSettings(spanningTree: true)))
    #expect(
      bridge.attributes(after: ifinfomsg.self) == [
        [IFLA_LINKINFO, IFLA_INFO_KIND]: Array("bridge".utf8) + [0],
        [IFLA_LINKINFO, IFLA_INFO_DATA, IFLA_BR_STP_STATE]: octets(UInt32(1)),
      ])
  }

  @Test("A link without an index is found by its name; a name, an alias and an MTU are given") func names() {
    let byName = Request(RouteRequests.change(0, name: "br0", LinkSettings(mtuOctets: 1_500, alias: "")))
    #expect(byName.header(as: ifinfomsg.self).ifi_index == 0)
    #expect(
      byName.attributes(after: ifinfomsg.self) == [
        [IFLA_IFNAME]: name, [IFLA_MTU]: octets(UInt32(1_500)), [IFLA_IFALIAS]: [0],
      ])
    let renamed = Request(RouteRequests.change(7, name: "l2tpeth0", LinkSettings(name: "br0")))
    #expect(renamed.attributes(after: ifinfomsg.self) == [[IFLA_IFNAME]: name])
    #expect(renamed.header(as: ifinfomsg.self).ifi_change == 0)
  }

  @Test("A link is removed by its index") func delete() {
    let request = Request(RouteRequests.delete(7, name: "br0"))
    #expect(request.type == RTM_DELLINK && request.flags == NLM_F_REQUEST)
    #expect(request.header(as: ifinfomsg.self).ifi_index == 7)
    #expect(request.attributes(after: ifinfomsg.self).isEmpty)
  }

  @Test("An address is given and taken with its prefix", arguments: ["192.0.2.1/24", "2001:db8::1/64"], [true, false])
  func address(text: String, isWanted: Bool) throws {
    let address = try #require(InterfaceAddress(text))
    let request = Request(RouteRequests.address(address, on: 7, name: "br0", isWanted: isWanted))
    #expect(request.type == (isWanted ? RTM_NEWADDR : RTM_DELADDR))
    #expect(request.flags == NLM_F_REQUEST | (isWanted ? NLM_F_CREATE | NLM_F_REPLACE : 0))
    let header = request.header(as: ifaddrmsg.self)
    #expect(header.ifa_index == 7 && header.ifa_prefixlen == UInt8(address.prefixLengthBits))
    #expect(header.ifa_family == UInt8(address.address.family.systemValue) && header.ifa_scope == 0)
    let expected: [UInt8] =
      switch address.address {
      case .v4(let number): octets(number.bigEndian)
      case .v6(let high, let low, _): octets(high.bigEndian) + octets(low.bigEndian)
      }
    #expect(request.attributes(after: ifaddrmsg.self) == [[IFA_LOCAL]: expected, [IFA_ADDRESS]: expected])
  }

  private func octets(_ value: some Any) -> [UInt8] { withUnsafeBytes(of: value) { Array($0) } }
}

/// A request, read as the kernel reads it.
private struct Request {
  let type: Int
  let flags: Int32
  private let payload: [UInt8]

  init(_ message: NetlinkMessage) {
    guard let header = nlmsg_hdr(message.pointer) else { preconditionFailure("a message has a header") }
    type = Int(header.pointee.nlmsg_type)
    flags = Int32(header.pointee.nlmsg_flags)
    let whole = UnsafeRawBufferPointer(start: header, count: Int(header.pointee.nlmsg_len))
    payload = Array(whole.dropFirst(MemoryLayout<nlmsghdr>.size))
  }

  func header<Header>(as: Header.Type) -> Header { payload.withUnsafeBytes { $0.loadUnaligned(as: Header.self) } }

  /// The attributes that hold no others, each by the numbers that lead to it.
  func attributes<Header>(after: Header.Type) -> [[Int]: [UInt8]] {
    Self.attributes(in: Array(payload.dropFirst((MemoryLayout<Header>.size + 3) & ~3)), below: [])
  }

  private static let nests: Set<[Int]> = [
    [IFLA_LINKINFO], [IFLA_LINKINFO, IFLA_INFO_DATA], [IFLA_LINKINFO, IFLA_INFO_SLAVE_DATA], [IFLA_AF_SPEC],
    [IFLA_AF_SPEC, Int(AF_INET6)],
  ]

  private static func attributes(in octets: [UInt8], below path: [Int]) -> [[Int]: [UInt8]] {
    var found: [[Int]: [UInt8]] = [:]
    var seen: Set<Int> = []
    var rest = octets[...]
    while rest.count >= 4 {
      let (length, type) = rest.withUnsafeBytes {
        (Int($0.loadUnaligned(as: UInt16.self)), Int($0.loadUnaligned(fromByteOffset: 2, as: UInt16.self)))
      }
      // Without the bits that say of what kind it is (NLA_TYPE_MASK).
      let place = path + [type & 0x3FFF]
      #expect(seen.insert(type & 0x3FFF).inserted, "\(place) is there twice")
      let value = Array(rest.dropFirst(4).prefix(length - 4))
      found.merge(nests.contains(place) ? attributes(in: value, below: place) : [place: value]) { first, _ in first }
      rest = rest.dropFirst((length + 3) & ~3)
    }
    return found
  }
}
