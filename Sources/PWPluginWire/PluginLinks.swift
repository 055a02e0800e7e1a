public import PWCore

extension PluginResponse {
  /// A link request. That it is about the session's own interface is understood, so that none can be about another's.
  public struct Link: Codable, Equatable, Sendable {
    /// `session`, `bridge-port`, `point-to-point`, `vlan`, `trunk` or `ppp`.
    public var kind: String
    /// `session`: `"carry"` or octets.
    public var mtu: MTU?
    /// `session`: whether it is up.
    public var up: Bool?
    /// `session`: its addresses with their prefix lengths, where it joins no other link.
    public var addresses: [String]?
    /// `bridge-port`: which bridge of the site.
    public var bridge: String?
    /// `bridge-port`: whether it is isolated from other such ports.
    public var isolated: Bool?
    /// `point-to-point`: the other link.
    public var member: String?
    /// `point-to-point`: whether that goes down with the session.
    public var passFault: Bool?
    /// `vlan`, `trunk`: the link that the VLANs are on.
    public var port: String?
    /// `vlan`: its identifier.
    public var vlan: UInt16?
    /// `trunk`: the identifiers, `1-50,100`. `bridge-port`: those that pass with their tags, or `none`.
    public var vlans: String?
    /// `bridge-port`: the VLAN that passes without a tag, or `none`.
    public var untaggedVLAN: String?
    /// `vlan`, `trunk`: `802.1q` (the usual) or `802.1ad`.
    public var tag: String?
    /// `vlan`, `trunk`: priorities that change, by the one that arrives.
    public var priorities: [String: UInt8]?
    /// `ppp`: the link that ends here.
    public var ppp: PluginPPPLink?

    enum CodingKeys: String, CodingKey {
      case kind, mtu, up, addresses, bridge, isolated, member, port, vlan, vlans, tag, priorities, ppp
      case passFault = "pass_fault"
      case untaggedVLAN = "untagged_vlan"
    }

    init(kind: String) { self.kind = kind }
  }

  /// An MTU: `"carry"`, or a number of octets.
  public enum MTU: Codable, Equatable, Sendable {
    /// That of the LAN.
    case carry
    /// An MTU of this many octets.
    case octets(Int)

    /// A string or a number.
    public init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let octets = try? container.decode(Int.self) {
        self = .octets(octets)
      } else if try container.decode(String.self) == "carry" {
        self = .carry
      } else {
        throw DecodingError.dataCorruptedError(in: container, debugDescription: "neither \"carry\" nor a number")
      }
    }

    /// A string or a number.
    public func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .carry: try container.encode("carry")
      case .octets(let octets): try container.encode(octets)
      }
    }
  }

  /// The attachment circuit behind a pseudowire.
  public struct Attachment: Codable, Equatable, Sendable {
    /// `none`, `bridge`, `member`, `vlan` or `trunk`; `pppoe` only from a plugin in this process.
    public var kind: String
    /// `bridge`: its name.
    public var bridge: String?
    /// `member`: its name.
    public var member: String?
    /// `vlan`, `trunk`: the link that the VLANs are on.
    public var port: String?
    /// `vlan`: its identifier.
    public var vlan: UInt16?
    /// `trunk`: the identifiers, `1-50,100`.
    public var vlans: String?
    /// `vlan`, `trunk`: `802.1q` (the usual) or `802.1ad`.
    public var tag: String?

    /// The circuit as a plugin in this process has it.
    public init(_ circuit: AttachmentCircuit) {
      switch circuit {
      case .none: kind = "none"
      case .bridge(let name): (kind, bridge) = ("bridge", name)
      case .member(let name): (kind, member) = ("member", name)
      case .vlan(let port, let tag):
        kind = "vlan"
        (self.port, vlan, self.tag) = (port, tag.identifier, tag.kind.name)
      case .pppoe: kind = "pppoe"
      case .trunk(let port, let set):
        kind = "trunk"
        (self.port, vlans, tag) = (port, set.text, set.kind.name)
      }
    }
  }
}

extension PluginResponse.Link {
  /// A link request as a plugin in this process makes it.
  public init(_ request: LinkRequest) {
    switch request {
    case .session(let link):
      self.init(kind: "session")
      up = link.isUp
      addresses = link.addresses.isEmpty ? nil : link.addresses.map(\.description)
      mtu =
        switch link.mtu {
        case .carry: .carry
        case .octets(let octets): .octets(octets)
        }
    case .bridgePort(let port):
      self.init(kind: "bridge-port")
      (bridge, isolated) = (port.bridge, port.isIsolated)
      (vlans, untaggedVLAN) = (port.vlans.map(\.taggedText), port.vlans?.untaggedText)
    case .pointToPoint(let pair):
      self.init(kind: "point-to-point")
      (member, passFault) = (pair.member, pair.passesFaultToMember)
    case .vlanCircuit(let circuit):
      self.init(kind: "vlan")
      (port, vlan, tag) = (circuit.port, circuit.tag.identifier, circuit.tag.kind.name)
      priorities = Self.text(circuit.priorities)
    case .vlanTrunk(let trunk):
      self.init(kind: "trunk")
      (port, vlans, tag) = (trunk.port, trunk.vlans.text, trunk.vlans.kind.name)
      priorities = Self.text(trunk.priorities)
    case .pppCarriage(let link):
      // For templates, which a plugin in another process has none of: no such answer is read.
      self.init(kind: "ppp-carriage")
      up = link.isUp
      mtu = .octets(link.payloadOctets)
    case .pppTermination(let link):
      self.init(kind: "ppp")
      ppp = PluginPPPLink(link)
    }
  }

  private static func text(_ priorities: TagPriorities) -> [String: UInt8]? {
    let changes = priorities.changes.map { (String($0.from), $0.to) }
    return changes.isEmpty ? nil : Dictionary(uniqueKeysWithValues: changes)
  }
}
