/// A declaration that stands for many pseudowires.
public struct TemplateStatus: Equatable, Sendable {
  /// The name in the site file.
  public var name: String
  /// The attachment circuit on our side, in words.
  public var attachment: String
  /// How many there are.
  public var sessions: Int
  /// How many of these nobody has asked for.
  public var idle: Int
  /// Why they are not carried out; nil where they are.
  public var disabled: Disablement?
  /// The last error of one that is idle.
  public var lastError: Since<String>?

  /// So many, of which so many are idle.
  public init(name: String, attachment: String, sessions: Int, idle: Int, lastError: Since<String>? = nil) {
    self.name = name
    self.attachment = attachment
    self.sessions = sessions
    self.idle = idle
    self.lastError = lastError
  }
}

extension TemplateStatus: Codable {
  private static let fields = StatusFields<TemplateStatus>(
    .value("name", \.name), .value("attachment", \.attachment), .value("sessions", \.sessions), .value("idle", \.idle),
    .optional("disabled", \.disabled), .optional("lastError", \.lastError))

  /// Reads what was written.
  public init(from decoder: any Decoder) throws {
    self = try Self.fields.read(TemplateStatus(name: "", attachment: "", sessions: 0, idle: 0), from: decoder)
  }

  /// Writes every property under its key in the document.
  public func encode(to encoder: any Encoder) throws { try Self.fields.write(self, to: encoder) }
}

extension TunnelStatus {
  /// Counts the pseudowires that are one of many, and takes those out that wait to be asked for: of them there is
  /// nothing to say but their number.
  public mutating func countTemplates() {
    templates = []
    for pseudowire in pseudowires {
      guard let name = pseudowire.template else { continue }
      if templates.last?.name != name {
        templates.append(TemplateStatus(name: name, attachment: pseudowire.attachment, sessions: 0, idle: 0))
      }
      let last = templates.count - 1
      templates[last].sessions += 1
      guard pseudowire.isIdleTemplate else { continue }
      templates[last].idle += 1
      templates[last].disabled = pseudowire.disabled
      guard let error = pseudowire.lastError else { continue }
      if templates[last].lastError.map({ error.since > $0.since }) ?? true { templates[last].lastError = error }
    }
    pseudowires.removeAll(where: \.isIdleTemplate)
  }
}

extension PseudowireStatus {
  /// Whether it is one of many that wait to be asked for.
  fileprivate var isIdleTemplate: Bool { template != nil && state.value == .idle }
}
