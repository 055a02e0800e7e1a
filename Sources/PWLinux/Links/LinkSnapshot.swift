public import PWCore

/// The links that a site works with as they are at one moment, to be compared with those of another: none that changes
/// by itself, such as the carrier or a counter, is in it.
public struct LinkSnapshot: Equatable, Sendable, Codable {
  /// The properties of a link in words, by their names.
  typealias Properties = [String: String]

  /// By the link's name.
  private(set) var links: [String: Properties] = [:]

  init(links: [String: Properties]) { self.links = links }

  /// The differences of a later one: a line for each link, the properties in the order of their names.
  public func differences(of later: LinkSnapshot) -> [String] {
    Set(links.keys).union(later.links.keys).sorted().compactMap { name in
      guard let before = links[name] else { return "\(name) is there, and was not" }
      guard let after = later.links[name] else { return "\(name) is not there any more" }
      let properties = Set(before.keys).union(after.keys).sorted().filter { before[$0] != after[$0] }
      guard !properties.isEmpty else { return nil }
      let words = properties.map { "\($0) \(after[$0] ?? "none") instead of \(before[$0] ?? "none")" }
      return "\(name): \(words.joined(separator: ", "))"
    }
  }
}

extension LinkKeeper {
  /// The links of these names as they are now; those that are not there are left out.
  public func snapshot(of names: Set<String>) -> LinkSnapshot {
    monitor.drain()
    let known = monitor.links.values.filter { names.contains($0.name) }
    return LinkSnapshot(
      links: Dictionary(known.map { ($0.name, properties(of: $0)) }) { first, _ in first })
  }

  private func properties(of link: LinkInfo) -> LinkSnapshot.Properties {
    var properties = [
      "state": link.isUp ? "up" : "down",
      "MTU": "\(link.mtuOctets)",
      "MAC address": StateFile.text(of: link.address),
      "master": monitor.links[link.master]?.name ?? "none",
    ]
    properties["kind"] = link.kind
    if link.isPromiscuous { properties["promiscuous mode"] = "on" }
    if let isIsolated = link.isIsolated { properties["isolation"] = isIsolated ? "on" : "off" }
    if let spanningTree = link.spanningTree { properties["spanning tree"] = spanningTree ? "on" : "off" }
    if let filters = link.filtersVLANs { properties["VLAN filter"] = filters ? "on" : "off" }
    if let vlan = link.usualVLAN { properties["usual VLAN"] = "\(vlan)" }
    let addresses = monitor.addresses(of: link.index).filter { !$0.isLinkLocal }
    if !addresses.isEmpty {
      properties["addresses"] = addresses.map { "\($0.words)/\($0.prefixLengthBits)" }.sorted().joined(separator: " ")
    }
    let vlans = monitor.portVLANs[link.index] ?? []
    if !vlans.isEmpty { properties["VLANs"] = vlans.map(\.words).sorted().joined(separator: " ") }
    return properties
  }
}

extension PortVLANRange {
  /// As people read it: `1-50`, `7 untagged`.
  fileprivate var words: String {
    let numbers =
      identifiers.count == 1 ? "\(identifiers.lowerBound)" : "\(identifiers.lowerBound)-\(identifiers.upperBound)"
    switch (isForUntagged, leavesUntagged) {
    case (false, false): return numbers
    case (true, true): return "\(numbers) untagged"
    case (true, false): return "\(numbers) for untagged frames"
    case (false, true): return "\(numbers) leaving untagged"
    }
  }
}

extension Site {
  /// The names of the links that it makes, or that it changes.
  public var linkNames: Set<String> {
    var names = Set(bridges.map(\.name) + bridges.flatMap(\.members))
    for pseudowire in tunnels.flatMap(\.pseudowires) {
      names.insert(pseudowire.interfaceName)
      if let link = pseudowire.circuit.link { names.insert(link) }
    }
    return names
  }
}
