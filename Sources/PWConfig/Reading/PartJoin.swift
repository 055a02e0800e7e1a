import PWCore

/// Joins the mappings at the top of a site's parts into one: objects with names of the user's choice are joined in the
/// order of the parts, every other key belongs to one part.
struct PartJoin {
  private typealias Pair = (key: String, keyMark: Mark, value: OptionNode)

  private var top: [Pair] = []
  /// The place of each key in `top`.
  private var places: [String: Int] = [:]
  /// The names behind each key that several parts have, and where each stands.
  private var owners: [String: [String: Mark]] = [:]

  /// The keys that have named objects behind them, with the word for one: `tunnels` and `tunnel`.
  private static let objects: [String: String] = Dictionary(
    uniqueKeysWithValues: zip(SiteKeys.schema.keys, SiteKeys.schema.shapes).compactMap { key, shape in
      guard case .named(let section) = shape else { return nil }
      return (key.name, section.title)
    })

  /// The mapping of all parts.
  var root: OptionNode { OptionNode(mark: Mark(line: 1, column: 1), content: .mapping(top)) }

  /// Adds the next part; complains of all that an earlier one has already.
  mutating func add(_ part: OptionNode, named name: String, _ complaints: inout Complaints) {
    for pair in part.pairs(ofMapping: name, &complaints) ?? [] {
      if let place = places[pair.key] {
        join(pair, at: place, &complaints)
      } else {
        places[pair.key] = top.count
        top.append(pair)
      }
    }
  }

  private mutating func join(_ pair: Pair, at place: Int, _ complaints: inout Complaints) {
    let known = top[place]
    guard let object = Self.objects[pair.key] else {
      let line = complaints.line(of: known.keyMark, from: pair.keyMark)
      complaints.error(at: pair.keyMark, "'\(pair.key)' of the site is in \(line) already; keep one of the two")
      return
    }
    let title = "'\(pair.key)' in the site"
    guard let earlier = known.value.pairs(ofMapping: title, &complaints),
      let more = pair.value.pairs(ofMapping: title, &complaints)
    else { return }
    var names = owners.removeValue(forKey: pair.key) ?? Self.names(of: earlier)
    // Thousands of parts may have tunnels: the list grows in its place.
    top[place].value.content = .mapping([])
    var joined = earlier
    for one in more {
      guard let owner = names[one.key] else {
        names[one.key] = one.keyMark
        joined.append(one)
        continue
      }
      let line = complaints.line(of: owner, from: one.keyMark)
      complaints.error(
        at: one.keyMark, "\(object) '\(one.key)' is in \(line) already; keep one of the two, or rename one")
    }
    top[place].value.content = .mapping(joined)
    owners[pair.key] = names
  }

  private static func names(of pairs: [Pair]) -> [String: Mark] {
    Dictionary(pairs.map { ($0.key, $0.keyMark) }) { first, _ in first }
  }
}
