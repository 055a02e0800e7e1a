import CNetlink
import Glibc
public import PWCore

/// The tunnels and sessions of this machine's kernel, whoever made them, and the links that matter to them.
public struct L2TPInventory: Equatable, Sendable {
  /// A session and what else is known of it.
  public struct Session: Equatable, Sendable {
    /// As the kernel has it.
    public var session: KernelSession
    /// Whether its packets have the L2-Specific Sublayer; nil where it has not sent one yet that shows it.
    public var hasSublayer: Bool?
  }

  /// A link, as far as it matters.
  public struct Link: Equatable, Sendable {
    /// The interface name.
    public var name: String
    /// In octets.
    public var mtuOctets: Int
    /// Whether it is a bridge.
    public var isBridge: Bool
    /// The name of the link that it is a port of.
    public var master: String?
    /// The text that `ip link` shows as its alias.
    public var alias: String?
    /// Its addresses that somebody has given it for good, with the length of their prefix.
    public var addresses: [String]
  }

  /// In the order of their identifiers.
  public var tunnels: [KernelTunnel]
  /// In the order of their identifiers.
  public var sessions: [Session]
  /// In the order in which they were made.
  public var links: [Link]

  /// Reads the tables of this network namespace.
  ///
  /// - Throws: when the kernel has no L2TP, or refuses.
  public static func read() throws(EffectFailure) -> L2TPInventory {
    do throws(NetlinkError) {
      let sockets = NetlinkSockets()
      let table = L2TPTable(sockets: sockets)
      let tunnels = try table.tunnels()
      let encapsulations = Dictionary(tunnels.map { ($0.localID, $0.encapsulation) }) { $1 }
      var sessions: [Session] = []
      for session in try table.sessions() {
        let encapsulation = encapsulations[session.key.tunnel] ?? .udp
        let hasSublayer = try table.hasSublayer(session, interface: session.interfaceName, encapsulation)
        sessions.append(Session(session: session, hasSublayer: hasSublayer))
      }
      return L2TPInventory(tunnels: tunnels, sessions: sessions, links: try links(sockets))
    } catch {
      switch error.code {
      case ENOENT: throw EffectFailure("the kernel has no L2TP, or no module for it is loaded (modprobe l2tp_netlink)")
      case EPERM: throw EffectFailure("\(error): run as root, or with CAP_NET_ADMIN", isTemporary: false)
      case _: throw EffectFailure("\(error)")
      }
    }
  }

  private static func links(_ sockets: NetlinkSockets) throws(NetlinkError) -> [Link] {
    let route = try sockets.route()
    var found: [LinkInfo] = []
    try route.dump(RouteRequests.dumpLinks, restart: { found = [] }) { message in
      if let link = LinkInfo(message) { found.append(link) }
    }
    var addresses: [Int32: [String]] = [:]
    try route.dump(RouteRequests.dumpAddresses, restart: { addresses = [:] }) { message in
      guard let (index, address) = LinkAddress.read(message), !address.isLinkLocal,
        let flags = message.header(as: ifaddrmsg.self)?.ifa_flags, UInt32(flags) & UInt32(IFA_F_PERMANENT) != 0
      else { return }
      addresses[index, default: []].append("\(address.address)/\(address.prefixLengthBits)")
    }
    let names = Dictionary(found.map { ($0.index, $0.name) }) { $1 }
    return found.map { link in
      Link(
        name: link.name, mtuOctets: link.mtuOctets, isBridge: link.kind == "bridge", master: names[link.master],
        alias: link.alias, addresses: addresses[link.index] ?? [])
    }
  }
}
