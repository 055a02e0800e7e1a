/// The protocol of pwmgr and a plugin in another process (docs/plugin-protocol.md): one JSON object on each line,
/// requests on the plugin's standard input, responses on its standard output.
public enum PluginProtocol {
  /// The version that this is.
  public static let version = 1
  /// The versions that pwmgr speaks.
  public static let versions = [1]
  /// Octets of a line that a plugin writes, its newline included. A longer one ends the plugin.
  public static let maximumResponseOctets = 65_536
  /// Octets of a line that pwmgr writes, its newline included: `gc` names every session.
  public static let maximumRequestOctets = 16 << 20
  /// Lines that a plugin may write in a second, on standard output. More end it.
  public static let linesPerSecond = 1000
  /// Link requests in one answer.
  public static let maximumLinks = 16
  /// Problems in one answer: further ones are not looked at.
  public static let maximumProblems = 64
  /// Keys that a plugin may read in a pseudowire.
  public static let maximumOptions = 64
  /// Words that an option may be one of.
  public static let maximumChoices = 256
  /// Octets of a text that is shown to people: what is beyond is cut.
  public static let maximumTextOctets = 1024
  /// In the environment of a plugin, with the version: whoever starts one by hand has not set it, and can be told so.
  public static let environmentKey = "PWMGR_PLUGIN"
}

/// The requests of pwmgr to a plugin. The first three are a plugin's duty, the others are asked of those that say so.
public enum PluginVerb: String, CaseIterable, Codable, Sendable {
  /// The identity of the plugin: always the first request.
  case version
  /// Whether the options of a pseudowire make sense, and what stands behind it.
  case validate
  /// The links that a session should have now.
  case up
  /// A session is over.
  case down
  /// Whether a session is still as it should be.
  case check
  /// Which sessions there are; what it has for others is to be removed.
  case gc
  /// Whether it can serve.
  case status

  /// Those that a plugin need not know.
  public static let optional: Set<PluginVerb> = [.down, .check, .gc, .status]
}

/// A fault of a line that a plugin wrote, for people: what is wrong, and which rule it breaks.
public struct PluginFault: Error, Equatable, CustomStringConvertible, Sendable {
  /// One line, lower case, no full stop.
  public var description: String

  /// A fault in words.
  public init(_ description: String) { self.description = description }
}

extension String {
  /// The text as it may be shown: on one line, without control characters, not longer than people read.
  public var asPluginText: String {
    var text = ""
    for character in self {
      guard text.utf8.count + character.utf8.count <= PluginProtocol.maximumTextOctets else { return text + "…" }
      let isControl = character.unicodeScalars.contains { $0.value < 0x20 || (0x7F..<0xA0).contains($0.value) }
      text.append(isControl ? " " : character)
    }
    return text
  }
}
