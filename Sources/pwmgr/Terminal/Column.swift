extension StringProtocol {
  /// The same with spaces behind it, as many as a column of that width takes; a longer one stays as it is.
  func padded(to width: Int) -> String { self + String(repeating: " ", count: Swift.max(0, width - count)) }
}
