public import PWCore

extension PluginResponse {
  /// Reads the answer to `up`.
  ///
  /// - Parameters:
  ///   - question: what was asked.
  ///   - payload: what the plugin's sessions carry.
  ///   - bridges: the site's bridges: a plugin may join no other.
  /// - Throws: what no session can have.
  public func answer(
    to question: PluginQuestion, payload: PseudowirePayload, bridges: Set<String>
  ) throws(PluginFault) -> PluginAnswer {
    if let refuse {
      let code = refuse.code.map(CallCode.init(rawValue:)) ?? .noFacilitiesTemporary
      return .refuse(CallResult(code), reason: refuse.reason.asPluginText)
    }
    guard let links else { throw PluginFault("the answer to 'up' has neither 'links' nor 'refuse'") }
    guard links.count <= PluginProtocol.maximumLinks else {
      throw PluginFault("\(links.count) links: a session has at most \(PluginProtocol.maximumLinks)")
    }
    var kinds: [Link.Kind] = []
    for link in links { kinds.append(try link.readKind()) }
    let ends = kinds.filter { $0 == .session || $0 == .ppp }
    guard ends == [payload == .ethernet ? .session : .ppp] else {
      throw PluginFault(
        payload == .ethernet
          ? "an Ethernet session has exactly one link of kind 'session', and none of kind 'ppp'"
          : "a PPP session has exactly one link of kind 'ppp', and no interface of its own ('session')")
    }
    guard links.count <= (payload == .ethernet ? 2 : 1) else {
      throw PluginFault(
        payload == .ethernet
          ? "the interface joins \(links.count - 1) others: it can join one"
          : "a link that ends here joins nothing else")
    }
    guard links.count == 1 || links.allSatisfy({ $0.addresses ?? [] == [] }) else {
      throw PluginFault("an interface that joins another link has 'addresses': nobody would reach them there")
    }
    var requests: [LinkRequest] = []
    for link in links {
      requests.append(try link.request(of: question.declaration.interfaceName, bridges: bridges))
    }
    return .links(requests)
  }
}

extension PluginResponse.Link {
  /// The kind of a link request, as it is written.
  enum Kind: String, CaseIterable {
    case session, bridgePort = "bridge-port", pointToPoint = "point-to-point", vlan, trunk, ppp
  }

  func readKind() throws(PluginFault) -> Kind {
    guard let known = Kind(rawValue: kind) else {
      let kinds = Kind.allCases.map(\.rawValue).joined(separator: ", ")
      throw PluginFault("there is no link of kind '\(kind.asPluginText)'; there are \(kinds)")
    }
    return known
  }

  func request(of interface: String, bridges: Set<String>) throws(PluginFault) -> LinkRequest {
    switch try readKind() {
    case .session:
      return .session(
        .init(name: interface, mtu: try readMTU(), isUp: up ?? false, addresses: try readAddresses()))
    case .bridgePort:
      let name = try PluginNames.interface(bridge, "bridge")
      guard bridges.contains(name) else {
        throw PluginFault("the site has no bridge '\(name)'; add it below 'bridges:'")
      }
      return .bridgePort(
        .init(link: interface, bridge: name, isIsolated: isolated ?? false, vlans: try readPortVLANs()))
    case .pointToPoint:
      return .pointToPoint(
        .init(
          link: interface, member: try PluginNames.interface(member, "member"), passesFaultToMember: passFault ?? false)
      )
    case .vlan:
      return .vlanCircuit(
        .init(
          link: interface, port: try PluginNames.interface(port, "port"), tag: try PluginNames.tag(vlan, tag),
          priorities: try readPriorities()))
    case .trunk:
      return .vlanTrunk(
        .init(
          link: interface, port: try PluginNames.interface(port, "port"), vlans: try PluginNames.tags(vlans, tag),
          priorities: try readPriorities()))
    case .ppp:
      guard let ppp else { throw PluginFault("'ppp' is missing") }
      return .pppTermination(try ppp.request(of: interface))
    }
  }

  private func readMTU() throws(PluginFault) -> LinkRequest.MTU {
    switch mtu {
    case nil, .carry?: return .carry
    case .octets(let octets)?:
      guard MTUOption.range.contains(octets) else {
        throw PluginFault(
          "an MTU of \(octets): \(MTUOption.range.lowerBound) to \(MTUOption.range.upperBound), or \"carry\"")
      }
      return .octets(octets)
    }
  }

  private func readPortVLANs() throws(PluginFault) -> PortVLANs? {
    guard vlans != nil || untaggedVLAN != nil else { return nil }
    var read = PortVLANs()
    if let vlans {
      guard let tagged = PortVLANs.tagged(vlans) else {
        throw PluginFault("'vlans' is neither 'none' nor a list of numbers from 1 to 4094, as in '1-50,100'")
      }
      read.tagged = tagged
    }
    if let untaggedVLAN {
      guard let untagged = PortVLANs.untagged(untaggedVLAN) else {
        throw PluginFault("'untagged_vlan' is neither \"none\" nor a number from 1 to 4094, as text")
      }
      read.untagged = untagged
    }
    return read
  }

  private func readAddresses() throws(PluginFault) -> [InterfaceAddress] {
    var read: [InterfaceAddress] = []
    for text in addresses ?? [] {
      guard let address = InterfaceAddress(text) else {
        throw PluginFault("'addresses': '\(text.asPluginText)' is not an address with its prefix length")
      }
      if !read.contains(address) { read.append(address) }
    }
    return read
  }

  private func readPriorities() throws(PluginFault) -> TagPriorities {
    var changes: [UInt8: UInt8] = [:]
    for (key, value) in priorities ?? [:] {
      guard let from = UInt8(key), TagPriorities.range.contains(from), TagPriorities.range.contains(value) else {
        throw PluginFault("'priorities' maps '\(key.asPluginText)' to \(value): both are numbers from 0 to 7")
      }
      changes[from] = value
    }
    return TagPriorities(changes)
  }
}
