import PWCore

/// The tunnels and pseudowires that an operator has put down, until the daemon ends.
struct PutDown {
  private var tunnels: Set<String> = []
  /// By the names that they are declared by; of one that stands for many, all are meant.
  private var pseudowires: Set<LinkOwner> = []

  /// A tunnel, or a declaration of one's pseudowires.
  enum Subject {
    case tunnel(TunnelDeclaration)
    /// A pseudowire, by the name that it is declared by.
    case pseudowire(LinkOwner, of: TunnelDeclaration)
    /// One of the many that a declaration stands for.
    case session(LinkOwner, of: TunnelDeclaration)

    /// Finds what has a name, `berlin` or `berlin/lan`, in a site; nil where nothing has.
    init?(_ name: String, in site: Site) {
      let parts = name.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard let tunnel = site.tunnels.first(where: { $0.name == parts[0] }) else { return nil }
      guard parts.count == 2 else {
        self = .tunnel(tunnel)
        return
      }
      let owner = LinkOwner(tunnel: tunnel.name, pseudowire: parts[1])
      if tunnel.pseudowires.contains(where: { ($0.template ?? $0.name) == parts[1] }) {
        self = .pseudowire(owner, of: tunnel)
      } else if tunnel.pseudowires.contains(where: { $0.name == parts[1] }) {
        self = .session(owner, of: tunnel)
      } else {
        return nil
      }
    }

    /// The tunnel that it is, or is in.
    var tunnel: TunnelDeclaration {
      switch self {
      case .tunnel(let tunnel), .pseudowire(_, let tunnel), .session(_, let tunnel): tunnel
      }
    }

    /// Whether the site file itself disables it, or its tunnel.
    var isDisabledInFile: Bool {
      tunnel.disabled != nil
        || owner.map { owner in
          tunnel.pseudowires.contains {
            [$0.name, $0.template ?? $0.name].contains(owner.pseudowire) && $0.disabled != nil
          }
        } ?? false
    }

    var owner: LinkOwner? {
      switch self {
      case .tunnel: nil
      case .pseudowire(let owner, _), .session(let owner, _): owner
      }
    }
  }

  /// Whether it is down, by itself or with its tunnel.
  func contains(_ subject: Subject) -> Bool { names(subject) || tunnels.contains(subject.tunnel.name) }

  /// Whether it is down by itself.
  func names(_ subject: Subject) -> Bool {
    subject.owner.map(pseudowires.contains) ?? tunnels.contains(subject.tunnel.name)
  }

  /// Whether the tunnel that it is in is down.
  func hasTunnel(of subject: Subject) -> Bool { subject.owner != nil && tunnels.contains(subject.tunnel.name) }

  /// The pseudowires of a tunnel that are down by themselves, as their operator names them, in the order of the file.
  func names(in subject: Subject) -> [String] {
    guard case .tunnel(let tunnel) = subject else { return [] }
    var found: [String] = []
    for pseudowire in tunnel.pseudowires {
      let owner = LinkOwner(tunnel: tunnel.name, pseudowire: pseudowire.template ?? pseudowire.name)
      let name = "\(owner.tunnel)/\(owner.pseudowire)"
      if pseudowires.contains(owner), found.last != name { found.append(name) }
    }
    return found
  }

  /// Puts it down.
  mutating func insert(_ subject: Subject) {
    if let owner = subject.owner { pseudowires.insert(owner) } else { tunnels.insert(subject.tunnel.name) }
  }

  /// Puts it up.
  mutating func remove(_ subject: Subject) {
    if let owner = subject.owner { pseudowires.remove(owner) } else { tunnels.remove(subject.tunnel.name) }
  }

  /// The site as it is to be carried out.
  func applied(to site: Site) -> Site {
    guard !tunnels.isEmpty || !pseudowires.isEmpty else { return site }
    var site = site
    for index in site.tunnels.indices {
      let name = site.tunnels[index].name
      if tunnels.contains(name), site.tunnels[index].disabled == nil { site.tunnels[index].disabled = .command }
      for number in site.tunnels[index].pseudowires.indices {
        let pseudowire = site.tunnels[index].pseudowires[number]
        let isNamed = [pseudowire.name, pseudowire.template ?? pseudowire.name].contains {
          pseudowires.contains(LinkOwner(tunnel: name, pseudowire: $0))
        }
        guard isNamed, pseudowire.disabled == nil else { continue }
        site.tunnels[index].pseudowires[number].disabled = .command
      }
    }
    return site
  }
}
