/// One key of the status, and the property behind it: declared once, for writing and for reading.
struct StatusField<Root>: Sendable {
  let encode: @Sendable (Root, inout KeyedEncodingContainer<StatusKey>) throws -> Void
  let decode: @Sendable (inout Root, KeyedDecodingContainer<StatusKey>) throws -> Void

  /// A property in its own form.
  static func value<Value: Codable & Sendable>(
    _ key: String, _ path: any WritableKeyPath<Root, Value> & Sendable
  ) -> Self {
    let key = StatusKey(key)
    return StatusField(
      encode: { try $1.encode($0[keyPath: path], forKey: key) },
      decode: { $0[keyPath: path] = try $1.decode(Value.self, forKey: key) })
  }

  // The same for what an encoder writes without looking for its type first: most fields are of these.

  static func value(_ key: String, _ path: any WritableKeyPath<Root, String> & Sendable) -> Self {
    let key = StatusKey(key)
    return StatusField(
      encode: { try $1.encode($0[keyPath: path], forKey: key) },
      decode: { $0[keyPath: path] = try $1.decode(String.self, forKey: key) })
  }

  static func value(_ key: String, _ path: any WritableKeyPath<Root, Bool> & Sendable) -> Self {
    let key = StatusKey(key)
    return StatusField(
      encode: { try $1.encode($0[keyPath: path], forKey: key) },
      decode: { $0[keyPath: path] = try $1.decode(Bool.self, forKey: key) })
  }

  static func value(_ key: String, _ path: any WritableKeyPath<Root, Int> & Sendable) -> Self {
    let key = StatusKey(key)
    return StatusField(
      encode: { try $1.encode($0[keyPath: path], forKey: key) },
      decode: { $0[keyPath: path] = try $1.decode(Int.self, forKey: key) })
  }

  static func value<Value: RawRepresentable<String> & Codable & Sendable>(
    _ key: String, _ path: any WritableKeyPath<Root, Value> & Sendable
  ) -> Self {
    let key = StatusKey(key)
    return StatusField(
      encode: { try $1.encode($0[keyPath: path].rawValue, forKey: key) },
      decode: { $0[keyPath: path] = try $1.decode(Value.self, forKey: key) })
  }

  /// One that is null as long as nothing is known. It is there in any case: a reader sees which keys there are.
  static func optional<Value: Codable & Sendable>(
    _ key: String, _ path: any WritableKeyPath<Root, Value?> & Sendable
  ) -> Self {
    let key = StatusKey(key)
    return StatusField(
      encode: { try $1.encode($0[keyPath: path], forKey: key) },
      decode: { $0[keyPath: path] = try $1.decodeIfPresent(Value.self, forKey: key) })
  }

  /// A property as people write it.
  static func text<Value>(
    _ key: String, _ path: any WritableKeyPath<Root, Value> & Sendable, _ form: StatusWords<Value>
  ) -> Self {
    let key = StatusKey(key)
    return StatusField(
      encode: { try $1.encode(form.write($0[keyPath: path]), forKey: key) },
      decode: { $0[keyPath: path] = try form.value(try $1.decode(String.self, forKey: key), key, in: $1) })
  }

  /// The same, null as long as nothing is known.
  static func optionalText<Value>(
    _ key: String, _ path: any WritableKeyPath<Root, Value?> & Sendable, _ form: StatusWords<Value>
  ) -> Self {
    let key = StatusKey(key)
    return StatusField(
      encode: { try $1.encode($0[keyPath: path].map(form.write), forKey: key) },
      decode: { root, container in
        root[keyPath: path] = try container.decodeIfPresent(String.self, forKey: key).map {
          try form.value($0, key, in: container)
        }
      })
  }
}

/// The name of a key.
struct StatusKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }

  init(_ name: String) { stringValue = name }
  init?(stringValue: String) { self.init(stringValue) }
  init?(intValue: Int) { nil }
}

/// All keys of a value.
struct StatusFields<Root>: Sendable {
  private let fields: [StatusField<Root>]

  init(_ fields: StatusField<Root>...) { self.fields = fields }

  func write(_ root: Root, to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: StatusKey.self)
    for field in fields { try field.encode(root, &container) }
  }

  /// - Parameter blank: a value with which reading begins.
  func read(_ blank: Root, from decoder: any Decoder) throws -> Root {
    var root = blank
    let container = try decoder.container(keyedBy: StatusKey.self)
    for field in fields { try field.decode(&root, container) }
    return root
  }
}
