import FoundationEssentials
import PWLinux

/// A trial as it is noted on the disk, so that a start after a crash or a reboot tells of it, and looks whether the
/// machine is as it was before. Going back does not need it: the site file has the former site.
struct TrialNote: Codable, Equatable {
  /// The trial's token.
  var token: String
  /// The path of the file that was on trial.
  var path: String
  /// The names of the links of both sites.
  var linkNames: Set<String>
  /// These links as they were before.
  var links: LinkSnapshot

  /// Reads a note; nil where that is not one.
  init?(octets: [UInt8]) {
    guard let note = try? JSONDecoder().decode(Self.self, from: Data(octets)) else { return nil }
    self = note
  }

  init(token: String, path: String, linkNames: Set<String>, links: LinkSnapshot) {
    (self.token, self.path, self.linkNames, self.links) = (token, path, linkNames, links)
  }

  /// The note as it is written.
  var octets: [UInt8] { (try? JSONEncoder().encode(self)).map(Array.init) ?? [] }
}
