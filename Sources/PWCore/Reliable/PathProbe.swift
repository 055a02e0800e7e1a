/// Searches the largest packet that a path passes in one piece, by sending packets of chosen sizes and hearing which of
/// them are answered: no ICMP message is needed for it (RFC 8899 describes the method for other protocols).
///
/// It sends nothing itself. Its owner asks for `question`, and tells whether it was answered.
struct PathProbe: Codable {
  /// A packet to send.
  struct Question: Equatable, Codable {
    /// Octets of the IP packet; 0 is the message as it is.
    var octets: Int
    /// Whether routers may cut it on its way.
    var isFragmentable: Bool
    /// Whether it goes out in two pieces, though it need not.
    var isCut = false
  }

  /// The result of a search.
  enum Outcome: Equatable, Codable {
    /// The largest packet that was answered; not exact where time or questions ran out before.
    case size(octets: Int, isExact: Bool)
    /// Not even the message as it is was answered: the peer does not acknowledge repetitions, or is not there just now.
    case unanswered
    /// Whether a packet that may be cut was answered.
    case fragments(arrive: Bool)
    /// It was given up before anything was known.
    case unknown
  }

  private enum Stage: Codable {
    /// Is the largest possible size answered?
    case ceiling
    /// Is any repetition answered?
    case repetition
    /// Is a size answered between the largest that was and the smallest that was not?
    case search
    /// Was the smallest that was not answered lost for its size?
    case confirmation
    /// Are the fragments put together of a packet as large as the largest frame makes it?
    case fragments
    /// Are those of one that the path passes whole? There are peers that have no room for longer control messages, and
    /// take longer frames.
    case pieces
    /// Does the peer answer anything just now?
    case presence
    case done(Outcome)
  }

  /// The sizes that links and tunnels mostly have, in octets, each with the next, which they do not pass: looked at
  /// first.
  private static let usualOctets = [1280, 1400, 1420, 1440, 1454, 1460, 1472, 1480, 1492, 1500].flatMap {
    [$0, $0 + 1]
  }
  /// How often a question is asked whose answer all others depend on.
  private static let attempts = 2
  /// How often a packet is sent in pieces that need not be cut: each time two of them have to arrive, and sessions stop
  /// forwarding where none do.
  private static let fragmentAttempts = 4

  private var stage: Stage
  private let ceiling: Int
  /// Octets of the packet that is sent in pieces; nil where it shows nothing.
  private let pieceableOctets: Int?
  /// The largest that was answered, or is taken for granted.
  private var passed: Int
  /// The smallest that was not answered.
  private var lost: Int
  private var attempt = 1
  /// The question of the largest answer; nil where there was none.
  private(set) var claim: Question?
  private var asked = 0

  /// A search for the path's MTU.
  ///
  /// - Parameters:
  ///   - floor: octets that every path passes.
  ///   - ceiling: octets that the first link passes.
  init(floor: Int, ceiling: Int) {
    self.ceiling = max(floor, ceiling)
    pieceableOctets = nil
    passed = floor
    lost = self.ceiling + 1
    stage = .ceiling
  }

  /// Finds out whether packets of so many octets arrive that have to be cut on their way.
  ///
  /// - Parameter pieceableOctets: octets of a packet that the peer answers, whose first piece is as large as the kernel
  ///   makes one; nil where the path does not pass pieces as large as the kernel makes them.
  init(fragmentedOctets: Int, pieceableOctets: Int?) {
    ceiling = fragmentedOctets
    self.pieceableOctets = pieceableOctets
    (passed, lost) = (0, 0)
    stage = .fragments
  }

  /// How many questions have been asked.
  var count: Int { asked }

  /// The result of the search; nil while there are questions.
  var outcome: Outcome? {
    if case .done(let outcome) = stage { return outcome }
    return nil
  }

  /// The probe to send now; nil where all is known.
  var question: Question? {
    switch stage {
    case .ceiling: Question(octets: ceiling, isFragmentable: false)
    case .repetition: Question(octets: 0, isFragmentable: false)
    case .search: Question(octets: candidate, isFragmentable: false)
    case .confirmation: Question(octets: lost, isFragmentable: false)
    case .fragments: Question(octets: ceiling, isFragmentable: true)
    case .pieces: Question(octets: pieceableOctets ?? 0, isFragmentable: true, isCut: true)
    case .presence: Question(octets: 0, isFragmentable: false)
    case .done: nil
    }
  }

  /// The question was answered.
  mutating func answered() {
    asked += 1
    attempt = 1
    if let question, question.octets > 0 { claim = question }
    switch stage {
    case .ceiling: stage = .done(.size(octets: ceiling, isExact: true))
    case .repetition: search()
    case .search:
      passed = candidate
      search()
    case .confirmation:
      (passed, lost) = (lost, ceiling)
      search()
    case .fragments, .pieces: stage = .done(.fragments(arrive: true))
    case .presence: stage = .done(.fragments(arrive: false))
    case .done: break
    }
  }

  /// The question was not answered in time.
  mutating func unanswered() {
    asked += 1
    switch stage {
    case .ceiling, .repetition, .fragments, .pieces:
      let attempts = if case .pieces = stage { Self.fragmentAttempts } else { Self.attempts }
      guard attempt >= attempts else {
        attempt += 1
        return
      }
      attempt = 1
    case .search, .confirmation, .presence, .done: break
    }
    switch stage {
    case .ceiling:
      lost = ceiling
      stage = .repetition
    case .repetition, .presence: stage = .done(.unanswered)
    case .search:
      lost = candidate
      search()
    case .confirmation: stage = .done(.size(octets: passed, isExact: true))
    case .fragments: stage = pieceableOctets == nil ? .presence : .pieces
    case .pieces: stage = .presence
    case .done: break
    }
  }

  /// Ends it with what is known.
  mutating func giveUp() {
    switch stage {
    case .ceiling, .repetition, .fragments, .pieces, .presence: stage = .done(.unknown)
    case .search, .confirmation: stage = .done(.size(octets: passed, isExact: false))
    case .done: break
    }
  }

  private mutating func search() {
    guard lost - passed <= 1 else {
      stage = .search
      return
    }
    // The ceiling was asked for twice.
    stage = lost >= ceiling ? .done(.size(octets: passed, isExact: true)) : .confirmation
  }

  /// The middle one of the usual sizes that are left, or of all.
  private var candidate: Int {
    let usual = Self.usualOctets.filter { $0 > passed && $0 < lost }
    return usual.isEmpty ? passed + (lost - passed) / 2 : usual[usual.count / 2]
  }
}
