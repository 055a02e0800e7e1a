import PWCore

/// The fields of an entry in systemd's journal: what `journalctl -o json` shows, and `journalctl PWMGR_TUNNEL=berlin`
/// selects by.
enum JournalEntry {
  /// The fields of an event.
  static func fields(of event: Event, message: String) -> [(name: String, value: String)] {
    var fields = base(message: message, level: event.level)
    fields.append(("MESSAGE_ID", event.kind.messageID))
    fields.append(("PWMGR_KIND", event.kind.rawValue))
    if let tunnel = event.tunnel { fields.append(("PWMGR_TUNNEL", tunnel)) }
    if let pseudowire = event.pseudowire { fields.append(("PWMGR_PSEUDOWIRE", pseudowire)) }
    for field in event.fields {
      let name = Self.name(ofField: field.name.rawValue)
      switch field.value {
      case .text(let text): fields.append((name, text))
      case .number(let number): fields.append((name, String(number)))
      // A field may stand more than once: each of its values can be selected by.
      case .texts(let texts): for text in texts { fields.append((name, text)) }
      }
    }
    return fields
  }

  /// The name that a field of an event has in the journal, and in a hook's environment.
  static func name(ofField name: String) -> String { "PWMGR_\(name.uppercased())" }

  /// The fields of any line of the log.
  static func base(message: String, level: Event.Level) -> [(name: String, value: String)] {
    [("MESSAGE", message), ("PRIORITY", String(level.syslogPriority)), ("SYSLOG_IDENTIFIER", "pwmgr")]
  }
}

extension Event.Level {
  /// syslog(3)'s number.
  var syslogPriority: Int {
    switch self {
    case .debug: 7
    case .info: 6
    case .notice: 5
    case .warning: 4
    case .error: 3
    }
  }
}

extension EventKind {
  /// The identifier by which the journal's catalogue finds the explanation of a kind (`journalctl --catalog`): 128 bits
  /// in hexadecimal digits. They are made of the name by FNV-1a, so that a kind has the same ones for ever.
  var messageID: String {
    var (high, low) = (Self.offset.high, Self.offset.low)
    for octet in "pwmgr \(rawValue)".utf8 {
      low ^= UInt64(octet)
      let (upper, lower) = low.multipliedFullWidth(by: Self.prime.low)
      high = high &* Self.prime.low &+ low &* Self.prime.high &+ upper
      low = lower
    }
    return Self.digits(high) + Self.digits(low)
  }

  /// The numbers of FNV-1a with 128 bits.
  private static let offset = (high: UInt64(0x6c62_272e_07bb_0142), low: UInt64(0x62b8_2175_6295_c58d))
  private static let prime = (high: UInt64(0x0000_0000_0100_0000), low: UInt64(0x0000_0000_0000_013b))

  private static func digits(_ number: UInt64) -> String {
    let text = String(number, radix: 16)
    return String(repeating: "0", count: 16 - text.utf8.count) + text
  }
}
