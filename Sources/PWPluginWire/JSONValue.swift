public import PWCore

/// Any JSON: the options of a pseudowire on their way to a plugin.
public indirect enum JSONValue: Equatable, Sendable {
  /// A string: every scalar of the site file, as it is written there.
  case string(String)
  /// An array: a list of the site file.
  case array([JSONValue])
  /// An object: a mapping of the site file.
  case object([String: JSONValue])
  /// A value that the site file cannot hold: a number, a truth value, null.
  case other

  /// Options without their marks.
  public init(_ value: OptionValue) {
    switch value {
    case .scalar(let text): self = .string(text)
    case .sequence(let values): self = .array(values.map(JSONValue.init))
    case .mapping(let pairs):
      self = .object(Dictionary(pairs.map { ($0.key, JSONValue($0.value)) }, uniquingKeysWith: { first, _ in first }))
    }
  }

  /// Options again, mappings in the order of their keys; nil where a value is none that the site file can hold.
  public var optionValue: OptionValue? {
    switch self {
    case .string(let text): return .scalar(text)
    case .array(let values):
      let options = values.compactMap(\.optionValue)
      return options.count == values.count ? .sequence(options) : nil
    case .object(let pairs):
      var options: [(key: String, value: OptionValue)] = []
      for (key, value) in pairs.sorted(by: { $0.key < $1.key }) {
        guard let option = value.optionValue else { return nil }
        options.append((key: key, value: option))
      }
      return .mapping(options)
    case .other: return nil
    }
  }
}

extension JSONValue: Codable {
  /// Reads whichever it is.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let text = try? container.decode(String.self) {
      self = .string(text)
    } else if let values = try? container.decode([JSONValue].self) {
      self = .array(values)
    } else if let pairs = try? container.decode([String: JSONValue].self) {
      self = .object(pairs)
    } else {
      self = .other
    }
  }

  /// Writes the value; `other` is written as null.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .string(let text): try container.encode(text)
    case .array(let values): try container.encode(values)
    case .object(let pairs): try container.encode(pairs)
    case .other: try container.encodeNil()
    }
  }
}
