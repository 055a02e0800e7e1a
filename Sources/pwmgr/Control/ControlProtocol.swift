import FoundationEssentials

/// The protocol of the control socket, as the daemon speaks it.
struct ControlProtocol: ControlAnswer, Equatable {
  /// The number of the protocol: the part before the point changes when a reader of the old one would go wrong, the other
  /// one when there is more.
  var protocolVersion = Self.current
  /// The daemon's version.
  var version = Version.number

  static let current = "1.3"

  private enum CodingKeys: String, CodingKey {
    case protocolVersion = "protocol"
    case version
  }
}

/// The answer to a line that is not a request.
struct ControlError: ControlAnswer, Equatable {
  /// The fault.
  var error: Fault

  struct Fault: Codable, Equatable {
    /// A word for programs: `unknown-request`.
    var code: String
    /// The same for people.
    var message: String
  }

  /// Of a request that this version does not know.
  static let unknownRequest = ControlError(
    error: Fault(
      code: "unknown-request",
      message: "this is not a request that pwmgr \(Version.number) knows (protocol \(ControlProtocol.current))"))

  /// Reads it from an answer; nil where that is another one.
  init?(in answer: Data) {
    guard let read = try? JSONDecoder().decode(Self.self, from: answer) else { return nil }
    self = read
  }

  private init(error: Fault) { self.error = error }
}
