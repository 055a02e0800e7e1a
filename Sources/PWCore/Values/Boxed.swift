/// A property that few records have: where it is nil, it takes the octets of one reference.
@propertyWrapper
indirect enum Boxed<Value> {
  case none
  case some(Value)

  /// With a value, or without one.
  init(wrappedValue: Value?) {
    self = wrappedValue.map { .some($0) } ?? .none
  }

  /// The value, if there is one.
  var wrappedValue: Value? {
    get {
      switch self {
      case .none: nil
      case .some(let value): value
      }
    }
    set { self = Boxed(wrappedValue: newValue) }
  }
}

extension Boxed: Codable where Value: Codable {}
