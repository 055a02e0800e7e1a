/// The one rule for durations, wherever a site has one: a number and a unit without a space, as in `500ms`, `60s`,
/// `2m`, `1h`.
public enum DurationText {
  private static let units: [(suffix: String, milliseconds: Int64)] = [
    ("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000),
  ]

  /// Why a text is not a duration, and what to write: one line.
  public struct Fault: Error, Equatable, Sendable {
    /// The explanation in one line, which quotes the text.
    public let message: String
  }

  /// Reads a duration of whole milliseconds.
  ///
  /// - Throws: why the text is not one.
  public static func duration(_ text: String) throws(Fault) -> Duration {
    let digits = text.prefix { ("0"..."9").contains($0) }
    let suffix = text.dropFirst(digits.count)
    guard !digits.isEmpty else {
      throw Fault(message: "'\(text)' is not a duration; write a number and a unit, like 500ms, 60s, 2m or 1h")
    }
    guard !suffix.isEmpty else { throw Fault(message: "'\(text)' has no unit; write '\(text)s' or '\(text)ms'") }
    guard let unit = units.first(where: { $0.suffix == suffix }) else {
      throw Fault(
        message: "'\(text)' is not a duration; write a number and ms, s, m or h, without a space or a decimal point")
    }
    let product = Int64(digits)?.multipliedReportingOverflow(by: unit.milliseconds)
    guard let (milliseconds, overflow) = product, !overflow else {
      throw Fault(message: "'\(text)' is too long a duration; write hours, like 1h")
    }
    return .milliseconds(milliseconds)
  }

  /// The shortest way to write a duration of whole milliseconds.
  public static func text(_ duration: Duration) -> String {
    let milliseconds = duration / .milliseconds(1)
    let unit = units.last { milliseconds.truncatingRemainder(dividingBy: Double($0.milliseconds)) == 0 } ?? units[0]
    return "\(Int64(milliseconds / Double(unit.milliseconds)))\(milliseconds == 0 ? "s" : unit.suffix)"
  }
}
