import FoundationEssentials
import Glibc
import PWCore
import PWLinux

extension MachineReader {
  /// More links than are looked at.
  private static let maximumLinks = 8_192

  /// Reads the site's links, and the ports of its bridges.
  func readLinks(_ facts: inout MachineFacts) {
    if question.links.count > Self.maximumLinks {
      facts.unread.append("\(question.links.count - Self.maximumLinks) of \(question.links.count) links: too many")
    }
    for name in question.links.prefix(Self.maximumLinks) {
      guard let link = link(name) else { continue }
      facts.links[name] = link
      for port in link.ports where facts.links[port] == nil { facts.links[port] = self.link(port) }
    }
    for name in ["all"] + files.names(in: "/proc/sys/net/ipv4/conf") {
      facts.reversePathFilters[name] = files.number("/proc/sys/net/ipv4/conf/\(name)/rp_filter")
    }
    let folder = "/proc/sys/net/bridge"
    facts.bridgeSwitches = switches { "\(folder)/\($0.sysctl)" }
  }

  /// The switches of bridge netfilter that are on, each in a file of its own.
  private func switches(_ path: (BridgeNetfilter.Switch) -> String) -> Set<BridgeNetfilter.Switch> {
    Set(BridgeNetfilter.Switch.allCases.filter { files.number(path($0)) ?? 0 != 0 })
  }

  private func link(_ name: String) -> LinkFacts? {
    let folder = "/sys/class/net/\(name)"
    guard let index = files.number("\(folder)/ifindex") else { return nil }
    var link = LinkFacts()
    link.index = index
    link.mtuOctets = files.number("\(folder)/mtu") ?? 0
    link.kind = FileTree.value(of: "DEVTYPE", in: files.text("\(folder)/uevent") ?? "") ?? ""
    link.ports = files.names(in: "\(folder)/brif")
    link.firewallCalls = switches { "\(folder)/bridge/\($0.setting)" }
    link.receiveDrops = files.number("\(folder)/statistics/rx_dropped").map(UInt64.init) ?? 0
    link.transmitDrops = files.number("\(folder)/statistics/tx_dropped").map(UInt64.init) ?? 0
    // The notes of three services about a link are filed by its number.
    let managed = files.text("/run/NetworkManager/devices/\(index)").flatMap { FileTree.value(of: "managed", in: $0) }
    link.isNetworkManagers = managed == "true"
    if let state = files.text("/run/systemd/netif/links/\(index)"),
      FileTree.value(of: "ADMIN_STATE", in: state) != "unmanaged"
    {
      link.networkFile = FileTree.value(of: "NETWORK_FILE", in: state)
    }
    if let note = files.text("/run/udev/data/n\(index)") {
      link.linkFile = FileTree.value(of: "E:ID_NET_LINK_FILE", in: note)
      link.addressPolicy = link.linkFile.flatMap { files.text($0) }.flatMap {
        FileTree.value(of: "MACAddressPolicy", in: $0)
      }
    }
    return link
  }

  /// Asks the kernel which links the tunnels' packets come and go by; nothing is sent.
  func readPaths(_ facts: inout MachineFacts) {
    guard files.root.isEmpty, !question.ends.isEmpty else { return }
    let links = Self.linksByAddress()
    for end in question.ends {
      guard let local = links[end.local], let source = Self.source(towards: end.peer), let route = links[source] else {
        continue
      }
      facts.paths.append(TunnelPath(tunnel: end.tunnel, localLink: local, routeLink: route))
    }
  }

  /// The IPv4 addresses of the machine, each with its link.
  private static func linksByAddress() -> [UInt32: String] {
    var links: [UInt32: String] = [:]
    var first: UnsafeMutablePointer<ifaddrs>?
    guard getifaddrs(&first) == 0 else { return links }
    defer { freeifaddrs(first) }
    // The list ends by itself: it is the C library's, in our memory.
    for entry in sequence(first: first, next: { $0?.pointee.ifa_next }) {
      guard let entry = entry?.pointee, let address = entry.ifa_addr, address.pointee.sa_family == UInt16(AF_INET)
      else { continue }
      let number = address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { $0.pointee.sin_addr.s_addr }
      links[UInt32(bigEndian: number)] = links[UInt32(bigEndian: number)] ?? String(cString: entry.ifa_name)
    }
    return links
  }

  /// The address that the kernel would take for packets to another one.
  private static func source(towards peer: UInt32) -> UInt32? {
    let question = Glibc.socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard question >= 0 else { return nil }
    defer { close(question) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = Engine.listeningPort.bigEndian
    address.sin_addr.s_addr = peer.bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    return withUnsafeMutableBytes(of: &address) { octets -> UInt32? in
      guard let start = octets.baseAddress?.assumingMemoryBound(to: sockaddr.self),
        connect(question, start, length) == 0, getsockname(question, start, &length) == 0
      else { return nil }
      let answer = octets.load(as: sockaddr_in.self)
      return UInt32(bigEndian: answer.sin_addr.s_addr)
    }
  }
}
