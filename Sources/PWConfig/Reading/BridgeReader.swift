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
      let section = LooseSection(node, named: "bridge '\(key.text)'", at: key.mark, schema: .bridge, &complaints)
      guard let section else { continue }
      section.refuseUnknownKeys(&complaints)
      let members = section.list("members", &complaints, Names.interface)
      var declaration = BridgeDeclaration(
        name: key.text, members: members.map(\.value),
        spanningTree: section.read("stp", &complaints, Numbers.boolean),
        mtuOctets: section.read("mtu", &complaints, KeyType.number(68...65_535).read))
      declaration.filtersVLANs = section.read("vlan-filtering", &complaints, Numbers.boolean)
      declaration.macAddress = section.read("mac", &complaints, Addresses.mac)
      declaration.addresses = addresses(section, &complaints)
      bridges.append(BridgeDraft(section: section, declaration: declaration, memberMarks: members.map(\.mark)))
    }
    return bridges
  }

  private func addresses(_ section: LooseSection, _ complaints: inout Complaints) -> [InterfaceAddress] {
    var seen: [InterfaceAddress] = []
    for (address, mark) in section.list("addresses", &complaints, example: "192.0.2.1/24", Addresses.ofInterface) {
      if seen.contains(address) {
        complaints.error(at: mark, "'addresses' in \(section.name): '\(address)' is there twice; remove one of the two")
      } else {
        seen.append(address)
      }
    }
    return seen
  }
}
