import FoundationEssentials
import PWConfig
import PWCore

/// The site file as a JSON Schema (draft 2020-12), made of the same declarations as the reader and the reference page.
///
/// It knows keys, and the form of values where one is declared; how values belong together `pwmgr check` alone knows.
/// Values are compared as YAML readers give them to other programs, where `on` may be a switch and `100` a number.
struct SiteSchema {
  /// Plugins whose keys a pseudowire may have; those of a pseudowire of another type are left to its plugin.
  let plugins: [any PseudowirePlugin]
  /// Whether it is that of a drop-in: the keys that a site must have at its top are in another file.
  var isDropIn = false

  /// The text of the schema.
  func text() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(root), as: UTF8.self) + "\n"
  }

  private var root: SchemaNode {
    let top = SchemaSection.all[0]
    let title: SchemaNode = isDropIn ? "A drop-in of a site of pwmgr" : "A site of pwmgr"
    return section(top, isPartial: isDropIn).with([
      "$schema": "https://json-schema.org/draft/2020-12/schema", "title": title,
    ])
  }

  // MARK: Mappings

  /// - Parameter isPartial: whether required keys may be missing.
  private func section(_ section: SchemaSection, isPartial: Bool = false) -> SchemaNode {
    let isPseudowire = section.title == Self.pseudowire
    let properties = zip(section.keys, section.shapes).map { ($0.name, node(of: $0, $1)) }
    var members: [String: SchemaNode] = [
      "type": "object", "properties": .object(Dictionary(properties) { first, _ in first }),
    ]
    if !isPartial, let required = required(section.keys) { members["required"] = required }
    if let alternatives = alternatives(section.keys) { members["anyOf"] = alternatives }
    if isPseudowire {
      members["allOf"] = .array(plugins.map { options(of: $0, beside: section) })
    } else {
      members["additionalProperties"] = false
    }
    return .object(members)
  }

  /// The keys that a pseudowire has because of its type.
  ///
  /// Those of every type are repeated, since not every editor's validator knows `unevaluatedProperties`.
  private func options(of plugin: any PseudowirePlugin, beside section: SchemaSection) -> SchemaNode {
    let properties =
      section.keys.map { ($0.name, SchemaNode.boolean(true)) }
      + plugin.optionKeys.map { key in (key.name, described(key.form.map(value) ?? [:], key)) }
    var members: [String: SchemaNode] = [
      "properties": .object(Dictionary(properties) { first, _ in first }), "additionalProperties": false,
    ]
    if let required = required(plugin.optionKeys) { members["required"] = required }
    return [
      "if": ["properties": ["type": ["const": .string(plugin.name)]], "required": ["type"]], "then": .object(members),
    ]
  }

  private func required(_ keys: [KeyDescription]) -> SchemaNode? {
    let names = keys.filter { $0.isRequired && $0.alternative == nil }.map { SchemaNode.string($0.name) }
    return names.isEmpty ? nil : .array(names)
  }

  /// Of two keys that take each other's place, one must be there.
  private func alternatives(_ keys: [KeyDescription]) -> SchemaNode? {
    let pairs = keys.compactMap { key in key.alternative.map { [key.name, $0] } }
    precondition(pairs.count < 2, "`anyOf` says one pair of keys")
    return pairs.first.map { pair in .array(pair.map { ["required": [.string($0)]] }) }
  }

  private func node(of key: KeyDescription, _ shape: KeyShape) -> SchemaNode {
    switch shape {
    case .value(let form): described(value(form), key)
    case .list(let form): described(list(of: form), key)
    case .valueOrList(let form): described(["anyOf": [value(form), list(of: form)]], key)
    case .section(let below): described(section(below), key)
    case .named(let below):
      described(["type": "object", "additionalProperties": section(below)], key)
    }
  }

  private func described(_ node: SchemaNode, _ key: KeyDescription) -> SchemaNode {
    let absent = key.absent.map { " If left out: \($0)." } ?? ""
    return node.with(["description": .string("\(key.meaning)\(absent)")])
  }

  // MARK: Values

  private func list(of form: ValueForm?) -> SchemaNode { ["type": "array", "items": value(form)] }

  private func value(_ form: ValueForm?) -> SchemaNode {
    switch form {
    case nil, .text: ["type": ["string", "number", "boolean"]]
    case .number(let range):
      [
        "anyOf": [
          ["type": "integer", "minimum": .number(range.lowerBound), "maximum": .number(range.upperBound)],
          ["type": "string", "pattern": "^[0-9]+$"],
        ]
      ]
    case .duration: ["type": "string", "pattern": "^[0-9]+(ms|s|m|h)$"]
    case .choice(let words): ["enum": .array(words.flatMap(Self.readings))]
    case .boolean: ["anyOf": [["type": "boolean"], ["type": "string", "pattern": .string(Self.switches)]]]
    case .path: ["type": "string", "pattern": "^/"]
    case .list(let element): list(of: element)
    }
  }

  /// A word, and the value that a YAML reader may take it for.
  private static func readings(of word: String) -> [SchemaNode] {
    if word == "null" { return [.string(word), .null] }
    if let isOn = Switch.value(of: word) { return [.string(word), .boolean(isOn)] }
    return [.string(word)] + (Int(word).map { [.number($0)] } ?? [])
  }

  private static let pseudowire = "pseudowire"
  /// As a reader of YAML gives them that does not take all of them for switches (``Switch``).
  private static let switches =
    "^([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee]|[Yy][Ee][Ss]|[Nn][Oo]|[Oo][Nn]|[Oo][Ff][Ff])$"
}
