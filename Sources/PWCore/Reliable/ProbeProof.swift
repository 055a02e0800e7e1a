/// Shows that answers to a ``PathProbe`` were answers: there are peers that acknowledge by themselves, and one such
/// acknowledgement while a probe is out looks like that probe's.
///
/// The size that was found is asked for again, and each time there is a while before in which nothing is asked. Whoever
/// acknowledges by chance is silent when asked, or is heard unasked: both turn out right by chance in about one of a
/// hundred cases, at the rate of acknowledgements that is best for it.
struct ProbeProof: Codable {
  /// The result.
  enum Verdict: Equatable, Codable {
    /// The peer answers when it is asked, and only then.
    case proven
    /// It did not answer again.
    case contradicted
    /// It acknowledges unasked: none of its answers says anything.
    case unasked
  }

  /// How often silence and answer follow on each other.
  private static let rounds = 4
  /// How often it is asked in each: a single answer may be lost.
  private static let attempts = 2
  /// Acknowledgements in times of silence that are too many: a single one may be a late copy.
  private static let tooManyUnasked = 2

  private let claim: PathProbe.Question
  private var isListening = true
  private var round = 1
  private var attempt = 1
  private var unasked = 0
  private(set) var verdict: Verdict?
  /// How often a message of ours came into a time of silence.
  private(set) var brokenSilences = 0

  /// A proof of the largest answer.
  init(of claim: PathProbe.Question) { self.claim = claim }

  /// The probe to send now; nil while nothing is to be asked.
  var question: PathProbe.Question? { isListening || verdict != nil ? nil : claim }

  /// An acknowledgement has come.
  mutating func answered() {
    guard verdict == nil else { return }
    if isListening {
      unasked += 1
      if unasked == Self.tooManyUnasked { verdict = .unasked }
    } else if round == Self.rounds {
      verdict = .proven
    } else {
      round += 1
      attempt = 1
      isListening = true
    }
  }

  /// None has come in time.
  mutating func unanswered() {
    guard verdict == nil else { return }
    if isListening {
      isListening = false
    } else if attempt < Self.attempts {
      attempt += 1
    } else {
      verdict = .contradicted
    }
  }

  /// A message of ours went out while nothing was to be asked: the time of silence begins anew.
  mutating func silenceBroken() { brokenSilences += 1 }

  /// Ends it without a result.
  mutating func giveUp() { verdict = verdict ?? .contradicted }
}
