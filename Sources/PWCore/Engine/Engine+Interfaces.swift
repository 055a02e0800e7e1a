/// The interfaces of sessions. A data plane may keep one from the end of a session to the pseudowire's next, with
/// everything that others have put on it; the engine says when no next one is expected.
extension Engine {
  /// The data plane is asked for a session with this interface.
  mutating func hold(_ interface: String, of pseudowire: PseudowireReference) {
    heldInterfaces[owner(pseudowire)] = interface
  }

  /// Has the interfaces released that pseudowires will not have any more by the new declarations; to be called before
  /// these are carried out.
  mutating func releaseInterfaces(notOf declarations: [TunnelDeclaration]) {
    guard !heldInterfaces.isEmpty else { return }
    var kept: [LinkOwner: String] = [:]
    for tunnel in declarations where tunnel.disabled == nil {
      for pseudowire in tunnel.pseudowires.prefix(EngineLimits.sessionsPerConnection) {
        let owner = LinkOwner(tunnel: tunnel.name, pseudowire: pseudowire.name)
        if heldInterfaces[owner] == pseudowire.interfaceName, keepsInterface(owner, as: pseudowire) {
          kept[owner] = pseudowire.interfaceName
        }
      }
    }
    guard kept.count < heldInterfaces.count else { return }
    let released = heldInterfaces.filter { kept[$0.key] == nil }
    heldInterfaces = kept
    release(released)
  }

  /// Has every interface released: there are no more sessions.
  mutating func releaseInterfaces() {
    guard !heldInterfaces.isEmpty else { return }
    release(heldInterfaces)
    heldInterfaces = [:]
  }

  /// Whether the interface may serve a pseudowire whose declaration becomes another one: only where the change would
  /// not end a session.
  private func keepsInterface(_ owner: LinkOwner, as new: PseudowireDeclaration) -> Bool {
    guard new.disabled == nil, let pseudowire = pseudowiresByOwner[owner] else { return false }
    let old = pseudowires[pseudowire].declaration
    guard old.type == new.type, old.plugin == new.plugin else { return false }
    if old.options == new.options { return true }
    return plugins.changeableOptions(of: new, site.plugins)?.allow(new.options, inPlaceOf: old.options) ?? false
  }

  private mutating func release(_ interfaces: [LinkOwner: String]) {
    let sorted = interfaces.map { SessionInterface(owner: $0.key, name: $0.value) }
      .sorted { ($0.name, $0.owner.tunnel, $0.owner.pseudowire) < ($1.name, $1.owner.tunnel, $1.owner.pseudowire) }
    change(.releaseInterfaces(sorted))
  }
}
