import PWCore

extension SiteFile {
  /// The pseudowires that it declares to be there all the time, and not only while a client asks for them.
  var owners: Set<LinkOwner> {
    var owners = Set((reading.site?.tunnels ?? []).flatMap(\.owners))
    for tunnel in reading.site?.tunnels ?? [] {
      for pseudowire in tunnel.pseudowires where pseudowire.calling != .always {
        owners.remove(LinkOwner(tunnel: tunnel.name, pseudowire: pseudowire.name))
      }
    }
    return owners
  }

  /// As its user named it.
  var title: String { path == "-" ? "standard input" : path }
}
