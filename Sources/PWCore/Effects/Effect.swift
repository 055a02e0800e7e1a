/// Names one effect, so that its result finds its way back; never used twice in a run.
public struct EffectID: RawRepresentable, Hashable, Codable, Sendable {
  /// A number that only the engine makes.
  public var rawValue: UInt64
  /// Wraps a number.
  public init(rawValue: UInt64) { self.rawValue = rawValue }
}

/// Something that the engine wants done in the world. Each effect is answered by exactly one ``EffectResult``
/// (`Input.completed`), later, in any order across objects, and in order for one object.
///
/// The large cases are indirect: an effect passes through many hands, and moving it costs more than one allocation.
public enum Effect: Equatable, Codable, Sendable {
  /// Resolve a name. Answer: `.addresses` or `.failed`.
  case resolve(name: String, family: AddressFamily?)
  /// Open a listener for SCCRQ. Answer: `.done` or `.failed`.
  indirect case listen(SocketID, SocketRequest)
  /// Open a control connection's socket, bound, not connected. Answer: `.opened` or `.failed`.
  indirect case openSocket(SocketID, SocketRequest)
  /// Connect it to the peer that answered. Answer: `.connected` (with the path's MTU) or `.failed`.
  indirect case connectSocket(SocketID, to: Endpoint, peerID: ControlConnectionID)
  /// Close it, and with it whatever data path still uses it. Answer: `.done`.
  case closeSocket(SocketID)
  /// Make the tunnel. Answer: `.done` or `.failed`.
  indirect case createTunnel(TunnelRequest)
  /// Close the tunnel whole, with its sessions. The socket goes with it or stays for last acknowledgements; `closeSocket`
  /// follows. Answer: `.done` or `.failed`, when its interface names can be used again.
  case deleteTunnel(ControlConnectionID, socket: SocketID)
  /// Make the session, its link down. Answer: `.done` or `.failed`.
  indirect case createSession(SessionRequest)
  /// Remove one session of a tunnel that stays. Answer: `.done` or `.failed`, when its interface name can be used again.
  case deleteSession(tunnelID: ControlConnectionID, sessionID: SessionID)
  /// Replace all that this pseudowire's plugin asks of the links; empty takes everything away. Answer: `.done` once what
  /// can be done at once is done; what is missing or refused comes as `Input.links(LinkReport)`, also later.
  case setLinks(LinkOwner, [LinkRequest])
  /// The bridges of the site, whole, whenever they change. Answer: `.done`; problems as `Input.bridges`.
  case setBridges([BridgeDeclaration])
}

/// What became of an effect.
public enum EffectResult: Equatable, Codable, Sendable {
  /// It was done.
  case done
  /// A name resolved: at least one address, the preferred one first.
  case addresses([IPAddress])
  /// A socket is open: the address and port that it is bound to.
  case opened(local: Endpoint)
  /// A socket is connected: our end, and the largest packet, IP header included, that the path is known to pass.
  case connected(local: Endpoint, pathMTUOctets: Int)
  /// It failed, and left nothing behind.
  case failed(EffectFailure)
}

/// Why an effect failed: for people, and for the decision to try again.
public struct EffectFailure: Error, Equatable, Codable, Sendable {
  /// What is wrong and what to do about it, one line: "the kernel has no L2TP over IP: modprobe l2tp_ip".
  public var message: String
  /// Whether the same request may succeed later without anybody changing the site file.
  public var isTemporary: Bool

  /// Whether an identifier that the engine chose is taken already (EEXIST): it chooses another.
  public var isIdentifierInUse: Bool

  /// A failure in words.
  public init(_ message: String, isTemporary: Bool = true, isIdentifierInUse: Bool = false) {
    self.message = message
    self.isTemporary = isTemporary
    self.isIdentifierInUse = isIdentifierInUse
  }
}
