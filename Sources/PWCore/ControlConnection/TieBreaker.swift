/// The outcome of two requests for one thing that crossed on the way: two SCCRQs (RFC 3931 section 5.4.3), or two ICRQs
/// for one pseudowire (section 5.4.4).
enum TieOutcome: Equatable {
  /// Ours goes on, the peer's is refused.
  case weWin
  /// Ours is forgotten, the peer's is answered.
  case theyWin
  /// Both values are equal: both are forgotten, and tried again with new values.
  case drawn
  /// Neither has a value: two connections, but no session.
  case noTie

  /// Compares the tie breakers as numbers: the lower wins, and one wins against none.
  init(ours: UInt64?, theirs: UInt64?) {
    switch (ours, theirs) {
    case (nil, nil): self = .noTie
    case (.some, nil): self = .weWin
    case (nil, .some): self = .theyWin
    case (.some(let ours), .some(let theirs)):
      self = ours < theirs ? .weWin : ours > theirs ? .theyWin : .drawn
    }
  }
}
