/// One request of a plugin about the links of its session: a closed, public vocabulary. A plugin always states the
/// whole set that it wants; the keeper of the links works out the difference.
public enum LinkRequest: Equatable, Codable, Sendable {
  /// The session's own interface: its MTU and whether it is up. Must be there for an Ethernet session.
  case session(SessionLink)
  /// The interface is a port of a bridge.
  case bridgePort(BridgePort)
  /// Everything that enters one link leaves by the other, unseen by any bridge: LLDP, LACP and EAPOL pass.
  case pointToPoint(PointToPoint)
  /// One VLAN of a port: its frames leave by the session's interface as they are, and tagged frames that enter that one
  /// leave by the port with the VLAN's tag in place of their outer one. Untagged frames that enter it are dropped.
  case vlanCircuit(VLANCircuit)
  /// Several VLANs of a port: their frames pass between it and the session's interface, tags as they are. Whatever else
  /// enters the session's interface is dropped. Indirect, so that the requests of every other session are no larger for
  /// it.
  indirect case vlanTrunk(VLANTrunk)
  /// The session carries PPP (RFC 1661), and its link ends in this machine. Stands alone, for a session whose payload
  /// is `ppp`. Indirect for the same reason.
  indirect case pppTermination(PPPTermination)
  /// The session carries PPP that a PPPoE client behind this machine speaks: the kernel passes frames from one to the
  /// other, and the link ends at the far site. Stands alone, for a session whose payload is `ppp` and whose circuit is
  /// a ``PPPoEService``.
  case pppCarriage(PPPCarriage)

  /// The interface of the session.
  public struct SessionLink: Equatable, Codable, Sendable {
    /// The name of the session's network interface.
    public var name: String
    /// How its MTU is found.
    public var mtu: MTU
    /// Whether it is up: false until the session is established and while the peer's circuit is down.
    public var isUp: Bool
    /// Its addresses, where it joins no other link; put back whenever it is made anew.
    public var addresses: [InterfaceAddress] {
      get { heldAddresses ?? [] }
      set { heldAddresses = newValue.isEmpty ? nil : newValue }
    }

    // Nil is none, so that a recording from before there were such keys is still read.
    private var heldAddresses: [InterfaceAddress]?

    /// An interface's wanted state.
    public init(name: String, mtu: MTU, isUp: Bool, addresses: [InterfaceAddress] = []) {
      self.name = name
      self.mtu = mtu
      self.isUp = isUp
      self.addresses = addresses
    }
  }

  /// Where an MTU comes from.
  public enum MTU: Equatable, Codable, Sendable {
    /// That of the LAN it serves: the largest MTU among the bridge's members (or the one member), 1500 while there are
    /// none.
    case carry
    /// A fixed MTU in octets.
    case octets(Int)
  }

  /// Membership in a bridge.
  public struct BridgePort: Equatable, Codable, Sendable {
    /// The port's interface name.
    public var link: String
    /// The bridge's interface name.
    public var bridge: String
    /// Whether the port is isolated from the other isolated ports (the kernel's one split-horizon group per bridge).
    public var isIsolated: Bool
    /// The VLANs that pass, where the bridge filters by VLAN; nil leaves the port what the bridge gives it.
    public var vlans: PortVLANs?

    /// A port of a bridge.
    public init(link: String, bridge: String, isIsolated: Bool = false, vlans: PortVLANs? = nil) {
      self.link = link
      self.bridge = bridge
      self.isIsolated = isIsolated
      self.vlans = vlans
    }
  }

  /// Two links joined end to end.
  public struct PointToPoint: Equatable, Codable, Sendable {
    /// The name of the session's network interface.
    public var link: String
    /// The name of the link that is the attachment circuit.
    public var member: String
    /// Whether the member is taken down while the session is not forwarding, so that its neighbour notices.
    public var passesFaultToMember: Bool

    /// Two links to join, by their interface names.
    public init(link: String, member: String, passesFaultToMember: Bool = false) {
      self.link = link
      self.member = member
      self.passesFaultToMember = passesFaultToMember
    }
  }
}

extension LinkRequest {
  /// A VLAN of a port, joined to a session's interface. Whatever else enters the port stays where it is, so that any
  /// number of VLANs of one port can be joined.
  public struct VLANCircuit: Equatable, Codable, Sendable {
    /// The name of the session's network interface.
    public var link: String
    /// The attachment circuit's: the link that the VLAN is on.
    public var port: String
    /// The VLAN's tag there.
    public var tag: VLANTag
    /// The change to the priority bits on the way to the port.
    public var priorities: TagPriorities

    /// A VLAN of a port.
    public init(link: String, port: String, tag: VLANTag, priorities: TagPriorities = .kept) {
      self.link = link
      self.port = port
      self.tag = tag
      self.priorities = priorities
    }
  }
}

extension LinkRequest {
  /// Several VLANs of a port, joined to a session's interface. Whatever else enters the port stays where it is.
  public struct VLANTrunk: Equatable, Codable, Sendable {
    /// The name of the session's network interface.
    public var link: String
    /// The attachment circuit's: the link that the VLANs are on.
    public var port: String
    /// Which they are, at both ends.
    public var vlans: VLANSet
    /// The change to the priority bits on the way to the port.
    public var priorities: TagPriorities

    /// VLANs of a port.
    public init(link: String, port: String, vlans: VLANSet, priorities: TagPriorities = .kept) {
      self.link = link
      self.port = port
      self.vlans = vlans
      self.priorities = priorities
    }
  }
}

extension LinkRequest {
  /// PPP frames passed on between a PPPoE session and the pseudowire's.
  public struct PPPCarriage: Equatable, Codable, Sendable {
    /// Whether they pass: false until the session is established.
    public var isUp: Bool
    /// The largest PPP payload (RFC 1661's information field) that crosses the path in one piece, in octets.
    public var payloadOctets: Int

    /// Frames that pass, or do not.
    public init(isUp: Bool, payloadOctets: Int) {
      self.isUp = isUp
      self.payloadOctets = payloadOctets
    }
  }
}

/// The outcome of a pseudowire's link requests: sent whenever it changes.
public struct LinkReport: Equatable, Codable, Sendable {
  /// The pseudowire whose link requests the report is about.
  public var owner: LinkOwner
  /// Why frames do not pass although the session is up; empty when they do.
  public var problems: [ForwardingObstacle]
  /// Warnings for the operator though frames pass: members whose MTU exceeds the pseudowire's, by name.
  public var warnings: [PseudowireWarning]
  /// The MTU that the session's interface has now, in octets.
  public var mtuOctets: Int?
  /// The addresses that the session's interface has by its pseudowire, as people read them (`10.9.0.1 peer 10.9.0.2`,
  /// `10.9.0.1/24`): those that were agreed on with the peer, or that the site gives it; nil where there is no such
  /// thing.
  public var addresses: [String]?

  /// A report on a pseudowire's links.
  public init(
    owner: LinkOwner, problems: [ForwardingObstacle] = [], warnings: [PseudowireWarning] = [],
    mtuOctets: Int? = nil, addresses: [String]? = nil
  ) {
    self.owner = owner
    self.problems = problems
    self.warnings = warnings
    self.mtuOctets = mtuOctets
    self.addresses = addresses
  }
}

/// The state of a link of the machine, as far as the engine needs it: an attachment circuit's member.
public struct LinkState: Hashable, Codable, Sendable {
  /// The name of the link's network interface.
  public var name: String
  /// Up and with a carrier (IFF_UP and IFF_LOWER_UP); a link that is not there is not up.
  public var isUp: Bool
  /// Its MTU in octets, nil when it is not there.
  public var mtuOctets: Int?

  /// The state of the link of this interface name.
  public init(name: String, isUp: Bool, mtuOctets: Int?) {
    self.name = name
    self.isUp = isUp
    self.mtuOctets = mtuOctets
  }
}
