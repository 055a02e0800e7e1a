import PWCore

/// The `bridges:` of a site.
struct BridgeReader {
  func read(_ top: LooseSection, _ complaints: inout Complaints) -> [BridgeDraft] {
    var bridges: [BridgeDraft] = []
    for (key, node) in top.children("bridges", &complaints) {
      do throws(ValueFault) {
        _ = try Names.interface(key)
      } catch {
        complaints.error(at: key.mark, "bridge: \(error.message)")
      }
      let section = Section<BridgeKeys>(node, named: "bridge '\(key.text)'", at: key.mark, &complaints)
      guard let section else { continue }
      let members = section.list(\.members, &complaints)
      var declaration = BridgeDeclaration(
        name: key.text, members: members.map(\.value), spanningTree: section.value(of: \.stp, &complaints),
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
        complaints.error(at: mark, "'addresses' in \(section.name): '\(address)' is there twice; remove one of the two")
      } else {
        seen.append(address)
      }
    }
    return seen
  }
}
