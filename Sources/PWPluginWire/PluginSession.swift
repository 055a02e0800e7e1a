public import PWCore

/// A pseudowire and its session on their way to a plugin: all that there is to know of it, so that a plugin need not remember
/// anything.
public struct PluginSession: Codable, Equatable, Sendable {
  /// The tunnel's name in the site.
  public var tunnel: String
  /// The pseudowire's name in the tunnel.
  public var pseudowire: String
  /// The name of the session's interface.
  public var interface: String
  /// The pseudowire type's number.
  public var type: UInt16
  /// The options in the site file, keys of pwmgr's own left out.
  public var options: JSONValue
  /// The Remote End ID, in hexadecimal digits.
  public var remoteEndID: String
  /// Octets of our cookie.
  public var cookieOctets: Int
  /// Whether packets have the L2-Specific Sublayer.
  public var hasSublayer: Bool
  /// Whether they have sequence numbers.
  public var isSequenced: Bool
  /// `gc`: whether the session is established, not only being set up.
  public var isEstablished: Bool?

  private enum CodingKeys: String, CodingKey {
    case tunnel, pseudowire, interface, type, options
    case remoteEndID = "remote_end_id"
    case cookieOctets = "cookie_octets"
    case hasSublayer = "sublayer"
    case isSequenced = "sequencing"
    case isEstablished = "established"
  }

  /// Makes the wire form of a declared pseudowire.
  public init(owner: LinkOwner, declaration: PseudowireDeclaration) {
    tunnel = owner.tunnel
    pseudowire = owner.pseudowire
    interface = declaration.interfaceName
    type = declaration.type.rawValue
    options = JSONValue(declaration.options)
    remoteEndID = HexDigits.text(of: declaration.remoteEndID.octets)
    cookieOctets = declaration.cookieLengthOctets
    hasSublayer = declaration.sublayer != .none
    isSequenced = declaration.isSequenced
  }

  /// The names of the tunnel and the pseudowire, which identify the session.
  public var owner: LinkOwner { LinkOwner(tunnel: tunnel, pseudowire: pseudowire) }

  /// Makes the declaration of which this is the wire form.
  ///
  /// - Throws: when a value is none that pwmgr sends.
  public func declaration() throws(PluginFault) -> PseudowireDeclaration {
    guard let options = options.optionValue else {
      throw PluginFault("'options' has values that no site file can have")
    }
    guard let octets = HexDigits.octets(of: remoteEndID) else {
      throw PluginFault("'remote_end_id' is not hexadecimal")
    }
    return PseudowireDeclaration(
      name: pseudowire, type: PseudowireType(rawValue: type), remoteEndID: RemoteEndID(octets: octets),
      interfaceName: interface, cookieLengthOctets: cookieOctets, sublayer: hasSublayer ? .standard : .none,
      isSequenced: isSequenced, options: options)
  }
}

/// A session's state on its way to a plugin: what `up` says beside the session.
public struct PluginSessionState: Codable, Equatable, Sendable {
  /// Whether the session is established, not only being set up.
  public var isEstablished: Bool
  /// Whether the peer's circuit is active.
  public var isPeerCircuitActive: Bool
  /// The largest packet that the path passes, outer IP header included, in octets.
  public var pathMTU: Int
  /// Octets around an inner frame.
  public var overhead: Int
  /// The AVPs that the peer's plugin has told when the session was set up.
  public var peerAVPs: [PluginWireAVP]?

  private enum CodingKeys: String, CodingKey {
    case isEstablished = "established"
    case isPeerCircuitActive = "peer_circuit_active"
    case pathMTU = "path_mtu"
    case overhead
    case peerAVPs = "peer_avps"
  }

  /// The state that a question tells of.
  public init(_ question: PluginQuestion) {
    isEstablished = question.phase == .established
    isPeerCircuitActive = question.isPeerCircuitActive
    pathMTU = question.pathMTUOctets
    overhead = question.overheadOctets
    peerAVPs = question.peerAVPs.isEmpty ? nil : question.peerAVPs.map(PluginWireAVP.init)
  }
}
