import Foundation

/// The site that a daemon runs, as its file had it when it was read last and not refused. Site files hold no secrets.
struct RunningSite: Codable {
  /// The daemon's version.
  var version: String
  /// The full path of the file.
  var path: String
  /// The data plane that carries the frames.
  var dataPlane: String
  /// The content of the file.
  var text: String

  /// The site of this process.
  init(path: String, dataPlane: String, file: [UInt8]) {
    version = Version.number
    self.path = URL(filePath: path).path
    self.dataPlane = dataPlane
    text = String(decoding: file, as: UTF8.self)
  }

  /// Reads a daemon's answer.
  ///
  /// - Throws: ``ControlFailure`` when that is not one.
  init(answer: Data) throws {
    do {
      self = try JSONDecoder().decode(RunningSite.self, from: answer)
    } catch {
      throw ControlFailure(
        message: "the daemon's answer cannot be read: it is of another version than this pwmgr (\(Version.number))")
    }
  }

  /// The answer, as the daemon sends it.
  var octets: [UInt8] {
    guard let data = try? JSONEncoder().encode(self) else { return [] }
    return Array(data)
  }
}
