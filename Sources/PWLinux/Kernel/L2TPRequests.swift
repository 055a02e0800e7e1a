import CNetlink
import Glibc
import PWCore

/// Requests of the generic netlink family `l2tp` (linux/l2tp.h), built; none of them is sent here.
enum L2TPRequests {
  /// SESSION_CREATE, with everything that identifies the session; the sublayer and the sequencing are never left to the
  /// kernel's defaults, which differ between netlink and PPPoX.
  static func createSession(_ request: SessionRequest, family: Int) -> NetlinkMessage {
    let message = begin(
      family, L2TP_CMD_SESSION_CREATE, flags: 0,
      "create the session \(request.localID.rawValue) (\(request.interfaceName))")
    message.put(L2TP_ATTR_CONN_ID, request.tunnelID.rawValue)
    message.put(L2TP_ATTR_SESSION_ID, request.localID.rawValue)
    message.put(L2TP_ATTR_PEER_SESSION_ID, request.peerID.rawValue)
    message.put(L2TP_ATTR_PW_TYPE, kernelType(of: request.payload))
    // A PPP session has no interface before PPP is spoken on it.
    if request.payload == .ethernet { message.put(L2TP_ATTR_IFNAME, text: request.interfaceName) }
    message.put(L2TP_ATTR_L2SPEC_TYPE, UInt8(request.sublayer == .standard ? 1 : 0))
    // The kernel's COOKIE is what it sends; PEER_COOKIE is what it expects.
    for (attribute, cookie) in [
      (L2TP_ATTR_COOKIE, request.transmitCookie), (L2TP_ATTR_PEER_COOKIE, request.receiveCookie),
    ] where cookie.lengthOctets > 0 { message.put(attribute, octets: cookie.octets) }
    let sequenced = UInt8(request.isSequenced ? 1 : 0)
    message.put(L2TP_ATTR_SEND_SEQ, sequenced)
    message.put(L2TP_ATTR_RECV_SEQ, sequenced)
    // Otherwise the kernel switches sequencing on and off by what it receives.
    message.put(L2TP_ATTR_LNS_MODE, sequenced)
    return message
  }

  /// A tunnel over a socket of ours.
  static func createTunnel(_ request: TunnelRequest, descriptor: Int32, family: Int) -> NetlinkMessage {
    let message = begin(
      family, L2TP_CMD_TUNNEL_CREATE, flags: 0,
      "create the tunnel \(request.localID.rawValue) to \(request.remote.display)")
    message.put(L2TP_ATTR_CONN_ID, request.localID.rawValue)
    message.put(L2TP_ATTR_PEER_CONN_ID, request.peerID.rawValue)
    message.put(L2TP_ATTR_PROTO_VERSION, UInt8(3))
    message.put(L2TP_ATTR_ENCAP_TYPE, kernelType(of: request.encapsulation))
    message.put(L2TP_ATTR_FD, UInt32(bitPattern: descriptor))
    return message
  }

  /// Removes one session (L2TP_CMD_SESSION_DELETE); an Ethernet session's interface goes with it.
  static func deleteSession(_ key: SessionKey, family: Int) -> NetlinkMessage {
    let message = begin(family, L2TP_CMD_SESSION_DELETE, flags: 0, "delete the session \(key.session.rawValue)")
    message.put(L2TP_ATTR_CONN_ID, key.tunnel.rawValue)
    message.put(L2TP_ATTR_SESSION_ID, key.session.rawValue)
    return message
  }

  /// Asks whether a tunnel is there.
  static func tunnel(_ id: ControlConnectionID, family: Int) -> NetlinkMessage {
    let message = begin(family, L2TP_CMD_TUNNEL_GET, flags: 0, "look at the tunnel \(id.rawValue)")
    message.put(L2TP_ATTR_CONN_ID, id.rawValue)
    return message
  }

  /// Asks for one session.
  static func session(_ key: SessionKey, family: Int) -> NetlinkMessage {
    let message = begin(family, L2TP_CMD_SESSION_GET, flags: 0, "look at the session \(key.session.rawValue)")
    message.put(L2TP_ATTR_CONN_ID, key.tunnel.rawValue)
    message.put(L2TP_ATTR_SESSION_ID, key.session.rawValue)
    return message
  }

  /// Asks for all tunnels, with their counters.
  static func dumpTunnels(family: Int) -> NetlinkMessage {
    begin(family, L2TP_CMD_TUNNEL_GET, flags: 0, "list the tunnels")
  }

  /// Asks for all sessions, with their counters.
  static func dumpSessions(family: Int) -> NetlinkMessage {
    begin(family, L2TP_CMD_SESSION_GET, flags: 0, "list the sessions")
  }

  /// Reads one message of either dump: whose counters; the session is nil for a tunnel's.
  static func counters(
    in message: ReceivedMessage
  ) -> (tunnel: ControlConnectionID, session: SessionID?, counters: TrafficCounters)? {
    var tunnel: UInt32?
    var session: UInt32?
    var counters = TrafficCounters()
    for attribute in message.attributes(after: genlmsghdr.self) {
      switch attribute.type {
      case L2TP_ATTR_CONN_ID: tunnel = attribute.number()
      case L2TP_ATTR_SESSION_ID: session = attribute.number()
      case L2TP_ATTR_STATS: counters = TrafficCounters(attribute.nested)
      case _: break
      }
    }
    guard let tunnel else { return nil }
    return (ControlConnectionID(rawValue: tunnel), session.map(SessionID.init(rawValue:)), counters)
  }

  /// `enum l2tp_pwtype`: the drivers that exist.
  private static func kernelType(of payload: PseudowirePayload) -> UInt16 {
    switch payload {
    case .ethernet: UInt16(L2TP_PWTYPE_ETH.rawValue)
    case .ppp: UInt16(L2TP_PWTYPE_PPP.rawValue)
    }
  }

  private static func kernelType(of encapsulation: Encapsulation) -> UInt16 {
    switch encapsulation {
    case .udp: UInt16(L2TP_ENCAPTYPE_UDP.rawValue)
    case .ip: UInt16(L2TP_ENCAPTYPE_IP.rawValue)
    }
  }

  private static func begin(_ family: Int, _ command: Int, flags: Int32, _ attempt: String) -> NetlinkMessage {
    let message = NetlinkMessage(type: family, flags: flags, attempt: attempt)
    message.append(genlmsghdr(cmd: UInt8(command), version: UInt8(PW_L2TP_VERSION), reserved: 0))
    return message
  }
}

extension TrafficCounters {
  /// L2TP_ATTR_STATS.
  fileprivate init(_ attributes: NetlinkAttributes) {
    self.init()
    for attribute in attributes {
      let value: UInt64 = attribute.number() ?? 0
      switch attribute.type {
      case L2TP_ATTR_TX_PACKETS: transmittedPackets = value
      case L2TP_ATTR_TX_BYTES: transmittedOctets = value
      case L2TP_ATTR_TX_ERRORS: transmitErrors = value
      case L2TP_ATTR_RX_PACKETS: receivedPackets = value
      case L2TP_ATTR_RX_BYTES: receivedOctets = value
      case L2TP_ATTR_RX_SEQ_DISCARDS: sequenceDiscards = value
      case L2TP_ATTR_RX_ERRORS: receiveErrors = value
      case L2TP_ATTR_RX_COOKIE_DISCARDS: cookieDiscards = value
      case _: break
      }
    }
  }
}
