import CLinux
import CNetlink
import Glibc
import PWCore

/// A change in the machine's links.
enum LinkChange {
  /// A link is new, or something that ``LinkInfo`` knows of it is different.
  case changed(old: LinkInfo?, new: LinkInfo)
  /// A link is gone.
  case removed(LinkInfo)
  /// A link got or lost an address other than a link-local one; a PPP link any.
  case addressed(LinkInfo)
}

/// The machine's links as the kernel tells of them: one table, kept by notifications (RTNLGRP_LINK and the address
/// groups), on the loop's thread.
final class LinkMonitor {
  /// The kernel drops notifications that do not fit: thousands of links at once must.
  static let receiveBufferOctets: Int32 = 32 << 20
  /// Batches of notifications taken in one wake before others have their turn.
  private static let batchesPerWake = 64
  /// How soon a table that could not be read is asked for again.
  private static let rereadDelay = Duration.seconds(1)
  /// More batches than the receive buffer holds.
  private static let mostBatchesWaiting = 2048

  private let loop: EventLoop
  private let descriptor: Descriptor
  private let batch = NotificationBatch()
  private var rereadTimer: EventLoop.TimerID?
  private var isDraining = false
  /// Every link by its index.
  private(set) var links: [Int32: LinkInfo] = [:]
  /// The ports of every bridge and bond, by its index.
  private(set) var ports: [Int32: Set<Int32>] = [:]
  /// The VLANs of every port of a bridge that has any, by the port's index.
  private(set) var portVLANs: [Int32: [PortVLANRange]] = [:]
  private var indexes: [String: Int32] = [:]
  private var addresses: [Int32: Set<LinkAddress>] = [:]
  private var observers: [(LinkChange) -> Void] = []
  private var vlanObservers: [(LinkInfo) -> Void] = []
  /// Answers to inquiries that nobody has taken yet: the last of each link.
  private var answers: [Int32: (inquiry: UInt32, link: LinkInfo)] = [:]
  private var lastInquiry: UInt32 = 0
  /// The socket's number on the bus: answers to inquiries carry it.
  private let port: UInt32

  /// Reads the tables and follows them from now on.
  init(loop: EventLoop, receiveBufferOctets: Int32 = receiveBufferOctets) throws(NetlinkError) {
    self.loop = loop
    do throws(SystemError) {
      descriptor = try LinkMonitor.subscribe(receiveBufferOctets)
      port = try LinkMonitor.port(of: descriptor)
      try refresh()
      try loop.watch(descriptor.rawValue, for: .read) { [unowned self] in drain() }
    } catch {
      throw NetlinkError(error)
    }
  }

  /// Tells `observer` of every change from now on.
  func observe(_ observer: @escaping (LinkChange) -> Void) { observers.append(observer) }

  /// Tells `observer` of every port of a bridge whose VLANs change from now on.
  func observePortVLANs(_ observer: @escaping (LinkInfo) -> Void) { vlanObservers.append(observer) }

  /// A link by its name.
  subscript(name: String) -> LinkInfo? { indexes[name].flatMap { links[$0] } }

  /// Whether a link carries addresses other than link-local ones.
  func hasAddresses(_ index: Int32) -> Bool { addresses[index]?.contains { !$0.isLinkLocal } ?? false }

  /// The addresses of a link, link-local ones among them.
  func addresses(of index: Int32) -> Set<LinkAddress> { addresses[index] ?? [] }

  /// Takes in what the kernel has told so far: after a request was acknowledged, its effects are among it.
  func drain() {
    // An observer may ask for it: the notifications that it waits for are being taken in already.
    if isDraining { return }
    isDraining = true
    defer { isDraining = false }
    for _ in 0..<LinkMonitor.batchesPerWake {
      guard case .datagrams(let count) = batch.receive(from: descriptor.rawValue) else {
        // The tables are read anew, and the differences told. Notifications that still wait are older than they are: a
        // link that has gone since would come back.
        discard()
        reread()
        return
      }
      for index in 0..<count {
        ReceivedMessage.walk(batch[index]) { message in
          take(message)
          return true
        }
      }
      if !NotificationBatch.mayHaveLeftSome(count) { return }
    }
  }

  /// Reads the tables anew; where the kernel cannot tell them now, for want of memory or of a descriptor, again in a
  /// while.
  private func reread() {
    do throws(SystemError) {
      try refresh()
    } catch {
      let timer = rereadTimer ?? loop.makeTimer { [unowned self] in reread() }
      rereadTimer = timer
      loop.setTimer(timer, after: LinkMonitor.rereadDelay)
    }
  }

  private func discard() {
    for _ in 0..<LinkMonitor.mostBatchesWaiting {
      if case .datagrams(0) = batch.receive(from: descriptor.rawValue) { return }
    }
  }

  /// Has the kernel's notifications wait to be asked for by ``drain()``, because they will be soon: while requests of
  /// ours are under way each of them brings several.
  func pause() { loop.suspend(descriptor.rawValue) }

  /// Takes notifications in as they come again.
  func resume() { loop.resume(descriptor.rawValue) }

  /// An inquiry that asks for links so that its answers are in this table.
  func makeInquiry() -> LinkInquiry {
    lastInquiry &+= 1
    return LinkInquiry(descriptor: descriptor, number: lastInquiry)
  }

  /// Takes what the kernel answered about a link to an inquiry, or to a later one; index 0 finds it by its name. Nil
  /// when the link is gone.
  func takeAnswer(to inquiry: LinkInquiry, _ index: Int32, name: String) -> LinkInfo? {
    guard let index = index == 0 ? indexes[name] : index, let answer = answers.removeValue(forKey: index) else {
      return nil
    }
    // The difference, so that numbers may begin anew.
    return Int32(bitPattern: answer.inquiry &- inquiry.number) >= 0 ? answer.link : nil
  }

  private static func subscribe(_ receiveBufferOctets: Int32) throws(SystemError) -> Descriptor {
    let type = Int32(SOCK_RAW.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    let descriptor = try Descriptor.checked(socket(AF_NETLINK, type, NETLINK_ROUTE), "open a netlink socket")
    var octets = receiveBufferOctets
    let length = socklen_t(MemoryLayout<Int32>.size)
    if setsockopt(descriptor.rawValue, SOL_SOCKET, SO_RCVBUFFORCE, &octets, length) != 0 {
      _ = setsockopt(descriptor.rawValue, SOL_SOCKET, SO_RCVBUF, &octets, length)
    }
    var address = sockaddr_nl()
    address.nl_family = sa_family_t(AF_NETLINK)
    let bound = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor.rawValue, $0, socklen_t(MemoryLayout<sockaddr_nl>.size))
      }
    }
    guard bound == 0 else { throw SystemError.last("bind a netlink socket") }
    for group in [RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR] {
      try descriptor.setOption(
        SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, Int32(group.rawValue), "follow the machine's links")
    }
    return descriptor
  }

  private static func port(of descriptor: Descriptor) throws(SystemError) -> UInt32 {
    var address = sockaddr_nl()
    var length = socklen_t(MemoryLayout<sockaddr_nl>.size)
    let result = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor.rawValue, $0, &length) }
    }
    guard result == 0 else { throw SystemError.last("ask for a netlink socket's port") }
    return address.nl_pid
  }

  private func refresh() throws(SystemError) {
    var links: [LinkInfo] = []
    var addresses: [(Int32, LinkAddress)] = []
    var vlans: [Int32: [PortVLANRange]] = [:]
    do throws(NetlinkError) {
      let socket = try NetlinkSocket(bus: NETLINK_ROUTE)
      try socket.dump(RouteRequests.dumpLinks, restart: { links = [] }) { message in
        if let link = LinkInfo(message) { links.append(link) }
      }
      try socket.dump(RouteRequests.dumpAddresses, restart: { addresses = [] }) { message in
        if let (index, address) = LinkAddress.read(message) { addresses.append((index, address)) }
      }
      try socket.dump(PortVLANRequests.dump, restart: { vlans = [:] }) { message in
        if let (index, ranges) = PortVLANRequests.read(message) { vlans[index] = ranges }
      }
    } catch {
      throw SystemError(code: error.code, attempt: error.attempt)
    }
    let present = Set(links.map(\.index))
    for gone in self.links.values where !present.contains(gone.index) { remove(gone) }
    self.addresses = [:]
    for (index, address) in addresses { self.addresses[index, default: []].insert(address) }
    for link in links { update(link) }
    for index in Set(portVLANs.keys).union(vlans.keys) { updateVLANs(index, vlans[index] ?? []) }
  }

  private func updateVLANs(_ index: Int32, _ ranges: [PortVLANRange]) {
    guard portVLANs[index] ?? [] != ranges else { return }
    portVLANs[index] = ranges.isEmpty ? nil : ranges
    if let link = links[index] { for observer in vlanObservers { observer(link) } }
  }

  private func take(_ message: ReceivedMessage) {
    switch message.type {
    case RTM_NEWLINK:
      if let link = LinkInfo(message) {
        if message.port == port { answers[link.index] = (message.sequence, link) }
        update(link)
      } else {
        if let port = LinkMonitor.port(in: message), var link = links[port.index] {
          link.isIsolated = port.isIsolated ?? link.isIsolated
          link.portState = port.state ?? link.portState
          update(link)
        }
        if let (index, ranges) = PortVLANRequests.read(message) { updateVLANs(index, ranges) }
      }
    case RTM_DELLINK:
      // The end of a port is not that of the link.
      if let (index, _) = PortVLANRequests.read(message) { updateVLANs(index, []) }
      if let link = LinkInfo(message) { remove(links[link.index] ?? link) }
    case RTM_NEWADDR, RTM_DELADDR:
      guard let (index, address) = LinkAddress.read(message) else { return }
      let old = addresses(of: index)
      // An IPv6 address is told first without the other end's, then with it: it is the same one.
      if address.family == .v6 { addresses[index] = old.filter { $0.address != address.address } }
      if message.type == RTM_NEWADDR {
        addresses[index, default: []].insert(address)
      } else {
        addresses[index]?.remove(address)
      }
      guard let link = links[index] else { return }
      let new = addresses(of: index)
      guard old != new else { return }
      if link.kind == "ppp" || old.filter({ !$0.isLinkLocal }) != new.filter({ !$0.isLinkLocal }) {
        tell(.addressed(link))
      }
    case _: break
    }
  }

  private func update(_ link: LinkInfo) {
    let old = links[link.index]
    guard old != link else { return }
    if let old, old.name != link.name, indexes[old.name] == link.index { indexes[old.name] = nil }
    if let old, old.master != link.master { leave(old) }
    if link.master != 0 { ports[link.master, default: []].insert(link.index) }
    links[link.index] = link
    indexes[link.name] = link.index
    tell(.changed(old: old, new: link))
  }

  private func remove(_ link: LinkInfo) {
    guard let known = links.removeValue(forKey: link.index) else { return }
    leave(known)
    addresses[link.index] = nil
    answers[link.index] = nil
    portVLANs[link.index] = nil
    if indexes[link.name] == link.index { indexes[link.name] = nil }
    tell(.removed(link))
  }

  private func leave(_ link: LinkInfo) {
    guard link.master != 0 else { return }
    ports[link.master]?.remove(link.index)
    if ports[link.master]?.isEmpty == true { ports[link.master] = nil }
  }

  private func tell(_ change: LinkChange) {
    for observer in observers { observer(change) }
  }

  /// The bridge's own message about one of its ports: it says what the link's message says only when something else
  /// changes too.
  private static func port(
    in message: ReceivedMessage
  ) -> (index: Int32, isIsolated: Bool?, state: PortState?)? {
    guard let header = message.header(as: ifinfomsg.self), header.ifi_family == AF_BRIDGE,
      let port = message.attributes(after: ifinfomsg.self).first(IFLA_PROTINFO)?.nested
    else { return nil }
    let isIsolated = port.first(IFLA_BRPORT_ISOLATED)?.number(as: UInt8.self).map { $0 != 0 }
    return (header.ifi_index, isIsolated, PortState(port))
  }
}
