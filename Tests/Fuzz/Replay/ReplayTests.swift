import Foundation
import Testing

/// The corpus that libFuzzer has kept, given to its targets again: inputs that reach everything it found, and those
/// that once broke something. A trap ends the whole run; `make fuzz` says with which input.
@Suite("Fuzz corpus") struct ReplayTests {
  private static let corpus = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Corpus")

  @Test("every input is answered", arguments: FuzzTarget.all.map(\.name))
  func replays(name: String) throws {
    let target = try #require(FuzzTarget.all.first { $0.name == name })
    let folder = Self.corpus.appending(path: name)
    let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    #expect(!files.isEmpty, "no input for \(name)")
    for file in files.sorted(by: { $0.path < $1.path }) {
      target.run(try Array(Data(contentsOf: file)))
    }
  }
}
