extension KeyType where Value == Duration {
  /// A duration within a range (``DurationText``).
  ///
  /// - Parameters:
  ///   - orZero: whether `0s` means something, too.
  ///   - isShownInSeconds: whether the reference page counts its default in seconds where minutes would be shorter.
  public static func duration(
    _ range: ClosedRange<Duration>, orZero: Bool = false, isShownInSeconds: Bool = false
  ) -> KeyType {
    let (shortest, longest) = (DurationText.text(range.lowerBound), DurationText.text(range.upperBound))
    return KeyType(
      "duration, \(shortest) to \(longest)\(orZero ? ", or 0s" : "")", form: .duration(range, orZero: orZero),
      written: { "`\(isShownInSeconds ? "\($0.components.seconds)s" : DurationText.text($0))`" },
      read: { (scalar) throws(ValueFault) in
        let duration: Duration
        do throws(DurationText.Fault) {
          duration = try DurationText.duration(scalar.text)
        } catch {
          throw ValueFault(error.message)
        }
        if range.contains(duration) || (orZero && duration == .zero) { return duration }
        let zero = orZero ? "'0s', or " : ""
        throw ValueFault("'\(scalar.text)' is out of range; write \(zero)a duration from \(shortest) to \(longest)")
      })
  }
}
