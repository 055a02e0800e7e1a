/// Which declared tunnel an SCCRQ belongs to.
///
/// A tunnel may take it if all of this holds:
/// * its role is `accept` or `both`;
/// * its encapsulation is that of the SCCRQ;
/// * its `local` address, if it has one, is the one that the SCCRQ was sent to;
/// * the sender's address is one of its peer's, or one that a name of its peer's resolved to, or in its prefix, or its
///   peer is `any`;
/// * its peer's Host Name and Router ID, where declared, are those that the SCCRQ presents.
///
/// Of several the most specific takes it: an address before a name before a prefix (a longer one first) before `any`; then one
/// that declares a Host Name; then one that declares a Router ID; then the first in the file. Only then is the digest verified,
/// with that tunnel's secret: what the SCCRQ says of itself chooses the key and proves nothing (RFC 3931 section 5.4.1).
struct TunnelMatch: Comparable {
  /// The more, the fewer addresses fit: of a prefix, its length.
  var addressRank: Int
  /// Whether the tunnel declares the peer's Host Name.
  var namesHost: Bool
  /// Whether the tunnel declares the peer's Router ID.
  var namesRouter: Bool

  /// The result of comparing a tunnel with the sender of an SCCRQ.
  enum Comparison: Equatable {
    /// The tunnel may take it.
    case takes(TunnelMatch)
    /// It is about somebody else.
    case otherPeer
    /// The peer's address fits, but not what it presents: worth telling people.
    case presents(String)
  }

  /// The sender of an SCCRQ, as far as that shows it.
  struct Sender {
    /// Where it came from.
    var source: Endpoint
    /// Where it was sent to.
    var local: Endpoint
    /// The encapsulation that the SCCRQ came in.
    var encapsulation: Encapsulation
    /// Its Host Name.
    var hostName: String
    /// Its Router ID.
    var routerID: UInt32
  }

  /// Compares a tunnel with a sender.
  static func compare(
    _ tunnel: TunnelDeclaration, resolved: [IPAddress], with sender: Sender
  ) -> Comparison {
    guard tunnel.role != .initiate, tunnel.encapsulation == sender.encapsulation,
      tunnel.local.map({ $0.isSameHost(as: sender.local.address) }) ?? true
    else { return .otherPeer }
    let rank: Int
    switch tunnel.peer {
    case .address, .name, .list:
      let isSender = { (address: IPAddress) in address.isSameHost(as: sender.source.address) }
      if tunnel.peer.addresses.contains(where: isSender) {
        rank = 1000
      } else if !tunnel.peer.names.isEmpty, resolved.contains(where: isSender) {
        rank = 500
      } else {
        return .otherPeer
      }
    case .prefix(let prefix):
      guard prefix.contains(sender.source.address) else { return .otherPeer }
      rank = 1 + prefix.lengthBits
    case .any: rank = 0
    }
    if let expected = tunnel.peerHostName, expected != sender.hostName {
      return .presents("the Host Name '\(sender.hostName.printable)', not '\(expected)'")
    }
    if let expected = tunnel.peerRouterID, expected != sender.routerID {
      return .presents("the Router ID \(IPAddress.v4(sender.routerID)), not \(IPAddress.v4(expected))")
    }
    return .takes(
      TunnelMatch(
        addressRank: rank, namesHost: tunnel.peerHostName != nil, namesRouter: tunnel.peerRouterID != nil))
  }

  /// Whether `left` is less specific.
  static func < (left: TunnelMatch, right: TunnelMatch) -> Bool {
    func order(_ match: TunnelMatch) -> (Int, Int, Int) {
      (match.addressRank, match.namesHost ? 1 : 0, match.namesRouter ? 1 : 0)
    }
    return order(left) < order(right)
  }
}

extension IPAddress {
  /// The address alone: what hosts are looked up by.
  var withoutZone: IPAddress {
    switch self {
    case .v4, .v6(_, _, nil): self
    case .v6(let high, let low, .some): .v6(high: high, low: low, zone: nil)
    }
  }

  /// Whether both name one host: the zone of a link-local address counts only where both have one.
  public func isSameHost(as other: IPAddress) -> Bool {
    switch (self, other) {
    case (.v4(let one), .v4(let two)): one == two
    case (.v6(let high, let low, let zone), .v6(let otherHigh, let otherLow, let otherZone)):
      high == otherHigh && low == otherLow && (zone == nil || otherZone == nil || zone == otherZone)
    case (.v4, .v6), (.v6, .v4): false
    }
  }
}
