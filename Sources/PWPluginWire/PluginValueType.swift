public import PWCore

/// The type of an option on its way from a plugin: what pwmgr checks itself, before the plugin is asked.
///
/// A kind that is not known, of a plugin that is newer than pwmgr, is passed over: then the plugin checks alone.
public indirect enum PluginValueType: Equatable, Sendable {
  /// One value, whatever it is.
  case text
  /// A decimal number from `minimum` to `maximum`.
  case number(minimum: Int, maximum: Int)
  /// A duration from `minimum` to `maximum`, or `0s` where `zero` is true.
  case duration(minimum: String, maximum: String, zero: Bool)
  /// One of `values`.
  case choice(values: [String])
  /// A switch: `true` or `false`.
  case boolean
  /// The full path of a file.
  case path
  /// A list, each of its values of the type `of`.
  case list(of: PluginValueType)
  /// A kind that this version does not know.
  case unknown(String)

  /// The form of a value.
  public init(_ form: ValueForm) {
    switch form {
    case .text: self = .text
    case .number(let range): self = .number(minimum: range.lowerBound, maximum: range.upperBound)
    case .duration(let range, let orZero):
      self = .duration(
        minimum: DurationText.text(range.lowerBound), maximum: DurationText.text(range.upperBound), zero: orZero)
    case .choice(let words): self = .choice(values: words)
    case .boolean: self = .boolean
    case .path: self = .path
    case .list(let element): self = .list(of: PluginValueType(element))
    }
  }

  /// The form again; nil where its kind is not known.
  ///
  /// - Throws: why no value could be of the type.
  public func form() throws(PluginFault) -> ValueForm? {
    switch self {
    case .text: return .text
    case .boolean: return .boolean
    case .path: return .path
    case .unknown: return nil
    case .number(let minimum, let maximum):
      guard minimum <= maximum, minimum >= 0 else {
        throw PluginFault("a number from \(minimum) to \(maximum): 'minimum' is 0 or more, and not above 'maximum'")
      }
      return .number(minimum...maximum)
    case .duration(let minimum, let maximum, let zero):
      let (shortest, longest) = (try Self.duration(minimum), try Self.duration(maximum))
      guard shortest <= longest else { throw PluginFault("a duration whose 'minimum' is above its 'maximum'") }
      return .duration(shortest...longest, orZero: zero)
    case .choice(let values):
      guard (1...PluginProtocol.maximumChoices).contains(values.count) else {
        throw PluginFault("\(values.count) 'values': 1 to \(PluginProtocol.maximumChoices) are allowed")
      }
      return .choice(values.map(\.asPluginText))
    case .list(let element):
      if case .list = element { throw PluginFault("a list of lists: its values are of any other kind") }
      return try element.form().map(ValueForm.list)
    }
  }

  private static func duration(_ text: String) throws(PluginFault) -> Duration {
    do throws(DurationText.Fault) {
      return try DurationText.duration(text)
    } catch {
      throw PluginFault(error.message.asPluginText)
    }
  }
}

extension PluginValueType: Codable {
  private enum CodingKeys: String, CodingKey {
    case kind, minimum, maximum, zero, values, of
  }

  /// Reads an object whose `kind` says what else there is.
  public init(from decoder: any Decoder) throws {
    // Version 1 passes over members that it does not know: a plugin may have one of this name for itself.
    if let text = try? decoder.singleValueContainer().decode(String.self) {
      self = .unknown(text)
      return
    }
    let members = try decoder.container(keyedBy: CodingKeys.self)
    let kind = try members.decode(String.self, forKey: .kind)
    switch kind {
    case "text": self = .text
    case "boolean": self = .boolean
    case "path": self = .path
    case "number":
      self = .number(
        minimum: try members.decode(Int.self, forKey: .minimum), maximum: try members.decode(Int.self, forKey: .maximum)
      )
    case "duration":
      self = .duration(
        minimum: try members.decode(String.self, forKey: .minimum),
        maximum: try members.decode(String.self, forKey: .maximum),
        zero: try members.decodeIfPresent(Bool.self, forKey: .zero) ?? false)
    case "enum": self = .choice(values: try members.decode([String].self, forKey: .values))
    case "list": self = .list(of: try members.decode(PluginValueType.self, forKey: .of))
    default: self = .unknown(kind)
    }
  }

  /// Writes such an object.
  public func encode(to encoder: any Encoder) throws {
    var members = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .text: try members.encode("text", forKey: .kind)
    case .boolean: try members.encode("boolean", forKey: .kind)
    case .path: try members.encode("path", forKey: .kind)
    case .unknown(let kind): try members.encode(kind, forKey: .kind)
    case .number(let minimum, let maximum):
      try members.encode("number", forKey: .kind)
      try members.encode(minimum, forKey: .minimum)
      try members.encode(maximum, forKey: .maximum)
    case .duration(let minimum, let maximum, let zero):
      try members.encode("duration", forKey: .kind)
      try members.encode(minimum, forKey: .minimum)
      try members.encode(maximum, forKey: .maximum)
      if zero { try members.encode(true, forKey: .zero) }
    case .choice(let values):
      try members.encode("enum", forKey: .kind)
      try members.encode(values, forKey: .values)
    case .list(let element):
      try members.encode("list", forKey: .kind)
      try members.encode(element, forKey: .of)
    }
  }
}
