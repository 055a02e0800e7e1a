/// The deviations of a scripted peer from RFC 3931, or from what others do: switches, in any combination.
struct Habits: OptionSet, Hashable, Sendable {
  let rawValue: UInt16

  /// Answers no ICRQ, but calls itself: every five seconds, or a millisecond after an ICRQ has woken it. Its Session
  /// Tie Breaker is a constant, and it takes notice neither of ties nor of CDN 13.
  static let ignoresTies = Habits(rawValue: 1 << 0)
  /// Has one Assigned Control Connection ID, also after a new start, and no tie breaker.
  static let reusesIdentifier = Habits(rawValue: 1 << 1)
  /// Spells an end-id as text where the site file has a number, or the other way round.
  static let spellsEndIDOtherwise = Habits(rawValue: 1 << 2)
  /// Keeps a connection as long as anything at all comes from us, and drops SCCRQs while it has one.
  static let keepsDeadConnection = Habits(rawValue: 1 << 3)
  /// Loses the second of two messages that arrive back to back.
  static let losesSecondMessage = Habits(rawValue: 1 << 4)
  /// Sends SCCRP with an AVP that nobody knows, with the M bit.
  static let addsUnknownAVP = Habits(rawValue: 1 << 5)
  /// Sends SCCRQ with an Nr that is not 0.
  static let numbersRequest = Habits(rawValue: 1 << 6)
  /// Sends ICRQ without a Serial Number.
  static let omitsSerialNumber = Habits(rawValue: 1 << 7)
  /// Sends SCCRQ without a tie breaker, and never again once StopCCN 3 has come.
  static let takesRefusalForLastWord = Habits(rawValue: 1 << 8)
  /// Takes and makes no session without the default L2-Specific Sublayer.
  static let insistsOnSublayer = Habits(rawValue: 1 << 9)
  /// Answers what comes for a connection that it does not know with StopCCN.
  static let stopsUnknownConnections = Habits(rawValue: 1 << 10)

  /// Acknowledges all the time, whether there is anything to acknowledge or not.
  static let acknowledgesUnasked = Habits(rawValue: 1 << 11)
  /// Has no room for long control messages, and loses them.
  static let losesLongMessages = Habits(rawValue: 1 << 12)
  /// Has no room for long control messages, and ends the connection when one comes.
  static let stopsAtLongMessages = Habits(rawValue: 1 << 13)

  /// Each of them alone, with its name.
  static let named: [(habit: Habits, name: String)] = [
    (.ignoresTies, "ignores ties"), (.reusesIdentifier, "reuses its identifier"),
    (.spellsEndIDOtherwise, "spells the end-id otherwise"), (.keepsDeadConnection, "keeps a dead connection"),
    (.losesSecondMessage, "loses the second message"), (.addsUnknownAVP, "adds an unknown AVP"),
    (.numbersRequest, "numbers its SCCRQ"), (.omitsSerialNumber, "omits the Serial Number"),
    (.takesRefusalForLastWord, "takes a refusal for the last word"), (.insistsOnSublayer, "insists on the sublayer"),
    (.stopsUnknownConnections, "stops unknown connections"), (.acknowledgesUnasked, "acknowledges unasked"),
    (.losesLongMessages, "loses long messages"), (.stopsAtLongMessages, "stops at long messages"),
  ]

  /// None of them, each alone, and every pair.
  static let singlesAndPairs: [Habits] =
    [[]] + named.map(\.habit)
    + named.indices.flatMap { first in named[(first + 1)...].map { named[first].habit.union($0.habit) } }

  /// Any number of them.
  static func drawn(_ random: inout SeededRandom) -> Habits {
    let share = random.pick([0.2, 0.35, 0.6])
    return named.reduce(into: []) { if random.chance(share) { $0.insert($1.habit) } }
  }
}

extension Habits: CustomStringConvertible {
  var description: String {
    let names = Self.named.filter { contains($0.habit) }.map(\.name)
    return names.isEmpty ? "has no habits" : names.joined(separator: ", ")
  }
}
