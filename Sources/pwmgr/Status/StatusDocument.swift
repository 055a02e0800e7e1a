import FoundationEssentials
import PWCore
import PWLinux
import PWPluginHost

/// The document that `pwmgr status --json` prints and that travels over the control socket: what the daemon knows of
/// itself, and beside it, in the same object, the status of the site. Keys are stable, and each is always there; new
/// ones may be added.
struct StatusDocument: Codable, Equatable {
  /// The part that the daemon knows of itself.
  var daemon: Daemon
  /// The status of the site, whose keys stand in the same object.
  var site: SiteStatus

  /// A daemon that carries out a site.
  struct Daemon: Codable, Equatable {
    /// The number of the form of this document: docs/status.md says what stays the same while the number does.
    var format = Self.currentFormat
    /// The name of the site that the daemon carries out.
    var site: String
    /// The version of the daemon.
    var version: String
    /// The process that answers.
    var processID: Int32
    /// When the daemon started.
    var started: Instant
    /// When it began to carry out the site that runs, as it is.
    var siteSince: Instant
    /// Whether the site file, as it was read last, was refused, so that another site runs.
    var isSiteFileRefused = false
    /// Why, as it is among the problems; nil where it was not, or the daemon is of an older release.
    var siteFileRefusal: String?
    /// When this was written.
    var now: Instant
    /// The data plane that carries the traffic, and why that one.
    var dataPlane: DataPlane
    /// Control messages that this daemon has sent, by name, retransmissions included.
    var controlMessagesSent: [String: Int]
    /// The plugins in other processes that the site uses.
    var plugins: [PluginReport] = []

    static let currentFormat = 1

    private enum CodingKeys: String, CodingKey {
      case format, site, version, processID, started, siteSince
      case isSiteFileRefused = "siteFileRefused"
      case siteFileRefusal, now, dataPlane, controlMessagesSent, plugins
    }

    /// Writes every key, without a refusal as null.
    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(format, forKey: .format)
      try container.encode(site, forKey: .site)
      try container.encode(version, forKey: .version)
      try container.encode(processID, forKey: .processID)
      try container.encode(started, forKey: .started)
      try container.encode(siteSince, forKey: .siteSince)
      try container.encode(isSiteFileRefused, forKey: .isSiteFileRefused)
      try container.encode(siteFileRefusal, forKey: .siteFileRefusal)
      try container.encode(now, forKey: .now)
      try container.encode(dataPlane, forKey: .dataPlane)
      try container.encode(controlMessagesSent, forKey: .controlMessagesSent)
      try container.encode(plugins, forKey: .plugins)
    }
  }

  /// The data plane in use.
  struct DataPlane: Codable, Equatable {
    var kind: DataPlaneKind
    /// Why it was chosen.
    var reason: String
  }

  init(daemon: Daemon, site: SiteStatus) {
    self.daemon = daemon
    self.site = site
  }

  init(from decoder: any Decoder) throws {
    daemon = try Daemon(from: decoder)
    site = try SiteStatus(from: decoder)
  }

  func encode(to encoder: any Encoder) throws {
    try daemon.encode(to: encoder)
    try site.encode(to: encoder)
  }
}

extension StatusDocument {
  /// The document as JSON, keys in snake_case and sorted, dates in ISO 8601.
  ///
  /// - Parameters:
  ///   - clock: whose moments are in the document; those of one that was read are seconds since 1970.
  ///   - isOnOneLine: whether it has no line break, for a reader of many.
  func json(_ clock: WallClock = .sinceEpoch, isOnOneLine: Bool = false) throws -> Data {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.dateEncodingStrategy = .iso8601
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if !isOnOneLine { encoder.outputFormatting.insert(.prettyPrinted) }
    if let key = InstantCoding.key { encoder.userInfo[key] = clock.coding }
    return try encoder.encode(self)
  }

  /// A document from a daemon's answer: it may be of another version, and say what this program does not know.
  init(answer: Data) throws(ControlFailure) {
    do {
      try self.init(json: answer)
    } catch {
      throw Self.unreadable(answer)
    }
  }

  private static func unreadable(_ answer: Data) -> ControlFailure {
    struct Versioned: Decodable { var version: String }
    guard let version = (try? JSONDecoder().decode(Versioned.self, from: answer))?.version, version != Version.number
    else { return ControlFailure(message: "the daemon's answer is not a status: see its journal") }
    return ControlFailure(
      message: "the daemon is pwmgr \(version), and pwmgr \(Version.number) cannot read its status: restart the daemon")
  }

  /// A document from its JSON.
  init(json: Data) throws {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .custom { path in StatusKey(snakeCase: path.last?.stringValue ?? "") }
    decoder.dateDecodingStrategy = .iso8601
    if let key = InstantCoding.key { decoder.userInfo[key] = WallClock.sinceEpoch.coding }
    self = try decoder.decode(StatusDocument.self, from: json)
  }
}

/// Turns `local_session_id` back into `localSessionID`: Foundation's own strategy would make it `localSessionId`.
private struct StatusKey: CodingKey {
  let stringValue: String
  let intValue: Int? = nil

  init(snakeCase: String) {
    let initialisms: Set<Substring> = ["id", "mtu"]
    let words = snakeCase.split(separator: "_")
    stringValue = words.enumerated().map { index, word in
      if index == 0 { return String(word) }
      return initialisms.contains(word) ? word.uppercased() : word.prefix(1).uppercased() + word.dropFirst()
    }.joined()
  }

  init?(stringValue: String) {
    self.stringValue = stringValue
  }

  init?(intValue: Int) {
    return nil
  }
}
