/// The protection that the packets of a tunnel have below L2TP, where its declaration asks for it.
public struct ProtectionStatus: Equatable, Sendable {
  /// What the declaration says.
  public var demand: ProtectionDemand
  /// What was found last; nil where nothing has been asked yet, because there was nothing to send.
  public var found: Protection?
  /// Since when that is so.
  public var since: Instant?

  /// A demand, and what was found.
  public init(demand: ProtectionDemand, found: Protection? = nil, since: Instant? = nil) {
    self.demand = demand
    self.found = found
    self.since = since
  }

  /// The means by which packets are protected.
  enum Means: String, Codable {
    case wireGuard = "wireguard"
    case esp
  }
}

extension ProtectionStatus: Codable {
  private static let found: StatusField<ProtectionStatus> = {
    let (isThere, means, link) = (StatusKey("protected"), StatusKey("by"), StatusKey("link"))
    let (algorithm, words, codes) = (StatusKey("algorithm"), StatusKey("missing"), StatusKey("missingCodes"))
    return StatusField(
      encode: { status, container in
        try container.encode(status.found?.isThere, forKey: isThere)
        try container.encode(status.means, forKey: means)
        try container.encode(status.link, forKey: link)
        try container.encode(status.algorithm, forKey: algorithm)
        try container.encode(status.found?.gaps.map(\.words) ?? [], forKey: words)
        try container.encode(status.found?.gaps.map(\.code) ?? [], forKey: codes)
      },
      decode: { status, container in
        guard let isProtected = try container.decodeIfPresent(Bool.self, forKey: isThere) else { return }
        guard !isProtected else {
          let name = try container.decodeIfPresent(String.self, forKey: link)
          status.found =
            try name.map { .wireGuard(link: $0) }
            ?? .esp(algorithm: container.decodeIfPresent(String.self, forKey: algorithm))
          return
        }
        let texts = try container.decode([String].self, forKey: words)
        // A daemon of a later version may know more codes: the words say what it is.
        let kinds = try container.decode([String].self, forKey: codes).map(ProtectionGap.Code.init(rawValue:))
        status.found = .missing(zip(kinds, texts).map { ProtectionGap($0 ?? .unknown, $1) })
      })
  }()

  private static let fields = StatusFields<ProtectionStatus>(
    .value("demand", \.demand), found, .optional("since", \.since))

  /// Reads what was written.
  public init(from decoder: any Decoder) throws {
    self = try Self.fields.read(ProtectionStatus(demand: .none), from: decoder)
  }

  /// Writes every property under its key in the document.
  public func encode(to encoder: any Encoder) throws { try Self.fields.write(self, to: encoder) }

  private var means: Means? {
    switch found {
    case .wireGuard: .wireGuard
    case .esp: .esp
    case .missing, nil: nil
    }
  }

  private var link: String? {
    if case .wireGuard(let link) = found { return link }
    return nil
  }

  private var algorithm: String? {
    if case .esp(let algorithm) = found { return algorithm }
    return nil
  }
}
