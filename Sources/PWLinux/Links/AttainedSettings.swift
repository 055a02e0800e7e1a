import PWCore

/// The settings that our jobs have given to links: what is to be set once more as it was has been undone by somebody
/// else.
struct AttainedSettings {
  /// The time in which the same is told of one link once.
  static let interval = Duration.seconds(30)

  private var settings: [Int32: LinkSettings] = [:]
  private var told: [Int32: (words: String, at: Instant)] = [:]

  /// A job has succeeded that gave a link these.
  mutating func attained(_ new: LinkSettings, index: Int32) {
    settings[index, default: LinkSettings()].merge(new)
  }

  /// A link is gone, or another one.
  mutating func forget(index: Int32) {
    settings[index] = nil
    told[index] = nil
  }

  /// The change by somebody else that a job undoes, in words that follow the link's name; nil where there is none, or
  /// where it has just been told.
  ///
  /// - Parameters:
  ///   - wanted: the settings that the job gives it.
  ///   - link: the link as it is.
  mutating func change(undoneBy wanted: LinkSettings, of link: LinkInfo, at now: Instant) -> String? {
    guard let settings = settings[link.index] else { return nil }
    let undone = wanted.common(with: settings).unmet(by: link)
    guard !undone.isEmpty else { return nil }
    let words = undone.joined(separator: ", ")
    if let last = told[link.index], last.words == words, now - last.at < Self.interval { return nil }
    told[link.index] = (words, now)
    return words
  }
}

extension LinkKeeper {
  /// Tells of what another program has changed, and a job is about to put back.
  func noteUndone(by steps: [LinkStep]) {
    for (index, _, settings) in LinkStep.settings(in: steps) {
      guard let link = monitor.links[index],
        let words = attained.change(undoneBy: settings, of: link, at: loop.now)
      else { continue }
      notice(
        Event(
          .notice, .linkPutBack, fields: [.text(.link, link.name)],
          "another program has changed \(link.name), which is put back: it \(words)"))
    }
  }

  /// A job has given links their settings.
  func noteAttained(by steps: [LinkStep]) {
    for (index, _, settings) in LinkStep.settings(in: steps) where monitor.links[index] != nil {
      attained.attained(settings, index: index)
    }
    for case .detach(let index, _, _) in steps { attained.forget(index: index) }
  }

  /// A job has failed half-way, perhaps: nobody knows what its links have now.
  func forgetAttained(by steps: [LinkStep]) {
    for (index, _, _) in LinkStep.settings(in: steps) { attained.forget(index: index) }
    for case .detach(let index, _, _) in steps { attained.forget(index: index) }
  }
}
