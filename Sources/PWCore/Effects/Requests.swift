/// A name that stands for addresses.
public struct NameRequest: Equatable, Codable, Sendable {
  /// The host name to resolve.
  public var name: String
  /// The family wanted; nil takes both.
  public var family: AddressFamily?

  /// A name to resolve.
  public init(name: String, family: AddressFamily?) {
    self.name = name
    self.family = family
  }
}

/// A socket of the driver, named by the engine: the handle under which control messages go out and come in.
public struct SocketID: RawRepresentable, Hashable, Codable, Sendable {
  /// A number that the engine never uses twice in a run.
  public var rawValue: UInt64
  /// The identifier of this number.
  public init(rawValue: UInt64) { self.rawValue = rawValue }
}

/// A socket for one control connection, or a listener (DESIGN: "The order of things").
///
/// An initiator's socket is bound but not connected until the peer's answer names its port (RFC 3931 section 4.1.2.2).
public struct SocketRequest: Equatable, Codable, Sendable {
  /// UDP or IP protocol 115.
  public var encapsulation: Encapsulation
  /// The family that the socket speaks.
  public var family: AddressFamily
  /// The address to bind; nil lets the route to `remote` decide, and means "any" for a listener.
  public var local: IPAddress?
  /// The UDP port to bind; 0 lets the kernel choose. Unused over IP.
  public var localPort: UInt16
  /// SO_BINDTODEVICE.
  public var bindDevice: String?
  /// Over IP: the identifier that the socket receives for; `.unknown` for a listener.
  public var connectionID: ControlConnectionID
  /// The peer that the socket is for, and that `local` is chosen for; nil for a listener.
  public var remote: Endpoint?
  /// The code point that everything sent through it is marked with, data too; nil leaves the mark to the kernel.
  public var dscp: DSCP?
  /// The TTL or Hop Limit of everything sent through it, data too; nil leaves it to the kernel.
  public var hopLimit: UInt8?

  // Nil is no, so that a recording from before there was such a key is still read.
  private var isDSCPCopied: Bool?
  /// Whether data packets are marked as the packets inside of them are.
  public var copiesDSCP: Bool {
    get { isDSCPCopied ?? false }
    set { isDSCPCopied = newValue ? true : nil }
  }
  /// The fields that everything sent through it has in its IP header.
  public var outerHeader: OuterHeader { OuterHeader(dscp: dscp, hopLimit: hopLimit) }

  /// A socket that is bound as said.
  public init(
    encapsulation: Encapsulation, family: AddressFamily, local: IPAddress?, localPort: UInt16, bindDevice: String?,
    connectionID: ControlConnectionID, remote: Endpoint?, dscp: DSCP? = nil
  ) {
    self.encapsulation = encapsulation
    self.family = family
    self.local = local
    self.localPort = localPort
    self.bindDevice = bindDevice
    self.connectionID = connectionID
    self.remote = remote
    self.dscp = dscp
  }
}

extension SocketRequest {
  /// The interface that the socket is bound to; nil for none.
  public var boundDevice: String? { BoundDevice.name(bindDevice: bindDevice, local: local) }
}

/// The data path of an established control connection: a kernel tunnel context, or its like in another data plane.
public struct TunnelRequest: Equatable, Codable, Sendable {
  /// The connected socket that carries it.
  public var socket: SocketID
  /// UDP or IP protocol 115.
  public var encapsulation: Encapsulation
  /// The Control Connection ID that we assigned, by which later requests name the tunnel.
  public var localID: ControlConnectionID
  /// The Control Connection ID that the peer assigned.
  public var peerID: ControlConnectionID
  /// The peer's address and port.
  public var remote: Endpoint

  /// A tunnel over a socket.
  public init(
    socket: SocketID, encapsulation: Encapsulation, localID: ControlConnectionID, peerID: ControlConnectionID,
    remote: Endpoint
  ) {
    self.socket = socket
    self.encapsulation = encapsulation
    self.localID = localID
    self.peerID = peerID
    self.remote = remote
  }
}

/// The interface of a pseudowire's sessions, which a data plane may keep from one of them to the next.
public struct SessionInterface: Hashable, Codable, Sendable {
  /// The pseudowire whose sessions have it.
  public var owner: LinkOwner
  /// The interface name.
  public var name: String

  /// The interface of a pseudowire.
  public init(owner: LinkOwner, name: String) {
    self.owner = owner
    self.name = name
  }
}

/// The data path of one session. It comes into being with its link down.
public struct SessionRequest: Equatable, Codable, Sendable {
  /// Our identifier of the tunnel that it belongs to.
  public var tunnelID: ControlConnectionID
  /// Ours: matched on receipt.
  public var localID: SessionID
  /// The peer's: put into what we send; `.unknown` while a caller waits for ICRP (then the session is not made yet).
  public var peerID: SessionID
  /// The kind of frames that the session carries.
  public var payload: PseudowirePayload
  /// The name that the session's network interface gets.
  public var interfaceName: String
  /// The cookie that we assigned: required in what we receive (the kernel's PEER_COOKIE; protocol.md 10.3).
  public var receiveCookie: Cookie
  /// The cookie that the peer assigned: put into what we send (the kernel's COOKIE).
  public var transmitCookie: Cookie
  /// The sublayer of both directions.
  public var sublayer: PseudowireDeclaration.Sublayer
  /// Sequence numbers in both directions.
  public var isSequenced: Bool
  /// The pseudowire that it belongs to, for the mark on its link and for messages: tunnel and pseudowire names.
  public var owner: LinkOwner
  /// The value that the MSS of TCP connections through it is lowered to, in both directions; nil leaves it as it is.
  public var segmentLimit: SegmentLimit?

  /// The interface that it has.
  public var interface: SessionInterface { SessionInterface(owner: owner, name: interfaceName) }

  /// A session in a tunnel.
  public init(
    tunnelID: ControlConnectionID, localID: SessionID, peerID: SessionID, payload: PseudowirePayload,
    interfaceName: String, receiveCookie: Cookie, transmitCookie: Cookie,
    sublayer: PseudowireDeclaration.Sublayer, isSequenced: Bool, owner: LinkOwner,
    segmentLimit: SegmentLimit? = nil
  ) {
    self.tunnelID = tunnelID
    self.localID = localID
    self.peerID = peerID
    self.payload = payload
    self.interfaceName = interfaceName
    self.receiveCookie = receiveCookie
    self.transmitCookie = transmitCookie
    self.sublayer = sublayer
    self.isSequenced = isSequenced
    self.owner = owner
    self.segmentLimit = segmentLimit
  }
}
