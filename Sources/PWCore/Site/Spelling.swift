/// Finds what somebody probably meant to write: for "did you mean" in complaints about keys, names and types.
public enum Spelling {
  /// Longer words are not compared: the work is bounded whatever a file holds.
  static let maximumLength = 64

  /// The candidate that is nearest to a word, if any is near enough to be worth naming.
  ///
  /// - Parameters:
  ///   - word: what was written.
  ///   - candidates: what could have been written; of equally near ones the first is taken.
  /// - Returns: a candidate within one mistake of a short word, two of a longer one, three of a long one; else nil.
  public static func suggestion(for word: String, among candidates: some Sequence<String>) -> String? {
    let written = Array(word.lowercased())
    guard !written.isEmpty, written.count <= maximumLength else { return nil }
    if let same = candidates.first(where: { $0 != word && $0.lowercased() == word.lowercased() }) { return same }
    // The first part of a longer name is nearer to it than the letters say: `secret` for `secret-file`.
    if written.count >= 3, let longer = candidates.first(where: { $0.hasPrefix(word.lowercased() + "-") }) {
      return longer
    }
    let limit =
      switch written.count {
      case ...3: 1
      case 4...8: 2
      default: 3
      }
    var best: (candidate: String, distance: Int)?
    for candidate in candidates where candidate != word {
      let letters = Array(candidate.lowercased())
      guard abs(letters.count - written.count) <= limit else { continue }
      let distance = distance(written, letters)
      if distance <= limit, distance < letters.count, distance < best?.distance ?? .max {
        best = (candidate, distance)
      }
    }
    return best?.candidate
  }

  /// `; did you mean 'cookie'?` or, with nothing near, an alternative.
  public static func hint(
    for word: String, among candidates: some Sequence<String>, otherwise alternative: String = ""
  ) -> String {
    guard let candidate = suggestion(for: word, among: candidates) else { return alternative }
    return "; did you mean '\(candidate)'?"
  }

  /// How many letters must be inserted, removed, replaced or swapped with their neighbour to turn one word into the other.
  static func distance(_ one: [Character], _ other: [Character]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...other.count)
    for (row, letter) in one.enumerated() {
      var current = [row + 1]
      for (column, otherLetter) in other.enumerated() {
        var cost = min(last[column + 1], current[column]) + 1
        cost = min(cost, last[column] + (letter == otherLetter ? 0 : 1))
        if row > 0, column > 0, letter == other[column - 1], one[row - 1] == otherLetter {
          cost = min(cost, beforeLast[column - 1] + 1)
        }
        current.append(cost)
      }
      beforeLast = last
      last = current
    }
    return last[other.count]
  }
}
