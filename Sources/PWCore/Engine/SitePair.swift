/// Two sites' declarations held against each other: what would keep the pseudowires between them from coming up. It
/// asks what the engine asks when the two meet (``TunnelMatch``, ``CallTable``, ``CallTerms``).
public struct SitePair {
  /// One of the two.
  public struct Side {
    /// The site's declarations.
    public var site: Site
    /// The secrets of its tunnels, as far as they can be read here.
    public var secrets: [String: TunnelSecrets]

    /// A site, with what is known of it.
    public init(_ site: Site, secrets: [String: TunnelSecrets]) {
      (self.site, self.secrets) = (site, secrets)
    }
  }

  /// Something in one of the files.
  public struct Place: Hashable, Sendable {
    /// The tunnel; nil is the site.
    public var tunnel: String?
    /// The pseudowire of that tunnel; nil is the tunnel.
    public var pseudowire: String?
    /// The key whose value it is; nil is the whole.
    public var key: String?
  }

  /// One remark about the two sites: an obstacle, or a thing that is worth knowing.
  public struct Finding: Hashable, Sendable {
    /// Whether something does not come up because of it; else it is only worth knowing.
    public var isObstacle: Bool
    /// Where it is in the first file.
    public var one: Place
    /// Where it is in the second.
    public var other: Place
    /// The fault in words, the first file's value first, and the cure.
    public var message: String
  }

  let one: Side
  let other: Side
  /// The findings in the order of the first file.
  public internal(set) var findings: [Finding] = []
  /// Pseudowires of the first site that come up.
  public internal(set) var pseudowireCount = 0

  /// Holds two sites against each other.
  public init(_ one: Side, _ other: Side) {
    (self.one, self.other) = (one, other)
    if one.site.routerID == other.site.routerID {
      findings.append(
        Finding(
          isObstacle: false, one: Place(key: "router-id"), other: Place(key: "router-id"),
          message: "both sites have `router-id: \(IPAddress.v4(one.site.routerID))`; give each one of its own"))
    }
    for pair in tunnelPairs() { compare(pair) }
  }

  /// Whether all that is between the two would come up, and something is.
  public var isAccepted: Bool { !findings.contains(where: \.isObstacle) }
}

/// Two tunnels that are, or should be, the two ends of one control connection.
struct TunnelPair {
  let one: TunnelDeclaration
  let other: TunnelDeclaration
  /// The findings that keep it from coming up.
  var obstacles: [SitePair.Finding]
  /// How much speaks for the two being meant for each other.
  var evidence: Int
}

extension SitePair {
  /// Which tunnels belong together: those that come up, then those of which one names the other. Others lead elsewhere.
  private mutating func tunnelPairs() -> [TunnelPair] {
    var candidates: [TunnelPair] = []
    for tunnel in one.site.tunnels {
      for counterpart in other.site.tunnels {
        candidates.append(
          TunnelPair(
            one: tunnel, other: counterpart, obstacles: obstacles(tunnel, counterpart),
            evidence: evidence(tunnel, counterpart)))
      }
    }
    // Where no tunnel leads to the other site, the pair that comes nearest shows why.
    let isAny = candidates.contains { $0.obstacles.isEmpty || $0.evidence > 0 }
    let order = candidates.enumerated().sorted { left, right in
      let keys = [left, right].map { ($0.element.obstacles.isEmpty ? 0 : 1, -$0.element.evidence) }
      let counts = [left, right].map { ($0.element.obstacles.count, $0.offset) }
      return keys[0] == keys[1] ? counts[0] < counts[1] : keys[0] < keys[1]
    }
    var taken: (one: Set<String>, other: Set<String>) = ([], [])
    var pairs: [TunnelPair] = []
    for (_, pair) in order where pair.obstacles.isEmpty || pair.evidence > 0 || !isAny && pairs.isEmpty {
      guard !taken.one.contains(pair.one.name), !taken.other.contains(pair.other.name) else { continue }
      taken.one.insert(pair.one.name)
      taken.other.insert(pair.other.name)
      pairs.append(pair)
    }
    if pairs.isEmpty {
      findings.append(
        Finding(
          isObstacle: true, one: Place(), other: Place(),
          message: "there is no tunnel at \(one.site.tunnels.isEmpty ? "the first site" : "the second site")"))
    }
    let places = Dictionary(uniqueKeysWithValues: one.site.tunnels.enumerated().map { ($1.name, $0) })
    return pairs.sorted { places[$0.one.name, default: 0] < places[$1.one.name, default: 0] }
  }

  private mutating func compare(_ pair: TunnelPair) {
    findings += pair.obstacles
    // Where one end declares the sessions, and the other end calls for them, nothing of the pseudowires can agree.
    guard pair.one.signalling == pair.other.signalling else { return }
    let comparison = PseudowireComparison(self, pair)
    findings += comparison.findings
    if pair.obstacles.isEmpty { pseudowireCount += comparison.count }
  }
}
