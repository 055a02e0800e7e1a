import PWCore

/// The site at a tunnel's other end, as far as the file says which one it is.
struct FarSite {
  private let tunnel: String
  private let addresses: Set<IPAddress>
  private let names: Set<String>
  private let hostName: String?
  private let routerID: UInt32?
  /// Whether it is one of those only that call here.
  private let onlyCalls: Bool

  init(_ draft: TunnelDraft) {
    let declaration = draft.declaration
    tunnel = declaration.name
    let peer = draft.isPeerKnown ? declaration.peer : .any
    addresses = Set(peer.addresses)
    names = Set(peer.names.map { $0.lowercased() })
    hostName = declaration.peerHostName
    routerID = declaration.peerRouterID
    onlyCalls = declaration.role == .accept
  }

  /// Whether two tunnels lead to one site: the file says that both present the same, or it does not tell them apart and
  /// they are at the same place. Behind one address there may be several, and peers from anywhere differ as far as we
  /// know.
  func isOne(with other: FarSite) -> Bool {
    if tunnel == other.tunnel { return true }
    let hostNames = Self.agreement(hostName, other.hostName)
    let routerIDs = Self.agreement(routerID, other.routerID)
    if hostNames == false || routerIDs == false { return false }
    if hostNames == true || routerIDs == true { return true }
    // The one that declares what its callers present takes those, and the other tunnel all others.
    if onlyCalls, other.onlyCalls, hasIdentity != other.hasIdentity { return false }
    return !addresses.isDisjoint(with: other.addresses) || !names.isDisjoint(with: other.names)
  }

  private var hasIdentity: Bool { hostName != nil || routerID != nil }

  /// Whether two values are the same; nil unless there are two.
  private static func agreement<Value: Equatable>(_ one: Value?, _ other: Value?) -> Bool? {
    guard let one, let other else { return nil }
    return one == other
  }
}
