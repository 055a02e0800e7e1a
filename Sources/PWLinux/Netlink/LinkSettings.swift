/// The changes to make to a link; nil leaves as it is. The kernel takes all of it in one request, but makes addresses
/// before it reads `generatesAddresses`, and knows a port before it is one: a link goes up, or is isolated, in a second
/// request.
struct LinkSettings: Equatable, Sendable {
  /// A new name: the link must be down.
  var name: String?
  /// IFF_UP.
  var isUp: Bool?
  /// IFF_PROMISC.
  var isPromiscuous: Bool?
  /// IFLA_MTU, in octets.
  var mtuOctets: Int?
  /// The MAC address.
  var address: [UInt8]?
  /// IFLA_IFALIAS: the mark that tells our links from others (``LinkMark``).
  var alias: String?
  /// The bridge, or 0 for none.
  var master: Int32?
  /// Whether IPv6 makes addresses by itself.
  var generatesAddresses: Bool?
  /// For a bridge's port.
  var isIsolated: Bool?
  /// Whether a bridge runs the spanning tree protocol.
  var spanningTree: Bool?
  /// Whether a bridge filters frames by the VLANs of its ports.
  var filtersVLANs: Bool?

  /// Whether nothing is to be changed.
  var isEmpty: Bool { self == LinkSettings() }
}

extension LinkSettings {
  /// Takes over what another one changes.
  mutating func merge(_ later: LinkSettings) {
    name = later.name ?? name
    isUp = later.isUp ?? isUp
    isPromiscuous = later.isPromiscuous ?? isPromiscuous
    mtuOctets = later.mtuOctets ?? mtuOctets
    address = later.address ?? address
    alias = later.alias ?? alias
    master = later.master ?? master
    generatesAddresses = later.generatesAddresses ?? generatesAddresses
    isIsolated = later.isIsolated ?? isIsolated
    spanningTree = later.spanningTree ?? spanningTree
    filtersVLANs = later.filtersVLANs ?? filtersVLANs
  }

  /// The settings that another one has with the same values.
  func common(with other: LinkSettings) -> LinkSettings {
    func same<Value: Equatable>(_ path: KeyPath<LinkSettings, Value?>) -> Value? {
      self[keyPath: path] == other[keyPath: path] ? self[keyPath: path] : nil
    }
    return LinkSettings(
      name: same(\.name), isUp: same(\.isUp), isPromiscuous: same(\.isPromiscuous), mtuOctets: same(\.mtuOctets),
      address: same(\.address), alias: same(\.alias), master: same(\.master),
      generatesAddresses: same(\.generatesAddresses), isIsolated: same(\.isIsolated),
      spanningTree: same(\.spanningTree), filtersVLANs: same(\.filtersVLANs))
  }

  /// The settings that a link does not have, each as the state that it has instead, in words that follow its name.
  func unmet(by link: LinkInfo) -> [String] {
    var unmet: [String] = []
    func compare<Value: Equatable>(_ wanted: Value?, _ now: Value?, _ words: (Value) -> String) {
      if let wanted, let now, wanted != now { unmet.append(words(now)) }
    }
    compare(name, link.name) { "has the name \($0)" }
    compare(isUp, link.isUp) { $0 ? "is up" : "is down" }
    compare(isPromiscuous, link.isPromiscuous) { $0 ? "is promiscuous" : "is not promiscuous" }
    compare(mtuOctets, link.mtuOctets) { "has an MTU of \($0) octets" }
    compare(address, link.address) { "has the MAC address \(StateFile.text(of: $0))" }
    compare(alias, link.alias ?? "") { $0.isEmpty ? "has no alias" : "has the alias '\($0)'" }
    compare(master, link.master) { $0 == 0 ? "belongs to no bridge" : "belongs to link \($0)" }
    compare(generatesAddresses, link.generatesAddresses) { $0 ? "makes IPv6 addresses" : "makes no IPv6 addresses" }
    compare(isIsolated, link.isIsolated) { $0 ? "is isolated" : "is not isolated" }
    compare(spanningTree, link.spanningTree) { $0 ? "runs the spanning tree" : "runs no spanning tree" }
    // Bridges of a kernel that cannot filter do not say so.
    let filters = link.kind == "bridge" ? link.filtersVLANs ?? false : nil
    compare(filtersVLANs, filters) { $0 ? "filters by VLAN" : "does not filter by VLAN" }
    return unmet
  }
}
