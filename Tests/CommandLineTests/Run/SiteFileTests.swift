import Foundation
import Glibc
import Testing

@testable import pwmgr

/// The octets of a site file, whatever stands in its place.
struct SiteFileTests {
  @Test("a pipe in its place is refused where nobody waits for its writer, and the line says what to do")
  func pipe() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "pwmgr-site-\(UUID().uuidString)").path
    #expect(mkfifo(path, 0o600) == 0)
    defer { unlink(path) }
    do throws(SiteFile.UnreadableFile) {
      _ = try SiteFile.read(path, isAwaited: false)
      Issue.record("it was read")
    } catch {
      #expect("\(error)" == "cannot read \(path): it is not a regular file; write the site into one")
    }
  }
}
