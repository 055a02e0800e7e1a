import Glibc
import Testing

@testable import PWLinux

@Suite("Folders that nobody else can change", .enabled(if: geteuid() == 0, "giving files away needs root"))
struct OwnFolderTests {
  private static let somebody: uid_t = 65_534

  /// A folder of ours with a folder in it, gone with the test.
  private final class Place {
    let path: String
    var inside: String { path + "/state" }

    init() {
      let made = strdup("/tmp/pwmgr-own-XXXXXX")
      defer { free(made) }
      path = made.flatMap { mkdtemp($0) }.map { String(cString: $0) } ?? "/nonexistent"
    }

    deinit { _ = try? Namespace.shell("rm -rf \(path)") }
  }

  private func refusal(_ path: String) -> String? {
    do throws(SystemError) {
      _ = try OwnFolder(path: path)
      return nil
    } catch {
      return error.description
    }
  }

  @Test("ours is made where it is missing, and its files are opened, replaced and removed")
  func ours() throws {
    let place = Place()
    let folder = try OwnFolder(path: place.inside + "/below")
    _ = try folder.open("a.new", O_WRONLY | O_CREAT | O_EXCL)
    try folder.rename("a.new", to: "a")
    #expect(access(place.inside + "/below/a", F_OK) == 0)
    folder.remove("a")
    #expect(access(place.inside + "/below/a", F_OK) != 0)
  }

  @Test("one that belongs to somebody else, that others may write in, or that is a link, is refused with the cure")
  func others() throws {
    let place = Place()
    mkdir(place.inside, 0o755)
    chown(place.inside, Self.somebody, Self.somebody)
    #expect(refusal(place.inside)?.contains("belongs to user 65534") == true)
    chown(place.inside, 0, 0)
    for mode: mode_t in [0o775, 0o757, 0o1777] {
      chmod(place.inside, mode)
      #expect(refusal(place.inside)?.contains("chmod go-w") == true)
    }
    chmod(place.inside, 0o755)
    #expect(refusal(place.inside) == nil)
    symlink(place.inside, place.path + "/link")
    #expect(refusal(place.path + "/link") != nil)
  }

  @Test("a file in it that is a link, a pipe, or of somebody else, is not taken for ours")
  func files() throws {
    let place = Place()
    let folder = try OwnFolder(path: place.inside)
    symlink("/etc/passwd", place.inside + "/link")
    mkfifo(place.inside + "/pipe", 0o600)
    _ = try folder.open("theirs", O_WRONLY | O_CREAT)
    chown(place.inside + "/theirs", Self.somebody, Self.somebody)
    for name in ["link", "pipe", "theirs"] {
      #expect(throws: SystemError.self) { try folder.open(name, O_RDWR) }
    }
  }

  @Test("for a socket a folder like /tmp will do, but not one of somebody else's")
  func shared() throws {
    let place = Place()
    mkdir(place.inside, 0o755)
    chmod(place.inside, 0o1777)
    try OwnFolder.require(place.inside)
    chmod(place.inside, 0o777)
    #expect(throws: SystemError.self) { try OwnFolder.require(place.inside) }
    chown(place.inside, Self.somebody, 0)
    #expect(throws: SystemError.self) { try OwnFolder.require(place.inside) }
  }
}
