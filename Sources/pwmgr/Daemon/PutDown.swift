import PWCore

/// The tunnels and pseudowires that an operator has put down, until the daemon ends.
struct PutDown {
  private var tunnels: Set<String> = []
  private var pseudowires: Set<LinkOwner> = []

  /// A tunnel, or pseudowires of one.
  enum Subject {
    case tunnel(TunnelDeclaration)
    /// One, or all that a declaration stands for.
    case pseudowires([PseudowireDeclaration], of: TunnelDeclaration)

    /// Finds what has a name, `berlin` or `berlin/lan`, in a site; nil where nothing has.
    init?(_ name: String, in site: Site) {
      let parts = name.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard let tunnel = site.tunnels.first(where: { $0.name == parts[0] }) else { return nil }
      guard parts.count == 2 else {
        self = .tunnel(tunnel)
        return
      }
      let named = tunnel.pseudowires.filter { $0.name == parts[1] || $0.template == parts[1] }
      guard !named.isEmpty else { return nil }
      self = .pseudowires(named, of: tunnel)
    }

    /// Whether the site file itself disables it, or its tunnel.
    var isDisabledInFile: Bool {
      switch self {
      case .tunnel(let tunnel): tunnel.disabled != nil
      case .pseudowires(let pseudowires, let tunnel):
        tunnel.disabled != nil || pseudowires.allSatisfy { $0.disabled != nil }
      }
    }

    /// The tunnel that it is, or is in.
    var tunnel: TunnelDeclaration {
      switch self {
      case .tunnel(let tunnel), .pseudowires(_, let tunnel): tunnel
      }
    }

    fileprivate var owners: [LinkOwner] {
      switch self {
      case .tunnel: []
      case .pseudowires(let pseudowires, let tunnel):
        pseudowires.map { LinkOwner(tunnel: tunnel.name, pseudowire: $0.name) }
      }
    }
  }

  /// Whether it is down, by itself or with its tunnel.
  func contains(_ subject: Subject) -> Bool {
    switch subject {
    case .tunnel(let tunnel): tunnels.contains(tunnel.name)
    case .pseudowires(_, let tunnel): tunnels.contains(tunnel.name) || pseudowires.isSuperset(of: subject.owners)
    }
  }

  /// Whether it is down by itself, whole or a part of it.
  func names(_ subject: Subject, wholly: Bool) -> Bool {
    switch subject {
    case .tunnel(let tunnel): return tunnels.contains(tunnel.name)
    case .pseudowires:
      return wholly ? pseudowires.isSuperset(of: subject.owners) : !pseudowires.isDisjoint(with: subject.owners)
    }
  }

  /// Whether the tunnel that it is in is down.
  func hasTunnel(of subject: Subject) -> Bool {
    guard case .pseudowires(_, let tunnel) = subject else { return false }
    return tunnels.contains(tunnel.name)
  }

  /// The pseudowires of a tunnel that are down by themselves, as their operator names them, in order.
  func names(in subject: Subject) -> [String] {
    guard case .tunnel(let tunnel) = subject else { return [] }
    return pseudowires.filter { $0.tunnel == tunnel.name }.map { "\($0.tunnel)/\($0.pseudowire)" }.sorted()
  }

  /// Puts it down.
  mutating func insert(_ subject: Subject) {
    if case .tunnel(let tunnel) = subject { tunnels.insert(tunnel.name) }
    pseudowires.formUnion(subject.owners)
  }

  /// Puts it up.
  mutating func remove(_ subject: Subject) {
    if case .tunnel(let tunnel) = subject { tunnels.remove(tunnel.name) }
    pseudowires.subtract(subject.owners)
  }

  /// The site as it is to be carried out.
  func applied(to site: Site) -> Site {
    guard !tunnels.isEmpty || !pseudowires.isEmpty else { return site }
    var site = site
    for index in site.tunnels.indices {
      let name = site.tunnels[index].name
      if tunnels.contains(name), site.tunnels[index].disabled == nil { site.tunnels[index].disabled = .command }
      for number in site.tunnels[index].pseudowires.indices {
        let owner = LinkOwner(tunnel: name, pseudowire: site.tunnels[index].pseudowires[number].name)
        guard pseudowires.contains(owner), site.tunnels[index].pseudowires[number].disabled == nil else { continue }
        site.tunnels[index].pseudowires[number].disabled = .command
      }
    }
    return site
  }
}
