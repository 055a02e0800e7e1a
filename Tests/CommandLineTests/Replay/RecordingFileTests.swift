import Foundation
import Glibc
import PWCore
import PWCrypto
import Testing

@testable import pwmgr

/// Recordings on disk: their permissions, the files that they replace, and their end where there is no room.
@Suite struct RecordingFileTests {
  private let fixture: RecordingFixture

  init() throws { fixture = try RecordingFixture() }

  private func refusal(_ path: String) -> String? {
    do throws(RecordingFailure) {
      close(try RecordingFile.create(path))
      return nil
    } catch {
      return error.description
    }
  }

  @Test func itIsForItsOwnerAlone() throws {
    let path = try fixture.record(to: "a.recording")
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(mode == 0o600)
  }

  @Test func anEarlierRecordingIsKept() throws {
    let first = try RecordingFixture.text(try fixture.record(to: "a.recording"))
    let path = try fixture.record(to: "a.recording")
    #expect(try RecordingFixture.text(path + ".old") == first)
    #expect(try RecordingFixture.text(path) != first, "identifiers are drawn anew")
  }

  @Test func nothingElseIsReplaced() throws {
    let path = fixture.path("notes")
    try Data("my notes\n".utf8).write(to: URL(filePath: path))
    #expect(refusal(path)?.contains("not a recording") == true)
    #expect(try RecordingFixture.text(path) == "my notes\n")
    #expect(refusal("/dev/null")?.contains("not a regular file") == true)
    #expect(refusal(fixture.folder.path)?.contains("not a regular file") == true)
    #expect(refusal(fixture.path("missing/a"))?.contains("No such file") == true)
    try FileManager.default.createSymbolicLink(atPath: fixture.path("link"), withDestinationPath: path)
    #expect(refusal(fixture.path("link")) != nil)
    try Data().write(to: URL(filePath: fixture.path("empty")))
    #expect(refusal(fixture.path("empty")) == nil)
  }

  @Test("The earlier recording takes the place of one still earlier, and of nothing else")
  func theFileBeforeIsARecordingAsWell() throws {
    let path = try fixture.record(to: "a.recording")
    let before = try RecordingFixture.text(path)
    try Data("my notes\n".utf8).write(to: URL(filePath: path + ".old"))
    #expect(refusal(path)?.contains("\(path).old exists and is not a recording") == true)
    #expect(try RecordingFixture.text(path + ".old") == "my notes\n" && RecordingFixture.text(path) == before)
    try FileManager.default.removeItem(atPath: path + ".old")
    try FileManager.default.createSymbolicLink(atPath: path + ".old", withDestinationPath: path)
    #expect(refusal(path)?.contains("\(path).old exists and is a symbolic link") == true)
    try FileManager.default.removeItem(atPath: path + ".old")
    chmod(path, 0o644)
    #expect(refusal(path) == nil)
    let mode = try FileManager.default.attributesOfItem(atPath: path + ".old")[.posixPermissions] as? Int
    #expect(mode == 0o600)
  }

  /// The owner of the folder that root records into cannot have the file made, or renamed, in another one.
  @Test(.enabled(if: geteuid() == 0, "giving files away needs root"))
  func aLinkOfSomebodyElsesIsNotFollowed() throws {
    let theirs = fixture.path("theirs")
    let ours = fixture.path("ours")
    for folder in [theirs, ours] {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    }
    try FileManager.default.createSymbolicLink(atPath: theirs + "/link", withDestinationPath: ours)
    #expect(refusal(theirs + "/link/a") == nil)
    #expect(chown(theirs, 65_534, 65_534) == 0)
    #expect(refusal(theirs + "/link/a")?.contains("\(theirs)/link is a symbolic link") == true)
    #expect(access(ours + "/a.old", F_OK) != 0, "nothing was renamed there")
    #expect(refusal(theirs + "/a") == nil)
  }

  @Test func theRecordingOfARunningDaemonIsNotTaken() throws {
    let path = fixture.path("a.recording")
    let running = fixture.file(try RecordingFile.create(path))
    running.flush()
    #expect(refusal(path)?.contains("another pwmgr") == true)
    #expect(try RecordingFixture.text(path).hasPrefix("{\"pwmgr-recording\":3,"))
  }

  @Test func aFullDiskIsToldOnce() throws {
    let descriptor = open("/dev/full", O_WRONLY | O_CLOEXEC)
    try #require(descriptor >= 0)
    let file = fixture.file(descriptor)
    file.flush()
    file.write(RecordedStep(at: Instant(nanoseconds: 0), cause: .nothing))
    file.flush()
    #expect(fixture.ends == [.failed("No space left on device")])
  }

  @Test func itEndsAtItsLimitAndIsReplayedUpToThere() throws {
    let whole = try RecordingFixture.text(try fixture.record(to: "whole.recording"))
    let lines = whole.split(separator: "\n").count
    for limit in [whole.utf8.count * 2 / 3, whole.utf8.count / 2].map(RecordingLimit.init(octets:)) {
      let path = try fixture.record(to: "\(limit.octets).recording", limit: limit)
      let text = try RecordingFixture.text(path)
      #expect(text.utf8.count <= limit.octets)
      #expect(text.hasSuffix("{\"pwmgr-recording-is-full\":\(limit.octets)}\n"))
      #expect(fixture.ends.filter { $0 == .full(limit) }.count == 1)
      let replay = try ReplayRun(path, limit: nil, detail: .result) { _ in }
      let ending = try replay.run()
      guard case .sameUntilFull(let inputs, _) = ending else {
        Issue.record("\(ending)")
        continue
      }
      #expect(inputs > 0 && inputs < lines - 2)
    }
    #expect(fixture.ends.count == 2)
  }

  @Test func aLimitIsReadAsItIsWritten() {
    #expect(RecordingLimit(argument: "1GiB") == .usual)
    #expect(RecordingLimit.usual.text == "1GiB")
    #expect(RecordingLimit(argument: "1536MiB")?.text == "1536MiB")
    for text in ["", "1", "GiB", "0MiB", "-1GiB", "1gib", "1 GiB", "99999999999999GiB", "9223372036854775807MiB"] {
      #expect(RecordingLimit(argument: text) == nil, "\(text)")
    }
  }

  @Test func noSecretIsInIt() throws {
    let path = try fixture.record(to: "a.recording")
    let text = try RecordingFixture.text(path)
    let authenticator = CryptoAuthenticator()
    let keys = [RecordingFixture.secret, RecordingFixture.nextSecret].flatMap { secret in
      [
        secret, MessageDigest.key(secret: secret, using: authenticator),
        MessageDigest.hidingKey(secret: secret, using: authenticator),
      ]
    }
    for octets in keys {
      #expect(!text.contains(String(decoding: octets, as: UTF8.self)))
      #expect(!text.lowercased().contains(hex(octets)))
      #expect(!text.contains(octets.map(String.init).joined(separator: ",")))
      #expect(!text.contains(Data(octets).base64EncodedString()))
    }
    // The digest of our SCCRQ is where digests are, and zero: nobody can try secrets on it.
    #expect(text.contains("0000003b01" + String(repeating: "00", count: 20)))
    #expect(!text.contains(/0000003b01(?!0{40})/))
  }
}
