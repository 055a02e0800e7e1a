import PWCore

/// Checks of tunnels without signalling, and of declared sessions: every value that a peer would have agreed to is
/// there, and none that it would have been asked for.
enum StaticChecks {
  static func check(_ draft: SiteDraft, _ complaints: inout Complaints) {
    for tunnel in draft.tunnels {
      switch tunnel.signalling {
      case .full: checkSignalled(tunnel, &complaints)
      case .keepalive: checkKeepalive(tunnel, &complaints)
      case .none: checkStatic(tunnel, &complaints)
      }
    }
    checkIdentifiers(draft, &complaints)
  }

  /// Values that are agreed on with the peer cannot be declared as well.
  private static func checkSignalled(_ tunnel: TunnelDraft, _ complaints: inout Complaints) {
    let (section, keys) = (tunnel.section, TunnelKeys.declared)
    for key in [keys.connectionIDs.name, keys.liveness.name] where section.hasKey(named: key) {
      complaints.error(
        at: section.place(ofKeyNamed: key),
        "'\(key)' in \(section.name) is for a tunnel without signalling; add 'signalling: none', or remove it")
    }
  }

  /// The control connection is agreed on, and its sessions are not.
  private static func checkKeepalive(_ tunnel: TunnelDraft, _ complaints: inout Complaints) {
    checkSignalled(tunnel, &complaints)
    if tunnel.declaration.helloInterval == .zero {
      complaints.error(
        at: tunnel.section.place(of: \.hello),
        "\(tunnel.section.name) has 'signalling: keepalive', whose HELLOs find out whether the peer is there, and "
          + "'hello: 0s', without which nobody would; write a time, or 'signalling: none'")
    }
    for pseudowire in tunnel.pseudowires { checkDeclared(pseudowire, tunnel.signalling, &complaints) }
  }

  private static func checkStatic(_ tunnel: TunnelDraft, _ complaints: inout Complaints) {
    let section = tunnel.section
    if tunnel.isPeerKnown, !tunnel.declaration.peer.isOneHost || tunnel.declaration.peer.hosts.count > 1 {
      complaints.error(
        at: section.place(of: \.peer),
        "'peer' in \(section.name) is '\(tunnel.declaration.peer.text)', and without signalling nobody can know which "
          + "of these it is; write one address or name")
    }
    let keys = TunnelKeys.declared
    let useless: [any DeclaredKey] = [
      keys.role, keys.listenPort, keys.answerPort, keys.peerHostName, keys.peerRouterID, keys.hello, keys.mtuProbe,
      keys.retransmit, keys.receiveWindow, keys.setupTimeout, keys.authentication, keys.compatibility,
    ]
    for key in useless where section.hasKey(named: key.name) {
      complaints.error(
        at: section.place(ofKeyNamed: key.name), complaint(about: key, in: section.name, tunnel.signalling))
    }
    for pseudowire in tunnel.pseudowires { checkDeclared(pseudowire, tunnel.signalling, &complaints) }
  }

  private static func checkDeclared(
    _ pseudowire: PseudowireDraft, _ signalling: Signalling, _ complaints: inout Complaints
  ) {
    let (section, keys) = (pseudowire.section, PseudowireKeys.declared)
    let useless: [any DeclaredKey] = [
      keys.endID, keys.localEndID, keys.attachmentGroup, keys.interfaceMTU, keys.mtuMismatch, keys.cookie,
      keys.lossLimit,
    ]
    for key in useless where section.hasKey(named: key.name) {
      complaints.error(at: section.place(ofKeyNamed: key.name), complaint(about: key, in: section.name, signalling))
    }
    if !section.has(\.sublayer) || section.text(of: \.sublayer) == "auto" {
      complaints.error(
        at: section.place(of: \.sublayer),
        "\(section.name) must say which sublayer the other end has, because its tunnel has 'signalling: "
          + "\(signalling)'; write 'sublayer: default' (that of `ip l2tp` and of RouterOS, if nothing else is said "
          + "there) or 'sublayer: none'"
      )
    }
    if pseudowire.expanded.contains(where: { $0.template != nil }) {
      complaints.error(
        at: section.mark,
        "\(section.name) stands for many sessions, each with identifiers of its own; its tunnel needs "
          + "'signalling: full'")
    }
  }

  private static func complaint(about key: any DeclaredKey, in owner: String, _ signalling: Signalling) -> String {
    let reason = signalling == .none ? "which exchanges no message" : "which exchanges no message about sessions"
    return "'\(key.name)' in \(owner) has no meaning with 'signalling: \(signalling)', \(reason); remove it"
  }

  // MARK: Identifiers

  /// The kernel names tunnels by our identifier, and over IP sessions too: both are unique in the site.
  private static func checkIdentifiers(_ draft: SiteDraft, _ complaints: inout Complaints) {
    var tunnels: [ControlConnectionID: Section<TunnelKeys>] = [:]
    var sessions: [SessionID: PseudowireDraft] = [:]
    for tunnel in draft.tunnels where tunnel.signalling != .full {
      if let identifier = tunnel.declaration.staticConnection?.localID {
        if let other = tunnels.updateValue(tunnel.section, forKey: identifier) {
          let mark = tunnel.section.place(of: \.connectionIDs)
          complaints.error(
            at: mark,
            "'connection-ids' of \(tunnel.section.name) has the local identifier of \(other.name) "
              + "(\(complaints.line(of: other.mark, from: mark))), \(identifier.rawValue); give each tunnel one of its "
              + "own")
        }
      }
      for pseudowire in tunnel.pseudowires {
        guard let identifier = pseudowire.declaration.staticSession?.localID else { continue }
        guard let other = sessions.updateValue(pseudowire, forKey: identifier) else { continue }
        let mark = pseudowire.section.place(of: \.sessionIDs)
        complaints.error(
          at: mark,
          "'session-ids' of \(pseudowire.title) has the local identifier of \(other.title) "
            + "(\(complaints.line(of: other.section.mark, from: mark))), \(identifier.rawValue); give each pseudowire "
            + "one of its own")
      }
    }
  }
}
