/// A deviation of a peer from RFC 3931 with which it is served all the same.
enum PeerHabit: String, CaseIterable, Codable {
  /// Calls for what we call for, after its own call has lost the tie (section 5.4.4).
  case ignoresSessionTies
  /// Begins with an Nr that acknowledges what was never sent (section 4.2).
  case numbersRequests
  /// Calls without a Serial Number (sections 6.6 and 6.9).
  case omitsSerialNumbers
  /// Spells an end-id as text that is a number here, or the other way round.
  case spellsEndIDsOtherwise
  /// Gives a new connection the identifier of the one before it, and nothing that tells the two apart (section 5.4.3).
  case reusesIdentifiers
  /// Leaves out the cookie that it was assigned (section 5.4.4).
  case ignoresCookies
  /// Does not acknowledge again what it has acknowledged (section 4.2).
  case ignoresRepetitions
  /// Ends the connection, or loses it, when a message is repeated or long (section 4.2).
  case stopsForRepetitions
  /// Does not acknowledge HELLO (section 4.4).
  case ignoresHello
  /// Acknowledges without a digest where messages carry one (section 6.15).
  case acknowledgesUnsealed

  /// Acknowledges again and again what it has acknowledged, though nothing was repeated (section 4.2).
  case acknowledgesUnasked

  /// In words for people, after the peer's name.
  var words: String {
    switch self {
    case .ignoresSessionTies:
      "ignores session tie breakers (RFC 3931 section 5.4.4): its call continues, and ours does not"
    case .numbersRequests: "sends SCCRQ with Nr other than 0 (RFC 3931 section 4.2): Nr is ignored"
    case .omitsSerialNumbers: "calls without a Serial Number (RFC 3931 section 6.6): its calls are accepted"
    case .spellsEndIDsOtherwise:
      "spells end-ids as text where this site file has numbers, or the other way round: both count as the same"
    case .reusesIdentifiers:
      "gives each connection the same identifier, without a tie breaker (RFC 3931 section 5.4.3): a new SCCRQ counts "
        + "as a new start"
    case .ignoresCookies:
      "puts no cookie into its data packets though one was assigned (RFC 3931 section 5.4.4): the session is set up "
        + "again without one; `cookie: 0` uses none from the start, `cookie: 8` insists on one"
    case .ignoresRepetitions:
      "does not acknowledge repetitions (RFC 3931 section 4.2): the path's MTU cannot be probed, and the values of the "
        + "routes are used"
    case .stopsForRepetitions:
      "ends or loses the connection when a HELLO is repeated, or is long (RFC 3931 section 4.2): the path's MTU is not "
        + "probed any more, as with `mtu-probe: false`"
    case .ignoresHello:
      "does not acknowledge HELLO (RFC 3931 section 4.4): the connection stays as long as data arrives"
    case .acknowledgesUnsealed:
      "acknowledges without a digest, though there is a secret (RFC 3931 section 6.15): only its messages count, and "
        + "its acknowledgements do not"
    case .acknowledgesUnasked:
      "sends acknowledgements that nothing has asked for (RFC 3931 section 4.2): the path's MTU cannot be probed, and "
        + "the values of the routes are used"
    }
  }
}

extension Engine {
  /// Tells people once that the tunnel's peer has a habit.
  mutating func remark(_ habit: PeerHabit, of tunnel: TunnelReference) {
    guard tunnels[tunnel].remarkedHabits.insert(habit).inserted else { return }
    note(
      .warning, .peerHabit, tunnel: tunnel, fields: [.text(.habit, habit.rawValue)], "the peer \(habit.words)")
  }
}
