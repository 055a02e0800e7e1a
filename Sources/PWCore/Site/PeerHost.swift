/// One way to say where a peer is that is called: an address, or a name that has some.
public enum PeerHost: Hashable, Codable, Sendable {
  /// A fixed IPv4 or IPv6 address.
  case address(IPAddress)
  /// A name, resolved whenever its turn comes.
  case name(String)

  /// As it is written in the file; equal for equal ones.
  public var text: String {
    switch self {
    case .address(let address): address.description
    case .name(let name): name.lowercased()
    }
  }
}

extension TunnelDeclaration.Peer {
  /// The most entries of a list.
  public static let maximumHosts = 16

  /// Where the peer may be called, in the order in which that is tried; empty for one that only calls.
  public var hosts: [PeerHost] {
    switch self {
    case .address(let address): [.address(address)]
    case .name(let name): [.name(name)]
    case .list(let hosts): hosts
    case .prefix, .any: []
    }
  }

  /// Those of them that are addresses.
  public var addresses: [IPAddress] {
    hosts.compactMap { if case .address(let address) = $0 { address } else { nil } }
  }

  /// Those of them that are names.
  public var names: [String] {
    hosts.compactMap { if case .name(let name) = $0 { name } else { nil } }
  }
}
