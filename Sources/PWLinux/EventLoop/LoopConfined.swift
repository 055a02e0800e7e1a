/// A value that is made and used on the loop's thread, and only carried through another one.
struct LoopConfined<Value>: @unchecked Sendable {
  /// The value: for the loop's thread only.
  let value: Value

  /// Wraps it on the loop's thread.
  init(_ value: Value) { self.value = value }
}
