import CLinux
import CNetlink
import Glibc
import PWCore
import Synchronization

/// Makes sessions and tunnels in the kernel: what runs on the worker's thread.
struct SessionMaker: Sendable {
  /// How ours are told from others'.
  let mark: LinkMark

  /// Makes a tunnel over a socket.
  func create(_ request: TunnelRequest, descriptor: Descriptor, _ sockets: NetlinkSockets) throws(NetlinkError) {
    let (socket, family) = try sockets.l2tp()
    try socket.transact(L2TPRequests.createTunnel(request, descriptor: descriptor.rawValue, family: family))
  }

  /// Makes a session that carries PPP, and opens its end.
  func createPPP(
    _ request: SessionRequest, peerTunnelID: ControlConnectionID, _ sockets: NetlinkSockets
  ) throws(NetlinkError) -> PPPChannel {
    let (socket, family) = try sockets.l2tp()
    try socket.transact(L2TPRequests.createSession(request, family: family))
    do throws(SystemError) {
      return try PPPChannel.open(request, peerTunnelID: peerTunnelID)
    } catch {
      try delete(SessionKey(tunnel: request.tunnelID, session: request.localID), sockets)
      throw NetlinkError(error)
    }
  }

  /// Makes a session that carries Ethernet, its interface down.
  ///
  /// - Parameters:
  ///   - request: the session.
  ///   - isDying: whether an interface of that name belongs to a session that the kernel is still deleting.
  ///   - sockets: the worker's.
  func create(_ request: SessionRequest, isDying: Bool, _ sockets: NetlinkSockets) throws(NetlinkError) {
    let (socket, family) = try sockets.l2tp()
    do throws(NetlinkError) {
      try socket.transact(L2TPRequests.createSession(request, family: family))
    } catch {
      guard error.code == EEXIST, try pushAside(request.interfaceName, isDying: isDying, sockets) else { throw error }
      try socket.transact(L2TPRequests.createSession(request, family: family))
    }
  }

  /// Takes the name from the interface of a session that is on its way out: the kernel deletes sessions one by one, each after
  /// waiting for every processor, and holds the name until then.
  ///
  /// - Returns: whether the name may be free now.
  private func pushAside(_ name: String, isDying: Bool, _ sockets: NetlinkSockets) throws(NetlinkError) -> Bool {
    let route = try sockets.route()
    var found: LinkInfo?
    do throws(NetlinkError) {
      try route.query(RouteRequests.link(named: name)) { found = LinkInfo($0) ?? found }
    } catch {
      // It has just gone.
      if error.code == ENODEV { return true }
      throw error
    }
    guard let found, isDying || mark.matches(found.alias) else { return false }
    try takeName(from: found, sockets)
    return true
  }

  /// Gives an interface another name. The kernel may be done with it at any moment: then its name is free, too.
  func takeName(from link: LinkInfo, _ sockets: NetlinkSockets) throws(NetlinkError) {
    let route = try sockets.route()
    var settings = LinkSettings()
    settings.isUp = false
    settings.master = 0
    var name = LinkSettings()
    name.name = "pwgone\(String(UInt32(bitPattern: link.index), radix: 36))"
    do throws(NetlinkError) {
      try route.transact(RouteRequests.change(link.index, name: link.name, settings))
      try route.transact(RouteRequests.change(link.index, name: link.name, name))
    } catch {
      if error.code != ENODEV { throw error }
    }
  }

  /// Removes a session; one that is gone already is not a failure.
  func delete(_ key: SessionKey, _ sockets: NetlinkSockets) throws(NetlinkError) {
    let (socket, family) = try sockets.l2tp()
    do throws(NetlinkError) {
      try socket.transact(L2TPRequests.deleteSession(key, family: family))
    } catch {
      if error.code != ENODEV { throw error }
    }
  }

  /// Whether a tunnel is there; true when the kernel does not say.
  func exists(_ tunnel: ControlConnectionID, _ sockets: NetlinkSockets) -> Bool {
    do throws(NetlinkError) {
      let (socket, family) = try sockets.l2tp()
      try socket.query(L2TPRequests.tunnel(tunnel, family: family)) { _ in }
      return true
    } catch {
      return error.code != ENODEV
    }
  }

  /// The counters of every tunnel and session of this network namespace, ours or not.
  func readCounters(_ sockets: NetlinkSockets) throws(NetlinkError) -> DataPlaneCounters {
    let (socket, family) = try sockets.l2tp()
    var sessions: [SessionKey: TrafficCounters] = [:]
    try socket.dump({ L2TPRequests.dumpSessions(family: family) }, restart: { sessions = [:] }) { message in
      guard let (tunnel, session, counters) = L2TPRequests.counters(in: message), let session else { return }
      sessions[SessionKey(tunnel: tunnel, session: session)] = counters
    }
    return DataPlaneCounters(sessions: sessions, tunnels: try readTunnelCounters(sockets))
  }

  /// The counters of every tunnel of this network namespace, ours or not.
  func readTunnelCounters(_ sockets: NetlinkSockets) throws(NetlinkError) -> [ControlConnectionID: TrafficCounters] {
    let (socket, family) = try sockets.l2tp()
    var tunnels: [ControlConnectionID: TrafficCounters] = [:]
    try socket.dump({ L2TPRequests.dumpTunnels(family: family) }, restart: { tunnels = [:] }) { message in
      guard let (tunnel, _, counters) = L2TPRequests.counters(in: message) else { return }
      tunnels[tunnel] = counters
    }
    return tunnels
  }
}
