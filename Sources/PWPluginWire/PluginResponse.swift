public import PWCore

/// A line that a plugin writes: the response to a request, or (without an identifier) something for the log.
public struct PluginResponse: Codable, Equatable, Sendable {
  /// The identifier of the request that is answered; nil in a line for the log.
  public var id: Int?
  /// Why the request was not carried out.
  public var error: String?
  /// For the log, with a level; no other member then.
  public var log: String?
  /// The level of `log`: debug, info, notice, warning or error.
  public var level: String?

  // The answer to `version`.

  /// The version of the protocol that is spoken from now on.
  public var `protocol`: Int?
  /// The plugin's own version, for people.
  public var pluginVersion: String?
  /// The pseudowire type that it signals.
  public var type: Int?
  /// The payload of its sessions: `ethernet` or `ppp`.
  public var payload: String?
  /// The keys that it reads in a pseudowire.
  public var options: [Option]?
  /// The verbs that it knows beside those that it must.
  public var verbs: [String]?

  // The answers to `validate`, `check`, `status`.

  /// Problems of the options (`validate`), the session (`check`) or the plugin (`status`).
  public var problems: [Problem]?
  /// `validate`: what stands behind the pseudowire.
  public var attachment: Attachment?
  /// `validate`: the split-horizon group of its port.
  public var splitHorizon: String?
  /// `validate`: what the peer's plugin is told when the session is set up.
  public var avps: [PluginWireAVP]?
  /// `validate`: the ways to the options that name files with secrets.
  public var secretFiles: [[PathStep]]?

  // The answer to `up`.

  /// All links that the session should have.
  public var links: [Link]?
  /// Why the session cannot be.
  public var refuse: Refusal?

  private enum CodingKeys: String, CodingKey {
    case id, error, log, level, `protocol`, type, payload, options, verbs, problems, attachment, avps, links, refuse
    case pluginVersion = "plugin_version"
    case splitHorizon = "split_horizon"
    case secretFiles = "secret_files"
  }

  /// A response that says no more than that it was done.
  public init(id: Int?) { self.id = id }

  /// A key of the site file.
  public struct Option: Codable, Equatable, Sendable {
    /// As it is written.
    public var name: String
    /// The type of a value, which pwmgr checks itself; nil where only the plugin checks it.
    public var type: PluginValueType?
    /// The values that may stand behind it, in words; those of the type, if this is left out.
    public var value: String?
    /// The default that holds when the key is left out, in words; nil when it must be there.
    public var absent: String?
    /// The purpose of the key, in words.
    public var meaning: String?
    /// The most that a changed value costs: `none`, `in-place` or `session`; `session`, if this is left out.
    public var change: String?

    /// Describes a key that the plugin reads, for the answer to `version`.
    public init(_ key: KeyDescription) {
      (name, value, absent, meaning) = (key.name, key.value, key.absent, key.meaning)
      type = key.form.map(PluginValueType.init)
      change = key.change?.rawValue
    }
  }

  /// Something that is wrong.
  public struct Problem: Codable, Equatable, Sendable {
    /// The fault, and what to do about it: one line.
    public var message: String
    /// `validate`: the way to the value: keys, and places in lists from 0.
    public var path: [PathStep]?
    /// `validate`: whether the key is meant, not its value.
    public var key: Bool?
    /// `validate`: `error` (the usual), `warning` or `note`.
    public var severity: String?

    /// Makes a problem from its message; its place and its severity can be set afterwards.
    public init(_ message: String) { self.message = message }
  }

  /// One step of the way to a value.
  public enum PathStep: Codable, Hashable, Sendable {
    /// A key of a mapping.
    case key(String)
    /// A place in a list, from 0.
    case index(Int)

    /// A string or a number.
    public init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let index = try? container.decode(Int.self) {
        self = .index(index)
      } else {
        self = .key(try container.decode(String.self))
      }
    }

    /// A string or a number.
    public func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .key(let key): try container.encode(key)
      case .index(let index): try container.encode(index)
      }
    }
  }

  /// A session that cannot be.
  public struct Refusal: Codable, Equatable, Sendable {
    /// Why, and what to do.
    public var reason: String
    /// The result code of the CDN (RFC 3931 section 5.4.2); 4, no facilities for now, if it is left out.
    public var code: UInt16?

    /// Makes a refusal; without a code the usual one is sent.
    public init(reason: String, code: UInt16?) {
      self.reason = reason
      self.code = code
    }
  }
}
