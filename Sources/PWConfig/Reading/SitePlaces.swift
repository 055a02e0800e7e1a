public import PWCore

/// Where in a file the parts of a site stand: for complaints that come of more than one file.
public struct SitePlaces: Sendable {
  private var top: Section<SiteKeys>?
  private var tunnels: [String: Section<TunnelKeys>] = [:]
  private var pseudowires: [LinkOwner: PseudowireDraft] = [:]

  /// Makes an empty table, for a file that is refused.
  init() {}

  init(_ top: Section<SiteKeys>, _ draft: SiteDraft) {
    self.top = top
    for tunnel in draft.tunnels {
      tunnels[tunnel.declaration.name] = tunnel.section
      for pseudowire in tunnel.pseudowires {
        for declaration in pseudowire.expanded {
          pseudowires[LinkOwner(tunnel: tunnel.declaration.name, pseudowire: declaration.name)] = pseudowire
        }
      }
    }
  }

  /// Where the value of a key stands; where what it belongs to has its name, if the key is not there.
  ///
  /// - Parameters:
  ///   - key: nil asks for the name itself.
  ///   - tunnel: the tunnel that it belongs to; nil is the site.
  ///   - pseudowire: the pseudowire of that tunnel that it belongs to; nil is the tunnel.
  public func mark(of key: String?, tunnel: String? = nil, pseudowire: String? = nil) -> Mark {
    if let tunnel, let pseudowire, let draft = pseudowires[LinkOwner(tunnel: tunnel, pseudowire: pseudowire)] {
      guard let key else { return draft.section.mark }
      return draft.section.hasKey(named: key) ? draft.section.place(ofKeyNamed: key) : draft.place(ofKey: key)
    }
    if let section = tunnel.flatMap({ tunnels[$0] }) { return key.map(section.place(ofKeyNamed:)) ?? section.mark }
    guard let top else { return Mark(line: 1, column: 1) }
    return key.map(top.place(ofKeyNamed:)) ?? top.mark
  }
}
