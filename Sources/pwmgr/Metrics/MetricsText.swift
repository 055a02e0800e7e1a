/// The value of a sample.
enum MetricValue: ExpressibleByIntegerLiteral {
  /// A number of things, or the value of a counter.
  case count(UInt64)
  /// Seconds and their fraction.
  case seconds(Double)

  init(integerLiteral value: UInt64) { self = .count(value) }

  /// A number of things that is never negative.
  static func count(_ number: Int) -> MetricValue { .count(UInt64(clamping: number)) }

  /// 1 if it is so, else 0.
  static func flag(_ isSo: Bool) -> MetricValue { isSo ? 1 : 0 }
}

/// The labels of a sample, as they are written.
struct MetricLabels {
  /// `tunnel="berlin",pseudowire="lan"`
  fileprivate(set) var octets: [UInt8] = []

  /// Without labels.
  static let none = MetricLabels()

  /// With labels by name, in this order. A value may hold anything.
  init(_ pairs: (String, String)...) { for (name, value) in pairs { append(name, value) } }

  /// One more.
  func with(_ name: String, _ value: String) -> MetricLabels {
    var labels = self
    labels.append(name, value)
    return labels
  }

  private mutating func append(_ name: String, _ value: String) {
    if !octets.isEmpty { octets.append(UInt8(ascii: ",")) }
    octets += name.utf8
    octets += "=\"".utf8
    for octet in value.utf8 {
      switch octet {
      case UInt8(ascii: "\\"): octets += #"\\"#.utf8
      case UInt8(ascii: "\""): octets += #"\""#.utf8
      case UInt8(ascii: "\n"): octets += #"\n"#.utf8
      default: octets.append(octet)
      }
    }
    octets.append(UInt8(ascii: "\""))
  }
}

/// Writes the text format of Prometheus, version 0.0.4: the samples of a metric stand together below what it is.
///
/// Thousands of sessions have tens of thousands of samples, and a scrape may not cost the daemon much: octets are
/// appended, and nothing is made for each sample.
struct MetricsText {
  /// The text so far, each line with its newline.
  private(set) var octets: [UInt8] = []

  /// Begins a metric.
  mutating func begin(_ name: String, _ kind: MetricKind, help: String) {
    // The format has a backslash and a line break escaped; none of our texts has either.
    octets += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n".utf8
  }

  /// The last line, a comment: a reader sees by it that it has all.
  static let end = Array("# EOF\n".utf8)

  /// Ends the text.
  mutating func finish() { octets += Self.end }

  /// Appends what was written by itself.
  mutating func append(_ other: MetricsText) { octets += other.octets }

  /// One sample of the metric that was begun last.
  mutating func add(_ name: String, _ labels: MetricLabels, _ value: MetricValue) {
    octets += name.utf8
    if !labels.octets.isEmpty {
      octets.append(UInt8(ascii: "{"))
      octets += labels.octets
      octets.append(UInt8(ascii: "}"))
    }
    octets.append(UInt8(ascii: " "))
    switch value {
    case .count(let number): append(number)
    case .seconds(let seconds): octets += String(seconds).utf8
    }
    octets.append(UInt8(ascii: "\n"))
  }

  private mutating func append(_ number: UInt64) {
    let start = octets.count
    var rest = number
    repeat {
      octets.append(UInt8(ascii: "0") + UInt8(rest % 10))
      rest /= 10
    } while rest > 0
    octets[start...].reverse()
  }
}

/// The kinds of metrics that there are here.
enum MetricKind: String {
  /// It only grows, until the daemon, or the session, starts again.
  case counter
  /// It goes up and down.
  case gauge
}
