import PWCore

/// A site on trial: it runs until a deadline, and for good only if somebody confirms it before that.
struct Trial {
  /// Its token and its path, and the links as they were before it.
  let note: TrialNote
  /// The site that ran before, secrets included: going back reads no file.
  let former: SiteLoader.Loaded
  /// How long it was given.
  let duration: Duration
  /// When the former site comes back.
  let deadline: Instant

  /// Names it, so that nobody confirms another trial by mistake.
  var token: String { note.token }
  /// The path of the file that holds its text.
  var path: String { note.path }

  /// The shortest and the longest that a trial may take.
  static let durations = Duration.seconds(1)...Duration.seconds(24 * 3_600)
  /// The words for another duration.
  static var wrongDuration: String {
    "a trial takes \(DurationText.text(durations.lowerBound)) to \(DurationText.text(durations.upperBound))"
  }
  /// The usual time of a trial.
  static let usualDuration = Duration.seconds(120)
}
