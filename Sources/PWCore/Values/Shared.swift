/// A value that several hold and nobody changes in place: a copy is one more reference, and a change makes a value of
/// its own. For large values that are handed on often.
public struct Shared<Value: Sendable>: Sendable {
  private var storage: Storage

  private final class Storage: Sendable {
    let value: Value

    init(_ value: Value) { self.value = value }
  }

  /// Puts a value into storage that all copies of the result have in common.
  public init(_ value: Value) { storage = Storage(value) }

  /// The value that is held; setting it gives this copy storage of its own.
  public var value: Value {
    // Lent, so that reading a field copies the field and not the value.
    @inline(__always) _read { yield storage.value }
    set { storage = Storage(newValue) }
  }
}

extension Shared: Equatable where Value: Equatable {
  /// Whether both hold the same.
  public static func == (left: Shared, right: Shared) -> Bool {
    left.storage === right.storage || left.value == right.value
  }
}

/// Written out, it is its value.
extension Shared: Codable where Value: Codable {
  /// Reads a value in the value's own form.
  public init(from decoder: any Decoder) throws { self.init(try Value(from: decoder)) }

  /// Writes the value in its own form.
  public func encode(to encoder: any Encoder) throws { try value.encode(to: encoder) }
}
