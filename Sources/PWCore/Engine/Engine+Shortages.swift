/// Resources that the machine has run out of, such as descriptors. With a thousand tunnels the same failure comes a
/// thousand times at every attempt: people read of all in one line, and `status` has each of them.
struct Shortages: Codable {
  /// The least time between two lines.
  static let interval = Duration.seconds(1)

  /// How many there were since the last line.
  private var count = 0
  /// The reason of the last failure.
  private var words = ""

  /// Counts one more failure, and keeps its words.
  ///
  /// - Returns: whether it is the first since the last line, so that there has to be another.
  mutating func add(_ words: String) -> Bool {
    count += 1
    self.words = words
    return count == 1
  }

  /// The line about the failures since the last one, whose count begins again.
  mutating func take() -> String {
    defer { count = 0 }
    let things = count == 1 ? "socket or interface" : "sockets or interfaces"
    return "\(count) \(things) could not be opened: \(words)"
  }
}

extension Engine {
  /// Looks at a failure before it is acted upon: if something was short, whatever comes of it is told in one line with
  /// the others.
  mutating func noteShortage(_ failure: EffectFailure?) {
    guard let words = failure?.shortage else { return }
    isAnsweringShortage = true
    guard shortages.add(words) else { return }
    turn.schedule(now + Shortages.interval, .shortages)
  }

  /// Tells of all of the last second.
  mutating func tellShortages() {
    let words = shortages.take()
    note(.warning, .shortage, tunnel: nil, words)
  }
}
