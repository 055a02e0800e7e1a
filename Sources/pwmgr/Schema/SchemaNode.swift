/// A piece of a JSON Schema.
enum SchemaNode: Encodable, ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral,
  ExpressibleByBooleanLiteral
{
  case string(String)
  case number(Int)
  case boolean(Bool)
  case null
  case array([SchemaNode])
  case object([String: SchemaNode])

  init(stringLiteral value: String) { self = .string(value) }
  init(arrayLiteral elements: SchemaNode...) { self = .array(elements) }
  init(booleanLiteral value: Bool) { self = .boolean(value) }
  init(dictionaryLiteral elements: (String, SchemaNode)...) {
    self = .object(Dictionary(elements) { first, _ in first })
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .string(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .boolean(let value): try container.encode(value)
    case .null: try container.encodeNil()
    case .array(let values): try container.encode(values)
    case .object(let members): try container.encode(members)
    }
  }

  /// The same piece with more members.
  func with(_ more: [String: SchemaNode]) -> SchemaNode {
    guard case .object(let members) = self else { preconditionFailure("only an object has members") }
    return .object(members.merging(more) { _, new in new })
  }
}
