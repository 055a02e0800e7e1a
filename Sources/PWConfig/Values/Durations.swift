import PWCore

/// Durations: a number and a unit without a space, `500ms`, `60s`, `2m`, `1h`.
enum Durations {
  private static let units: [(suffix: String, milliseconds: Int64)] = [
    ("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000),
  ]

  fileprivate static func parse(_ text: String) throws(ValueFault) -> Duration {
    let digits = text.prefix { ("0"..."9").contains($0) }
    let suffix = text.dropFirst(digits.count)
    guard !digits.isEmpty else {
      throw ValueFault("'\(text)' is not a duration; write a number and a unit, like 500ms, 60s, 2m or 1h")
    }
    guard !suffix.isEmpty else { throw ValueFault("'\(text)' has no unit; write '\(text)s' or '\(text)ms'") }
    guard let unit = units.first(where: { $0.suffix == suffix }) else {
      throw ValueFault("'\(text)' is not a duration; write a number and ms, s, m or h, without a space or a point")
    }
    guard let number = Int64(digits) else { throw ValueFault("'\(text)' is too long a duration; write hours, like 1h") }
    let (milliseconds, overflow) = number.multipliedReportingOverflow(by: unit.milliseconds)
    guard !overflow else { throw ValueFault("'\(text)' is too long a duration; write hours, like 1h") }
    return .milliseconds(milliseconds)
  }

  /// The shortest way to write a duration of whole milliseconds.
  static func text(_ duration: Duration) -> String {
    let milliseconds = duration / .milliseconds(1)
    let unit = units.last { milliseconds.truncatingRemainder(dividingBy: Double($0.milliseconds)) == 0 } ?? units[0]
    return "\(Int64(milliseconds / Double(unit.milliseconds)))\(milliseconds == 0 ? "s" : unit.suffix)"
  }
}

extension KeyType where Value == Duration {
  /// A duration within a range.
  ///
  /// - Parameters:
  ///   - orZero: whether `0s` means something, too.
  ///   - isShownInSeconds: whether the reference page counts its default in seconds where minutes would be shorter.
  static func duration(
    _ range: ClosedRange<Duration>, orZero: Bool = false, isShownInSeconds: Bool = false
  ) -> KeyType {
    let (shortest, longest) = (Durations.text(range.lowerBound), Durations.text(range.upperBound))
    return KeyType(
      "duration, \(shortest) to \(longest)\(orZero ? ", or 0s" : "")",
      written: { "`\(isShownInSeconds ? "\($0.components.seconds)s" : Durations.text($0))`" },
      read: { (scalar) throws(ValueFault) in
        let duration = try Durations.parse(scalar.text)
        if range.contains(duration) || (orZero && duration == .zero) { return duration }
        let zero = orZero ? "'0s', or " : ""
        throw ValueFault(
          "'\(scalar.text)' is out of range; write \(zero)a duration from \(shortest) to \(longest)")
      })
  }
}
