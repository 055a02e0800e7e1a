/// A plugin's options in a recording: a scalar is a string, a sequence an array, a mapping an object with its pairs in order.
extension OptionValue: Codable {
  private struct Mapping: Codable {
    var pairs: [Pair]
  }

  private struct Pair: Codable {
    var key: String
    var value: OptionValue
  }

  /// Reads whichever of the three it is.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let text = try? container.decode(String.self) {
      self = .scalar(text)
    } else if let values = try? container.decode([OptionValue].self) {
      self = .sequence(values)
    } else {
      self = .mapping(try container.decode(Mapping.self).pairs.map { (key: $0.key, value: $0.value) })
    }
  }

  /// Writes a string, an array, or an object that holds the pairs in order.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .scalar(let text): try container.encode(text)
    case .sequence(let values): try container.encode(values)
    case .mapping(let pairs): try container.encode(Mapping(pairs: pairs.map { Pair(key: $0.key, value: $0.value) }))
    }
  }
}
