import CNetlink
import Glibc
public import PWCore

/// A tunnel as the kernel's table has it (L2TP_CMD_TUNNEL_GET, linux/l2tp.h), whoever made it.
public struct KernelTunnel: Equatable, Sendable {
  /// The version of L2TP: 2 is RFC 2661.
  public var version: UInt8
  /// The identifier by which packets, and requests to the kernel, name it here.
  public var localID: ControlConnectionID
  /// The identifier at the peer.
  public var peerID: ControlConnectionID
  /// UDP or IP protocol 115.
  public var encapsulation: Encapsulation
  /// Our end of its socket; the port is 0 over IP.
  public var local: Endpoint
  /// The peer's end.
  public var remote: Endpoint
}

extension KernelTunnel {
  /// Reads a message of the dump; nil for one that lacks an end, as the table of a socket that is closed does.
  init?(_ message: ReceivedMessage) {
    let attributes = message.attributes(after: genlmsghdr.self)
    func number(_ type: Int) -> UInt32? { attributes.first(type)?.number() }
    func port(_ type: Int) -> UInt16 { attributes.first(type)?.number() ?? 0 }
    func address(_ types: Int...) -> IPAddress? {
      types.lazy.compactMap { attributes.first($0)?.octets }.first.flatMap(IPAddress.init(networkOctets:))
    }
    guard let localID = number(L2TP_ATTR_CONN_ID), let peerID = number(L2TP_ATTR_PEER_CONN_ID),
      let version: UInt8 = attributes.first(L2TP_ATTR_PROTO_VERSION)?.number(),
      let encapsulation: UInt16 = attributes.first(L2TP_ATTR_ENCAP_TYPE)?.number(),
      let local = address(L2TP_ATTR_IP_SADDR, L2TP_ATTR_IP6_SADDR),
      let remote = address(L2TP_ATTR_IP_DADDR, L2TP_ATTR_IP6_DADDR)
    else { return nil }
    self.version = version
    self.localID = ControlConnectionID(rawValue: localID)
    self.peerID = ControlConnectionID(rawValue: peerID)
    self.encapsulation = UInt32(encapsulation) == L2TP_ENCAPTYPE_IP.rawValue ? .ip : .udp
    self.local = Endpoint(address: local, port: port(L2TP_ATTR_UDP_SPORT))
    self.remote = Endpoint(address: remote, port: port(L2TP_ATTR_UDP_DPORT))
  }
}

/// A session as the kernel's table has it (L2TP_CMD_SESSION_GET).
public struct KernelSession: Equatable, Sendable {
  /// The tunnel and the identifier that packets to us have.
  public var key: SessionKey
  /// The identifier that packets to the peer have.
  public var peerID: SessionID
  /// Whether it carries Ethernet; else it is PPP.
  public var isEthernet: Bool
  /// The name that its interface was made with; a name that it got later is not told.
  public var interfaceName: String
  /// The cookie in packets to us (the kernel's PEER_COOKIE).
  public var receiveCookie: Cookie
  /// The cookie in packets to the peer.
  public var transmitCookie: Cookie
  /// Whether packets without a sequence number are dropped.
  public var requiresSequence: Bool
  /// Whether packets to the peer are numbered.
  public var sendsSequence: Bool
  /// How long packets that arrive too early are kept, in milliseconds; 0 is not at all.
  public var reorderMilliseconds: UInt64
  /// What it has sent, headers of L2TP included.
  var sent = SentFrames()
}

extension KernelSession {
  /// Reads a message of the dump.
  init?(_ message: ReceivedMessage) {
    let attributes = message.attributes(after: genlmsghdr.self)
    func number(_ type: Int) -> UInt32? { attributes.first(type)?.number() }
    func isSet(_ type: Int) -> Bool { (attributes.first(type)?.number(as: UInt8.self) ?? 0) != 0 }
    func cookie(_ type: Int) -> Cookie? {
      let octets = attributes.first(type)?.octets ?? []
      return [0, 4, 8].contains(octets.count) ? Cookie(octets: octets) : nil
    }
    guard let tunnel = number(L2TP_ATTR_CONN_ID), let localID = number(L2TP_ATTR_SESSION_ID),
      let peerID = number(L2TP_ATTR_PEER_SESSION_ID), let receives = cookie(L2TP_ATTR_PEER_COOKIE),
      let transmits = cookie(L2TP_ATTR_COOKIE)
    else { return nil }
    key = SessionKey(tunnel: ControlConnectionID(rawValue: tunnel), session: SessionID(rawValue: localID))
    self.peerID = SessionID(rawValue: peerID)
    let type: UInt16? = attributes.first(L2TP_ATTR_PW_TYPE)?.number()
    isEthernet = type.map(UInt32.init) == L2TP_PWTYPE_ETH.rawValue
    interfaceName = attributes.first(L2TP_ATTR_IFNAME)?.text ?? ""
    receiveCookie = receives
    transmitCookie = transmits
    requiresSequence = isSet(L2TP_ATTR_RECV_SEQ)
    sendsSequence = isSet(L2TP_ATTR_SEND_SEQ)
    reorderMilliseconds = attributes.first(L2TP_ATTR_RECV_TIMEOUT)?.number() ?? 0
    if let statistics = attributes.first(L2TP_ATTR_STATS)?.nested {
      sent.packets = statistics.first(L2TP_ATTR_TX_PACKETS)?.number() ?? 0
      sent.octets = statistics.first(L2TP_ATTR_TX_BYTES)?.number() ?? 0
    }
  }
}

/// How much was sent: of the same packets a session counts the headers of L2TP, its interface does not.
struct SentFrames: Equatable, Sendable {
  var packets: UInt64 = 0
  var octets: UInt64 = 0
}

extension KernelSession {
  /// Whether packets have the L2-Specific Sublayer, found out by their size; nil where that says nothing.
  ///
  /// The kernel does not tell it (`l2tp_nl_session_send` in net/l2tp/l2tp_netlink.c). But it counts octets with the
  /// header and the cookie, and those of the interface without them.
  ///
  /// - Parameters:
  ///   - interface: what the session's interface has sent.
  ///   - encapsulation: of its tunnel: the header has four octets more over UDP (RFC 3931 section 4.1.2.1).
  func hasSublayer(interface: SentFrames, _ encapsulation: Encapsulation) -> Bool? {
    // Packets between one look and the other would be taken for headers.
    guard sent.packets > 0, sent.packets == interface.packets, sent.octets > interface.octets else { return nil }
    let (header, rest) = (sent.octets - interface.octets).quotientAndRemainder(dividingBy: sent.packets)
    let without = UInt64((encapsulation == .udp ? 8 : 4) + transmitCookie.lengthOctets)
    guard rest == 0 else { return nil }
    return header == without ? false : header == without + 4 ? true : nil
  }
}
