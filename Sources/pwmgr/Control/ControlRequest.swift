/// The requests of a client to the daemon: one line each, answered by one JSON document, or a text, and the end of the
/// connection.
///
/// docs/control-socket.md describes them for other programs.
enum ControlRequest: Equatable {
  /// A ``ControlProtocol``.
  case version
  /// A ``StatusDocument``.
  case status
  /// A ``MetricsReport``: text, not JSON.
  case metrics
  /// An ``EventsAnswer``, as soon as there is an event.
  case events(EventsRequest)
  /// A ``RunningSite``.
  case site
  /// A ``HistoryAnswer``: a list, or one entry with its text.
  case history(Int?)
  /// The site file is read again, on some occasion; then a ``ReloadOutcome``.
  case reload(SiteOccasion)
  /// A tunnel, or one of its pseudowires (`berlin/lan`), is put down or up, or set up anew; then an
  /// ``AdministrationOutcome``.
  case administer(AdministrativeVerb, String)

  /// A file is carried out for a while: the trial's token, which the client makes, a number of milliseconds, and the
  /// full path; then a ``TrialAnswer``.
  case tryOut(token: String, Duration, String)
  /// The state of the trial with a token: a ``TrialAnswer``.
  case trial(String)
  /// The trial with a token is confirmed; then a ``TrialAnswer``.
  case confirm(String)
  /// A trial ends, and the former site runs: the one with a token, or the one that runs; then a ``TrialAnswer``.
  case rollBack(String?)

  /// The least important messages of the log are these from now on, or, with nil, what they are; then an
  /// ``AdministrationOutcome``.
  case logLevel(LogLevel?)

  /// Reads a line; nil where it is not a request.
  init?(line: String) {
    let words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    switch (words.first, words.dropFirst().first, words.count) {
    case ("version", _, 1): self = .version
    case ("status", _, 1): self = .status
    case ("metrics", _, 1): self = .metrics
    case ("site", _, 1): self = .site
    case ("events", _, _):
      guard let request = EventsRequest(words: words.dropFirst()) else { return nil }
      self = .events(request)
    case ("log-level", _, 1): self = .logLevel(nil)
    case ("log-level", let level?, 2):
      guard let level = LogLevel(rawValue: level) else { return nil }
      self = .logLevel(level)
    case ("history", _, 1): self = .history(nil)
    case ("history", let number?, 2):
      guard let number = Int(number), number > 0 else { return nil }
      self = .history(number)
    case ("reload", _, 1): self = .reload(.reload)
    case ("reload", "apply", 2): self = .reload(.apply)
    case ("reload", "rollback", 2): self = .reload(.rollback)
    case ("rollback", _, 1): self = .rollBack(nil)
    case ("rollback", let token?, 2): self = .rollBack(token)
    case ("confirm", let token?, 2): self = .confirm(token)
    case ("trial", let token?, 2): self = .trial(token)
    case ("try", let token?, 4...):
      guard (try? TrialToken.read(token)) == token, let milliseconds = Int(words[2]), milliseconds >= 0 else {
        return nil
      }
      // A path may have spaces.
      self = .tryOut(token: token, .milliseconds(milliseconds), words.dropFirst(3).joined(separator: " "))
    case (let verb?, let name?, 2):
      guard let verb = AdministrativeVerb(rawValue: verb) else { return nil }
      self = .administer(verb, name)
    default: return nil
    }
  }

  /// What a client must be allowed to do.
  var permission: ControlPermission {
    switch self {
    case .version, .status, .metrics, .events, .site, .trial, .history(nil), .logLevel(nil): .look
    case .administer, .logLevel, .reload: .operate
    // A site file names programs, which run as root.
    case .tryOut, .confirm, .rollBack: .everything
    // It may be of a time when the client was no member.
    case .history: .everything
    }
  }

  /// The line that says it.
  var line: String {
    switch self {
    case .version: "version"
    case .status: "status"
    case .metrics: "metrics"
    case .site: "site"
    case .events(let request): request.line
    case .history(let number): "history" + (number.map { " \($0)" } ?? "")
    case .logLevel(let level): "log-level" + (level.map { " \($0.rawValue)" } ?? "")
    case .reload(.reload): "reload"
    case .reload(let occasion): "reload \(occasion.rawValue)"
    case .tryOut(let token, let duration, let path): "try \(token) \(Int(duration / .milliseconds(1))) \(path)"
    case .trial(let token): "trial \(token)"
    case .confirm(let token): "confirm \(token)"
    case .rollBack(let token): "rollback" + (token.map { " \($0)" } ?? "")
    case .administer(let verb, let name): "\(verb.rawValue) \(name)"
    }
  }
}

/// What an operator does with a tunnel or a pseudowire while the site runs.
enum AdministrativeVerb: String, CaseIterable {
  /// It ends, and is not there until it is put up, or the daemon starts again.
  case down
  /// It is carried out again.
  case up
  /// It ends, and is set up anew.
  case reset
}

/// Why the daemon could not be asked.
struct ControlFailure: Error {
  /// The fault, and what to do about it.
  var message: String
  /// Whether nobody listens there: a daemon that is started later tells nothing old.
  var isNobodyThere = false

  /// Says it; the error that a command throws to end for that reason.
  var exit: any Error {
    StandardError.write("pwmgr: \(message)")
    return ExitStatus.unavailable.exit
  }
}
