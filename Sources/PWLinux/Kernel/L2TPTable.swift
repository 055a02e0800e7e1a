import CNetlink
import Glibc
import PWCore

/// The kernel's tables of tunnels and sessions, read by one of the netlink sockets of a thread.
struct L2TPTable {
  /// The thread's sockets.
  let sockets: NetlinkSockets
  /// Looks at a session's counters and its interface's before it is given up: packets that leave in between belong to
  /// one of them alone.
  private static let countingAttempts = 16

  /// All tunnels of this network namespace, in the order of their identifiers.
  func tunnels() throws(NetlinkError) -> [KernelTunnel] {
    let (socket, family) = try sockets.l2tp()
    var tunnels: [KernelTunnel] = []
    try socket.dump({ L2TPRequests.dumpTunnels(family: family) }, restart: { tunnels = [] }) { message in
      if let tunnel = KernelTunnel(message) { tunnels.append(tunnel) }
    }
    return tunnels.sorted { $0.localID.rawValue < $1.localID.rawValue }
  }

  /// All sessions of this network namespace, in the order of their identifiers.
  func sessions() throws(NetlinkError) -> [KernelSession] {
    let (socket, family) = try sockets.l2tp()
    var sessions: [KernelSession] = []
    try socket.dump({ L2TPRequests.dumpSessions(family: family) }, restart: { sessions = [] }) { message in
      if let session = KernelSession(message) { sessions.append(session) }
    }
    return sessions.sorted {
      ($0.key.tunnel.rawValue, $0.key.session.rawValue) < ($1.key.tunnel.rawValue, $1.key.session.rawValue)
    }
  }

  /// One tunnel; nil where there is none.
  func tunnel(_ id: ControlConnectionID) throws(NetlinkError) -> KernelTunnel? {
    let (socket, family) = try sockets.l2tp()
    return try Self.ifThere(socket, L2TPRequests.tunnel(id, family: family), KernelTunnel.init)
  }

  /// One session; nil where there is none.
  func session(_ key: SessionKey) throws(NetlinkError) -> KernelSession? {
    let (socket, family) = try sockets.l2tp()
    return try Self.ifThere(socket, L2TPRequests.session(key, family: family), KernelSession.init)
  }

  /// Whether a session's packets have the L2-Specific Sublayer; nil where nothing was sent yet that shows it.
  ///
  /// - Parameters:
  ///   - session: as it was read.
  ///   - interface: the name of its interface.
  ///   - encapsulation: of its tunnel.
  func hasSublayer(
    _ session: KernelSession, interface: String, _ encapsulation: Encapsulation
  ) throws(NetlinkError) -> Bool? {
    let route = try sockets.route()
    var session = session
    for _ in 0..<Self.countingAttempts {
      let read = { (message: ReceivedMessage) in SentFrames(link: message) }
      guard let sent = try Self.ifThere(route, RouteRequests.link(named: interface), read) else { return nil }
      if let found = session.hasSublayer(interface: sent, encapsulation) { return found }
      guard let newer = try self.session(session.key) else { return nil }
      if newer == session { return nil }
      session = newer
    }
    return nil
  }

  private static func ifThere<Value>(
    _ socket: NetlinkSocket, _ request: NetlinkMessage, _ read: (ReceivedMessage) -> Value?
  ) throws(NetlinkError) -> Value? {
    var found: Value?
    do throws(NetlinkError) {
      try socket.query(request) { found = read($0) ?? found }
    } catch  where error.code == ENODEV {
      return nil
    }
    return found
  }
}

extension SentFrames {
  /// What a link has sent (IFLA_STATS64); nil where it does not tell.
  init?(link message: ReceivedMessage) {
    let value = message.attributes(after: ifinfomsg.self).first(Int(IFLA_STATS64))?.value
    guard let value, value.count >= MemoryLayout<rtnl_link_stats64>.size else { return nil }
    let statistics = value.loadUnaligned(as: rtnl_link_stats64.self)
    self.init(packets: statistics.tx_packets, octets: statistics.tx_bytes)
  }
}
