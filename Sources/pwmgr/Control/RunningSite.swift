import FoundationEssentials
import PWConfig

/// The site that a daemon runs, as its file had it when it was read last and not refused. Site files hold no secrets.
struct RunningSite: ControlAnswer {
  /// The daemon's version.
  var version: String
  /// The full path of the file.
  var path: String
  /// The data plane that carries the frames.
  var dataPlane: String
  /// The content of the file; of all parts as one stream where there are drop-ins.
  var text: String
  /// The trial that it is part of; nil if it runs for good.
  var trial: TrialAnswer?

  /// The parts of the site.
  var parts: SiteParts { SiteParts(stream: Array(text.utf8), title: path) }

  /// The site of this process.
  init(path: String, dataPlane: String, file: [UInt8], trial: TrialAnswer?) {
    version = Version.number
    self.path = URL(filePath: path).path
    self.dataPlane = dataPlane
    self.trial = trial
    text = String(decoding: file, as: UTF8.self)
  }
}
