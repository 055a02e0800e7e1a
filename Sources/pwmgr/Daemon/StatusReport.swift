import PWCore
import PWLinux

/// Makes the document that `status` shows out of what the engine knows of a site, what the data plane counted, and what
/// the daemon knows.
struct StatusReport {
  /// The site as it is being carried out.
  var site: Site
  /// The daemon's part of the document.
  var daemon: StatusDocument.Daemon
  /// The daemon's own complaints.
  var problems: [String] = []
  /// The PPPoE clients that have a session.
  var clients: [LinkOwner: ClientStatus] = [:]
  /// The faults that plugins in other processes have found in sessions.
  var pluginProblems: [LinkOwner: [String]] = [:]

  /// The document: `status` with all that the engine does not know.
  func document(_ status: consuming SiteStatus, counters: DataPlaneCounters) -> StatusDocument {
    let types = outsideTypes
    status.problems = problems + status.problems
    for index in status.tunnels.indices { complete(&status.tunnels[index], counters, types) }
    return StatusDocument(daemon: daemon, site: status)
  }

  private func complete(_ status: inout TunnelStatus, _ counters: DataPlaneCounters, _ types: [LinkOwner: String]) {
    status.countTemplates()
    status.counters = status.localID.flatMap { counters.tunnels[$0] }
    for index in status.pseudowires.indices {
      let owner = LinkOwner(tunnel: status.name, pseudowire: status.pseudowires[index].name)
      if let tunnel = status.localID, let session = status.pseudowires[index].localID {
        status.pseudowires[index].counters = counters.sessions[SessionKey(tunnel: tunnel, session: session)]
      }
      // Data of another session of the tunnel's does not show that the peer has this one.
      if status.signalling == .keepalive, status.pseudowires[index].counters?.receivedPackets ?? 0 == 0 {
        status.pseudowires[index].isVerified = false
      }
      let type = status.pseudowires[index].type
      status.pseudowires[index].typeName =
        types[owner] ?? CompiledInPlugins.plugin(for: type)?.name ?? "type \(type.rawValue)"
      status.pseudowires[index].warnings += (pluginProblems[owner] ?? []).map { .init(.plugin, $0) }
      status.pseudowires[index].client = clients[owner]
    }
  }

  /// The names of the types of pseudowires whose plugin is not compiled in.
  private var outsideTypes: [LinkOwner: String] {
    guard !site.plugins.isEmpty else { return [:] }
    var types: [LinkOwner: String] = [:]
    for tunnel in site.tunnels {
      for pseudowire in tunnel.pseudowires {
        types[LinkOwner(tunnel: tunnel.name, pseudowire: pseudowire.name)] = pseudowire.plugin
      }
    }
    return types
  }
}
