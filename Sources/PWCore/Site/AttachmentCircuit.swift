/// The attachment circuit: what stands behind the pseudowire on our side.
public indirect enum AttachmentCircuit: Hashable, Codable, Sendable {
  /// Nothing: always active.
  case none
  /// The members of a bridge of the site.
  case bridge(String)
  /// One link of the machine, by its interface name.
  case member(String)
  /// One VLAN of a link that others share.
  case vlan(port: String, VLANTag)
  /// Several VLANs of such a link, together.
  case trunk(port: String, VLANSet)
  /// The clients of a PPPoE service, each of which has a session of its own.
  case pppoe(PPPoEService)

  /// As people read it: `bridge br-lan`, `member eth1`, `vlan 111 of eth1`, `vlans 1-50,100 of eth1`, `pppoe on eth1`,
  /// `none`.
  public var words: String {
    switch self {
    case .none: "none"
    case .bridge(let name): "bridge \(name)"
    case .member(let name): "member \(name)"
    case .pppoe(let service): "pppoe on \(service.interface)"
    case .vlan(let port, let tag): "vlan \(tag.identifier) of \(port)" + Self.remark(on: tag.kind)
    case .trunk(let port, let vlans): "vlans \(vlans.text) of \(port)" + Self.remark(on: vlans.kind)
    }
  }

  /// The link that it names; nil of a bridge, whose members the site declares, and of none.
  public var link: String? {
    switch self {
    case .none, .bridge: nil
    case .member(let name), .vlan(let name, _), .trunk(let name, _): name
    case .pppoe(let service): service.interface
    }
  }

  /// The links that it consists of, of which one has to be up. A VLAN is as good as its port, and PPPoE clients are as
  /// good as their link.
  ///
  /// - Parameter bridges: the site's.
  public func links(bridges: [BridgeDeclaration]) -> [String] {
    guard case .bridge(let name) = self else { return link.map { [$0] } ?? [] }
    return bridges.first { $0.name == name }?.members ?? []
  }

  private static func remark(on kind: VLANTag.Kind) -> String {
    switch kind {
    case .customer: ""
    case .service: " (\(kind.name))"
    }
  }
}
