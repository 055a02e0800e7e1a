import PWCore

/// A site on trial: it runs until a deadline, and for good only if somebody confirms it before that.
struct Trial {
  /// Names it, so that nobody confirms another trial by mistake.
  let token: String
  /// The path of the file that holds its text.
  let path: String
  /// The site that ran before, secrets included: going back reads no file.
  let former: SiteLoader.Loaded
  /// How long it was given.
  let duration: Duration
  /// When the former site comes back.
  let deadline: Instant

  /// The shortest and the longest that a trial may take.
  static let durations = Duration.seconds(1)...Duration.seconds(24 * 3_600)
  /// The words for another duration.
  static var wrongDuration: String {
    "a trial takes \(DurationText.text(durations.lowerBound)) to \(DurationText.text(durations.upperBound))"
  }
  /// The usual time of a trial.
  static let usualDuration = Duration.seconds(120)
}
