/// Rows of what was measured, what was found, and what was wanted.
struct Table {
  private var rows: [(what: String, found: String, wanted: String)] = []

  mutating func add(_ what: String, _ found: String, wanted: String = "") {
    rows.append((what, found, wanted))
  }

  func print() {
    let headings = (what: "measured", found: "found", wanted: "wanted")
    let all = [headings] + rows
    let first = all.map(\.what.count).max() ?? 0
    let second = all.map(\.found.count).max() ?? 0
    for (index, row) in all.enumerated() {
      let line = pad(row.what, first) + "  " + pad(row.found, second, isRight: true) + "  " + row.wanted
      Swift.print(line)
      if index == 0 { Swift.print(String(repeating: "-", count: first + second + 24)) }
    }
  }

  private func pad(_ text: String, _ width: Int, isRight: Bool = false) -> String {
    let padding = String(repeating: " ", count: max(0, width - text.count))
    return isRight ? padding + text : text + padding
  }
}

extension Int {
  /// With a comma between thousands.
  var grouped: String {
    let digits = String(magnitude)
    var words = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { words.append(",") }
      words.append(digit)
    }
    return (self < 0 ? "-" : "") + words
  }
}

extension Double {
  /// With one decimal.
  var short: String {
    let tenths = Int((self * 10).rounded())
    return "\(tenths / 10).\(abs(tenths % 10))"
  }
}
