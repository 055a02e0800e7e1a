import PWCore

/// The first line of a recording: what it is of.
struct RecordingHeader: Codable, Equatable {
  /// The release that recorded.
  var version: String
  /// The name of the recorded site.
  var site: String
  /// The process that recorded.
  var processID: Int32
  /// The data plane that carried the traffic: a `DataPlaneKind`.
  var dataPlane: String
  /// The reason why this data plane was chosen, in words.
  var dataPlaneReason: String
  /// When it began, in milliseconds since 1970, UTC.
  var beganMilliseconds: Int
  /// The same moment on the engine's clock.
  var began: Instant

  /// The form of the lines: another number where a program that knows this one could not read them.
  static let format = 3
  /// The octets that every recording begins with, of whatever format; the format's number and a comma follow.
  static let beginning = Array("{\"pwmgr-recording\":".utf8)

  /// The octets that the last line begins with where a recording is as long as it may be.
  static let fullBeginning = Array("{\"pwmgr-recording-is-full\":".utf8)

  /// That line: with the limit, in octets.
  static func lastLine(_ limit: RecordingLimit) -> [UInt8] { fullBeginning + Array("\(limit.octets)}\n".utf8) }

  /// Milliseconds since 1970 of a moment on the engine's clock.
  func milliseconds(of moment: Instant) -> Int {
    let (seconds, attoseconds) = (moment - began).components
    return beganMilliseconds + Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
  }
}
