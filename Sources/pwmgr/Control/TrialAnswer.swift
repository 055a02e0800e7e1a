/// The daemon's word on a trial.
struct TrialAnswer: ControlAnswer, Equatable {
  /// The states of a trial.
  enum State: String, Codable {
    /// Its site runs, and the former one comes back unless it is confirmed.
    case running
    /// Its site runs for good.
    case confirmed
    /// The former site runs again.
    case rolledBack = "rolled back"
    /// It did not begin, or the request was not granted.
    case refused
    /// The daemon knows of no such trial: it has ended long ago, or the daemon was started again.
    case unknown
  }

  /// Its state.
  var state: State
  /// Its token; nil where there is no trial.
  var token: String?
  /// The path of the file that holds its text.
  var path: String?
  /// The time until the former site comes back, while it runs.
  var remainingMilliseconds: Int?
  /// Complaints about its file, or the reasons for the state, each in one line.
  var lines: [String] = []
  /// Once the former site runs again: the links that are not as before the trial, a line each; nil until that is known.
  var differences: [String]?

  /// Whether it did not begin because another change is under way; nil where nobody asked.
  var isBusy: Bool?

  /// The answer to a request that is not granted.
  static func refusal(_ lines: [String]) -> TrialAnswer { TrialAnswer(state: .refused, lines: lines) }

  /// The answer to a client that may look and not change.
  static let denied = refusal(["only root, or the user who runs pwmgr, may begin a trial, or end one"])
}
