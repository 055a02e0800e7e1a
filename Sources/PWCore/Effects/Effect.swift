/// Something that the engine wants done in the world. Each effect is answered exactly once
/// (``Completion``), later, in any order across objects, and in order for one object. Its identifier says what it is
/// answered with: an answer of another kind does not compile.
///
/// The large cases are indirect: an effect passes through many hands, and moving it costs more than one allocation.
public enum Effect: Equatable, Codable, Sendable {
  /// For the resolver: the addresses of a name, at least one, the preferred one first.
  indirect case name(EffectID<[IPAddress]>, NameRequest)
  /// For the data plane.
  case plane(PlaneEffect)
  /// For those who keep links.
  case links(EffectID<Nothing>, LinkEffect)
  /// For the driver, which asks the machine: the protection that packets have below L2TP.
  indirect case protection(EffectID<Protection>, ProtectionQuestion)
}

/// An effect on sockets, tunnels and sessions.
public enum PlaneEffect: Equatable, Codable, Sendable {
  /// Open a control connection's socket, bound, not connected; the answer is what it is bound to.
  indirect case openSocket(EffectID<Endpoint>, SocketID, SocketRequest)
  /// Connect it to the peer that answered.
  indirect case connectSocket(EffectID<SocketPath>, SocketID, to: Endpoint, peerID: ControlConnectionID)
  /// Anything that is done or fails.
  case change(EffectID<Nothing>, PlaneChange)
}

/// A change to what the data plane has.
public enum PlaneChange: Equatable, Codable, Sendable {
  /// Open a listener for SCCRQ.
  indirect case listen(SocketID, SocketRequest)
  /// Close a socket, and with it whatever data path still uses it.
  case closeSocket(SocketID)
  /// Make the data path of a control connection, on its connected socket.
  indirect case createTunnel(TunnelRequest)
  /// Close the tunnel whole, with its sessions. The socket goes with it or stays for last acknowledgements; `closeSocket`
  /// follows. It is done when its interface names can be used again.
  case deleteTunnel(ControlConnectionID, socket: SocketID)
  /// Make the session, its link down: a new one, or that which a data plane has kept from the session before.
  indirect case createSession(SessionRequest)
  /// Remove one session of a tunnel that stays. It is done when its interface name can be used again. A data plane may
  /// keep the interface for the pseudowire's next session, as with every other end of a session, until it is released.
  case deleteSession(tunnelID: ControlConnectionID, sessionID: SessionID)
  /// Keep these interfaces no more: those without a session go now, others with their session.
  case releaseInterfaces([SessionInterface])
}

/// An effect on links. It is done once what can be done at once is done; what is missing or refused comes as
/// `Input.links` and `Input.bridge`, also later.
public enum LinkEffect: Equatable, Codable, Sendable {
  /// Replace all that this pseudowire's plugin asks of the links; empty takes everything away.
  case setLinks(LinkOwner, [LinkRequest])
  /// The bridges of the site, whole, whenever they change.
  case setBridges([BridgeDeclaration])
}

/// Names one effect, so that its result finds its way back, and says of what type that is. Never used twice in a run
/// for effects of one kind.
public struct EffectID<Answer>: RawRepresentable, Hashable, Codable, Sendable {
  /// A number that only the engine makes.
  public var rawValue: UInt64
  /// The identifier of this number.
  public init(rawValue: UInt64) { self.rawValue = rawValue }
}
