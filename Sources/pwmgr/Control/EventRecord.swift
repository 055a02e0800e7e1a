import FoundationEssentials
import PWCore

/// An event as programs read it: an element of the daemon's answer, and a line of `pwmgr events --json`.
///
/// docs/events.md describes it for other programs.
struct EventRecord: Codable, Equatable {
  /// The number of the event: the daemon's first one has 1.
  var number: Int
  /// The run of the daemon that the number is of.
  var run: String
  /// The moment, in UTC as ISO 8601 has it.
  var time: String
  /// ``LogLevel``.
  var level: String
  /// ``EventKind``.
  var kind: String
  /// The tunnel that it is about; null if it is about none.
  var tunnel: String?
  /// The pseudowire that it is about; null if it is about none.
  var pseudowire: String?
  /// More about it.
  var fields: [String: Value]
  /// The event in words.
  var message: String

  /// The value of a field.
  enum Value: Codable, Equatable {
    case text(String)
    case number(Int)
    case texts([String])

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let number = try? container.decode(Int.self) {
        self = .number(number)
      } else if let text = try? container.decode(String.self) {
        self = .text(text)
      } else {
        self = .texts(try container.decode([String].self))
      }
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .text(let text): try container.encode(text)
      case .number(let number): try container.encode(number)
      case .texts(let texts): try container.encode(texts)
      }
    }
  }

  private enum CodingKeys: String, CodingKey {
    case number = "seq"
    case run, time, level, kind, tunnel, pseudowire, fields, message
  }

  init(_ entry: EventRing.Entry, run: String) {
    self.run = run
    number = entry.number
    time = LogWriter.text(of: entry.milliseconds)
    level = LogLevel(entry.event.level).rawValue
    kind = entry.event.kind.rawValue
    tunnel = entry.event.tunnel
    pseudowire = entry.event.pseudowire
    message = entry.event.message
    fields = [:]
    for field in entry.event.fields { fields[field.name.rawValue] = Value(field.value) }
  }

  /// Every key is always there.
  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(number, forKey: .number)
    try container.encode(run, forKey: .run)
    try container.encode(time, forKey: .time)
    try container.encode(level, forKey: .level)
    try container.encode(kind, forKey: .kind)
    try container.encode(tunnel, forKey: .tunnel)
    try container.encode(pseudowire, forKey: .pseudowire)
    try container.encode(fields, forKey: .fields)
    try container.encode(message, forKey: .message)
  }

  /// The object of one line, as programs read it.
  var jsonLine: String { EventLine.json(self) }

  /// The line for people: that of the log at a terminal.
  var text: String {
    let subject = [tunnel, pseudowire].compactMap { $0 }.joined(separator: "/")
    let flat = message.replacing("\n", with: " ")
    return LogWriter.line(label: level, message: subject.isEmpty ? flat : "\(subject): \(flat)", time: time)
  }
}

extension EventRecord.Value {
  init(_ value: EventField.Value) {
    self =
      switch value {
      case .text(let text): .text(text)
      case .number(let number): .number(number)
      case .texts(let texts): .texts(texts)
      }
  }
}

/// The line about events that the reader has missed.
struct EventLoss: Codable, Equatable {
  /// The word in the place of an event's kind.
  var kind = Self.kind
  /// How many there were.
  var count: Int

  static let kind = "lost"

  var jsonLine: String { EventLine.json(self) }
}

/// One line of JSON.
private enum EventLine {
  static func json(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(value) else { preconditionFailure("an event cannot be encoded") }
    return String(decoding: data, as: UTF8.self)
  }
}
