import FoundationEssentials
import PWConfig
import PWCore

/// A plan as text or as JSON.
struct PlanReport: Encodable {
  /// Of the JSON: the part before the point changes when a reader of the old one would go wrong.
  let format = "1.0"
  let file: String
  /// The cost of the most expensive change; nil if there is none.
  let impact: ChangeImpact?
  let changes: [Change]

  struct Change: Encodable {
    /// The way to the object in the site file: `tunnels/berlin/pseudowires/lan`; empty for the site itself.
    let path: String
    let action: String
    let impact: ChangeImpact
    let keys: [Key]
    /// The pseudowires whose frames stop, as `berlin/lan`.
    let stops: [String]
    /// The reason, where the keys do not tell it.
    let reason: String?

    fileprivate let title: String
    private enum CodingKeys: CodingKey { case path, action, impact, keys, stops, reason }

    /// Every key is always there, with null where there is nothing to say.
    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(path, forKey: .path)
      try container.encode(action, forKey: .action)
      try container.encode(impact, forKey: .impact)
      try container.encode(keys, forKey: .keys)
      try container.encode(stops, forKey: .stops)
      try container.encode(reason, forKey: .reason)
    }
  }

  struct Key: Encodable {
    let key: String
    let before: String
    let after: String

    /// A line of its own, whatever the file has in a value.
    var text: String { "    \(key): \(Self.shown(before)) -> \(Self.shown(after))" }

    private static let shownCharacters = 200

    private static func shown(_ value: String) -> String {
      let scalars = value.unicodeScalars.prefix(shownCharacters)
      let text = scalars.map { $0.isPrintableInALine ? String($0) : $0.escaped(asASCII: true) }.joined()
      return value.unicodeScalars.count > shownCharacters ? text + "..." : text
    }
  }

  private enum CodingKeys: CodingKey { case format, file, impact, changes }

  /// Every key is always there, with null where there is nothing to say.
  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(format, forKey: .format)
    try container.encode(file, forKey: .file)
    try container.encode(impact, forKey: .impact)
    try container.encode(changes, forKey: .changes)
  }

  init(_ plan: SitePlan, file: String) {
    self.file = file
    impact = plan.impact
    changes = plan.changes.map { change in
      Change(
        path: change.object.path, action: change.action.rawValue, impact: change.impact,
        keys: change.keys.map { Key(key: $0.key, before: $0.before, after: $0.after) },
        stops: change.stops.map { "\($0.tunnel)/\($0.pseudowire)" }, reason: change.reason,
        title: change.object.title)
    }
  }

  /// The object of a change, as a plan names it.
  static func title(of change: ObjectChange) -> String {
    change.object.title
  }

  /// For programs.
  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }

  /// A line for each change, with the keys behind it below, and a last one about the whole.
  var text: String {
    let lines = changes.flatMap { change in
      ["\(change.sign) \(change.title): \(change.cost)"]
        + change.keys.map(\.text)
    }
    return (lines + [verdict]).joined(separator: "\n")
  }

  private var verdict: String {
    guard !changes.isEmpty else { return "\(file): nothing would change" }
    let count = changes.count == 1 ? "1 change" : "\(changes.count) changes"
    if changes.contains(where: { $0.impact == .restart }) {
      return "\(file): \(count); pwmgr refuses the file while it runs"
    }
    let stops = Set(changes.flatMap(\.stops)).count
    switch stops {
    case 0: return "\(file): \(count); no session ends"
    case 1: return "\(file): \(count); 1 pseudowire stops, and no other"
    default: return "\(file): \(count); \(stops) pseudowires stop, and no other"
    }
  }
}

extension PlanReport.Change {
  fileprivate var sign: String {
    switch (action, impact) {
    case ("add", _), ("enable", _): "+"
    case ("remove", _), ("disable", _): "-"
    case (_, .none), (_, .inPlace): "~"
    case (_, .session), (_, .tunnel), (_, .restart): "!"
    }
  }

  fileprivate var cost: String {
    let names = stops.joined(separator: ", ")
    let end = stops.isEmpty ? "" : ", and frames stop: \(names)"
    let pause = stops.isEmpty ? "" : "; frames stop until it is set up: \(names)"
    switch (action, impact) {
    case ("add", _): return "added"
    case ("remove", _): return "removed\(end)"
    case ("disable", _): return "disabled\(end)"
    case ("enable", _): return "enabled"
    case (_, .none): return "no effect"
    case (_, .inPlace): return "in place"
    case (_, .session): return "a new session\(pause)"
    case (_, .tunnel): return "a new control connection\(reason.map { ", because \($0)" } ?? "")\(pause)"
    case (_, .restart): return "refused: \(reason ?? "restart pwmgr to apply this file")"
    }
  }
}

extension ObjectChange.Object {
  fileprivate var path: String {
    switch self {
    case .site: ""
    case .tunnel(let name): "tunnels/\(name)"
    case .pseudowire(let owner): "tunnels/\(owner.tunnel)/pseudowires/\(owner.pseudowire)"
    case .bridge(let name): "bridges/\(name)"
    case .plugin(let name): "plugins/\(name)"
    }
  }

  fileprivate var title: String {
    switch self {
    case .site: "site"
    case .tunnel(let name): "tunnel \(name)"
    case .pseudowire(let owner): "pseudowire \(owner.tunnel)/\(owner.pseudowire)"
    case .bridge(let name): "bridge \(name)"
    case .plugin(let name): "plugin \(name)"
    }
  }
}
