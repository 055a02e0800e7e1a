import PWCore

/// The `bridges:` of a site.
struct BridgeReader {
  func read(_ top: Section<SiteKeys>, _ complaints: inout Complaints) -> [BridgeDraft] {
    var bridges: [BridgeDraft] = []
    for (name, section) in top.children(of: \.bridges, &complaints) {
      let members = section.list(\.members, &complaints)
      var declaration = BridgeDeclaration(
        name: name, members: members.map(\.value), spanningTree: section.value(of: \.stp, &complaints),
        mtuOctets: section.value(of: \.mtu, &complaints))
      declaration.filtersVLANs = section.value(of: \.vlanFiltering, &complaints)
      declaration.macAddress = section.value(of: \.mac, &complaints)
      declaration.addresses = addresses(section, &complaints)
      bridges.append(BridgeDraft(section: section, declaration: declaration, memberMarks: members.map(\.mark)))
    }
    return bridges
  }

  private func addresses(_ section: Section<BridgeKeys>, _ complaints: inout Complaints) -> [InterfaceAddress] {
    var seen: [InterfaceAddress] = []
    for (address, mark) in section.list(\.addresses, &complaints) {
      if seen.contains(address) {
        complaints.error(at: mark, "'addresses' in \(section.name): '\(address)' appears twice; remove one of the two")
      } else {
        seen.append(address)
      }
    }
    return seen
  }
}
