/// The declared state of one site: what the YAML says, as values, ready to compare with another.
///
/// Everything in it has passed validation; references between its parts resolve. Order is the order of the file.
public struct Site: Equatable, Codable, Sendable {
  /// The site's name: Host Name AVP unless `hostName` says otherwise, and the mark on everything that we create.
  public var name: String
  /// The Host Name AVP (RFC 3931 section 5.4.3).
  public var hostName: String
  /// The Router ID AVP: an opaque 32-bit number (RFC 3931 section 5.4.3).
  public var routerID: UInt32
  /// Which data plane carries the traffic.
  public var dataPlane: DataPlaneChoice
  /// The group, besides root, whose members may use the control socket.
  public var controlGroup: String?
  /// The group whose members, if they are in that one as well, may operate what runs; nil is nobody.
  public var controlGroupAdmin: String?
  /// The peers: one control connection each.
  public var tunnels: [TunnelDeclaration]
  /// The bridges that pseudowires and members join.
  public var bridges: [BridgeDeclaration]

  /// A site with nothing in it.
  public init(name: String, routerID: UInt32, dataPlane: DataPlaneChoice = .automatic) {
    self.name = name
    self.hostName = name
    self.routerID = routerID
    self.dataPlane = dataPlane
    controlGroup = nil
    tunnels = []
    bridges = []
  }

  // Nil is none, so that a recording from before there were such plugins is still read.
  private var outsidePlugins: [PluginDeclaration]?

  /// The plugins in other processes that its pseudowires use, as they have presented themselves.
  public var plugins: [PluginDeclaration] {
    get { outsidePlugins ?? [] }
    set { outsidePlugins = newValue.isEmpty ? nil : newValue }
  }
}

/// A plugin in another process that a site uses.
public struct PluginDeclaration: Equatable, Codable, Sendable {
  /// The name in the site file's `type:`.
  public var name: String
  /// The full path of its executable.
  public var path: String
  /// The pseudowire type that it signals.
  public var type: PseudowireType
  /// The kind of frames that its sessions carry.
  public var payload: PseudowirePayload
  /// The options that may change while a session goes on; nil, as in older recordings, where none may.
  public var changeableOptions: ChangeableOptions?

  /// A plugin that has said what it is.
  ///
  /// - Parameter changeableOptions: those that may change while a session goes on.
  public init(
    name: String, path: String, type: PseudowireType, payload: PseudowirePayload,
    changeableOptions: ChangeableOptions? = nil
  ) {
    self.name = name
    self.path = path
    self.type = type
    self.payload = payload
    self.changeableOptions = changeableOptions
  }
}

/// Which data plane a site asks for.
public enum DataPlaneChoice: String, Codable, Sendable, CaseIterable {
  /// The kernel's where its L2TP modules load, else userspace.
  case automatic = "auto"
  /// The kernel's L2TP drivers, or an error.
  case kernel
  /// A TAP device and sockets of our own.
  case userspace
  /// Carries nothing: for benchmarks and tests.
  case null
}

/// A bridge that the site declares: created, or adopted when it is already there.
public struct BridgeDeclaration: Equatable, Codable, Sendable {
  /// The name of the bridge's network interface.
  public var name: String
  /// Links that are ports of it besides the pseudowires: the attachment circuits. They may appear later.
  public var members: [String]
  /// The spanning tree protocol, on or off; nil leaves an adopted bridge as it is and a created one off.
  public var spanningTree: Bool?
  /// The MTU of a bridge that we create, in octets; nil follows its ports.
  public var mtuOctets: Int?

  /// The MAC address of a bridge that we create; nil derives one from the site's name and the bridge's.
  public var macAddress: MACAddress?
  /// Whether a bridge that we create filters by VLAN (IEEE 802.1Q); nil leaves it as it is: created ones do not.
  public var filtersVLANs: Bool?
  /// The addresses of a bridge that we create.
  public var addresses: [InterfaceAddress] {
    get { heldAddresses ?? [] }
    set { heldAddresses = newValue.isEmpty ? nil : newValue }
  }

  // Nil is none, so that a recording from before there were such keys is still read.
  private var heldAddresses: [InterfaceAddress]?

  /// A bridge by its interface name.
  public init(name: String, members: [String] = [], spanningTree: Bool? = nil, mtuOctets: Int? = nil) {
    self.name = name
    self.members = members
    self.spanningTree = spanningTree
    self.mtuOctets = mtuOctets
  }
}
