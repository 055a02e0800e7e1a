import PWCore

/// Checks that the parts of one tunnel agree.
enum TunnelChecks {
  static func check(_ draft: TunnelDraft, _ complaints: inout Complaints) {
    if draft.isPeerKnown {
      checkFamilies(draft, &complaints)
      if draft.signalling != .none { checkUnnamedPeer(draft, &complaints) }
      checkZones(draft, &complaints)
    }
    checkPorts(draft, &complaints)
    checkIntegrity(draft, &complaints)
    if draft.signalling == .full { checkEndIDs(draft, &complaints) }
  }

  private static func checkFamilies(_ draft: TunnelDraft, _ complaints: inout Complaints) {
    let tunnel = draft.declaration
    let section = draft.section
    if let family = tunnel.family, let local = tunnel.local, local.family != family {
      complaints.error(
        at: section.place(of: \.family),
        "'family' in \(section.name) is \(family.word) and 'local' is \(local.family.word); make them the same, or remove 'family'"
      )
    }
    for (address, mark) in draft.addresses { checkFamily(of: address, mark, draft, &complaints) }
  }

  private static func checkFamily(
    of address: IPAddress, _ mark: Mark, _ draft: TunnelDraft, _ complaints: inout Complaints
  ) {
    let (tunnel, section, peer) = (draft.declaration, draft.section, address.family)
    let isList = tunnel.peer.hosts.count > 1
    if let local = tunnel.local, local.family != peer {
      complaints.error(
        at: isList ? mark : section.place(of: \.local),
        "'local' in \(section.name) is \(local.family.word) and \(isList ? "'\(address)'" : "'peer'") is \(peer.word); "
          + (isList ? "write addresses of one family, or remove 'local'" : "write two addresses of one family"))
    }
    if let family = tunnel.family, family != peer {
      complaints.error(
        at: isList ? mark : section.place(of: \.family),
        "'family' in \(section.name) is \(family.word) and \(isList ? "'\(address)'" : "'peer'") is \(peer.word); "
          + "remove \(isList ? "one of them" : "'family', an address says it")")
    }
    if let local = tunnel.local, tunnel.peer.addresses.contains(local), local == address {
      complaints.error(
        at: mark, "'peer' in \(section.name) is our own address ('local'); write the other site's")
    }
  }

  /// The interface of a link-local address (RFC 4007 section 6) is the one that the packets take.
  private static func checkZones(_ draft: TunnelDraft, _ complaints: inout Complaints) {
    let keys = TunnelKeys.declared
    var zones: [(key: String, zone: String)] = []
    if let device = draft.declaration.bindDevice { zones.append((keys.bindDevice.name, device)) }
    if case .v6(_, _, let zone?)? = draft.declaration.local {
      zones.append((keys.local.name, zone.name))
      checkZone(
        zone.name, of: keys.local.name, at: draft.section.place(ofKeyNamed: keys.local.name), draft, &complaints)
    }
    // Each of several addresses may be behind another interface, if it is not said which one the tunnel is bound to.
    for (host, mark) in draft.hosts {
      guard case .address(.v6(_, _, let zone?)) = host else { continue }
      checkZone(zone.name, of: keys.peer.name, at: mark, draft, &complaints)
      checkZones(zones + [(keys.peer.name, zone.name)], peer: mark, draft, &complaints)
    }
    if draft.hosts.allSatisfy({ !$0.host.hasZone }) { checkZones(zones, peer: nil, draft, &complaints) }
  }

  /// A zone names an interface, for which there is one rule.
  private static func checkZone(
    _ zone: String, of key: String, at mark: Mark, _ draft: TunnelDraft, _ complaints: inout Complaints
  ) {
    guard let fault = InterfaceName.fault(of: zone) else { return }
    complaints.error(at: mark, "'\(key)' in \(draft.section.name): \(fault)")
  }

  private static func checkZones(
    _ zones: [(key: String, zone: String)], peer: Mark?, _ draft: TunnelDraft, _ complaints: inout Complaints
  ) {
    guard let first = zones.first, let other = zones.first(where: { $0.zone != first.zone }) else { return }
    let isOfPeer = other.key == TunnelKeys.declared.peer.name
    complaints.error(
      at: isOfPeer ? peer ?? draft.section.mark : draft.section.place(ofKeyNamed: other.key),
      "'\(other.key)' in \(draft.section.name) is on '\(other.zone)' and '\(first.key)' is '\(first.zone)'; "
        + "name one interface in both")
  }

  /// A peer that may come from several addresses cannot be called, and one from anywhere must know a secret.
  private static func checkUnnamedPeer(_ draft: TunnelDraft, _ complaints: inout Complaints) {
    guard !draft.declaration.peer.isOneHost else { return }
    let section = draft.section
    if draft.declaration.role != .accept, !section.isMisspelt(\.role) {
      complaints.error(
        at: section.has(\.role) ? section.place(of: \.role) : section.place(of: \.peer),
        "\(section.name) cannot call a peer with 'peer: \(draft.declaration.peer.text)'; write 'role: accept', or the peer's address"
      )
    }
    guard draft.declaration.peer == .any else { return }
    if draft.declaration.authentication?.secretFile == nil, !section.isMisspelt(\.authentication) {
      complaints.error(
        at: section.has(\.authentication) ? section.place(of: \.authentication) : section.place(of: \.peer),
        "\(section.name) lets anyone in with 'peer: any'; add 'authentication' with a 'secret-file'")
    }
    if section.has(\.family), draft.declaration.local != nil {
      complaints.warning(
        at: section.place(of: \.family),
        "'family' in \(section.name) has no effect beside 'local'; remove it")
    }
  }

  private static func checkPorts(_ draft: TunnelDraft, _ complaints: inout Complaints) {
    let (section, keys) = (draft.section, TunnelKeys.declared)
    let ports: [(key: String, isUseless: Bool, role: String, otherwise: String)] = [
      (
        keys.localPort.name, draft.declaration.role == .accept, "accept",
        ", or write 'listen-port' for the port that is called"
      ),
      (keys.peerPort.name, draft.declaration.role == .accept, "accept", ""),
      (keys.listenPort.name, draft.declaration.role == .initiate, "initiate", ""),
      (keys.answerPort.name, draft.declaration.role == .initiate, "initiate", ""),
    ]
    for port in ports where section.hasKey(named: port.key) {
      let place = section.place(ofKeyNamed: port.key)
      if draft.declaration.encapsulation == .ip {
        complaints.error(
          at: place,
          "'\(port.key)' in \(section.name) has no meaning with 'encapsulation: ip', which has no ports; remove it, or write 'encapsulation: udp'"
        )
      } else if port.isUseless, draft.signalling != .none {
        complaints.warning(
          at: place,
          "'\(port.key)' in \(section.name) has no effect with 'role: \(port.role)'; remove it\(port.otherwise)")
      }
    }
  }

  /// RFC 3931 section 4.1.1.2: without UDP's checksum the digest, even with an empty secret, should always be there.
  private static func checkIntegrity(_ draft: TunnelDraft, _ complaints: inout Complaints) {
    let isChallenged = draft.declaration.authentication?.method == .challenge
    let hasDigest = !isChallenged && draft.section.isMeant(\.authentication)
    guard draft.declaration.encapsulation == .ip, !hasDigest, draft.signalling != .none else { return }
    let cure = isChallenged ? "write 'method: digest'" : "add 'authentication: {digest: sha1}'"
    complaints.warning(
      at: draft.section.place(of: \.encapsulation),
      "\(draft.section.name) runs over IP, which has no checksum for control messages; \(cure) "
        + "at both ends (RFC 3931 section 4.1.1.2)")
  }

  /// A call names a pseudowire by its type, its group, and the end that it calls; the end that calls counts where `local-end-id` is
  /// declared (RFC 4667 section 5.1).
  private static func checkEndIDs(_ draft: TunnelDraft, _ complaints: inout Complaints) {
    struct Key: Hashable {
      var type: PseudowireType
      var group: RemoteEndID?
      var ours: RemoteEndID
    }
    var seen: [Key: [(section: Section<PseudowireKeys>, declaration: PseudowireDeclaration)]] = [:]
    let all = draft.pseudowires.flatMap { pseudowire in pseudowire.expanded.map { (pseudowire, $0) } }
    for (pseudowire, declaration) in all {
      let key = Key(
        type: declaration.type, group: declaration.attachmentGroup,
        ours: declaration.localEndID ?? declaration.remoteEndID)
      let earlier = seen[key]?.first { other in
        declaration.localEndID == nil || other.declaration.localEndID == nil
          || other.declaration.remoteEndID == declaration.remoteEndID
      }
      if let earlier {
        let keys = PseudowireKeys.declared
        let name = declaration.localEndID == nil ? keys.endID.name : keys.localEndID.name
        let mark = pseudowire.section.place(ofKeyNamed: name)
        let line = complaints.line(of: earlier.section.mark, from: mark)
        complaints.error(
          at: mark,
          "'\(name)' in \(pseudowire.section.name) is also that of \(earlier.section.name) (\(line)); "
            + "give each pseudowire of a tunnel its own, the same at both ends")
      } else {
        seen[key, default: []].append((pseudowire.section, declaration))
      }
    }
  }
}

extension TunnelDraft {
  /// The peer's addresses, or that of its prefix, each with its place.
  fileprivate var addresses: [(address: IPAddress, mark: Mark)] {
    if case .prefix(let prefix) = declaration.peer { return [(prefix.address, section.place(of: \.peer))] }
    return hosts.compactMap { host, mark in if case .address(let address) = host { (address, mark) } else { nil } }
  }
}

extension PeerHost {
  /// Whether it is an address that has its interface in it.
  fileprivate var hasZone: Bool { if case .address(.v6(_, _, _?)) = self { true } else { false } }
}

extension AddressFamily {
  /// As it is said.
  var word: String {
    switch self {
    case .v4: "IPv4"
    case .v6: "IPv6"
    }
  }
}
