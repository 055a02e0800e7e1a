import Glibc
import Testing

@testable import PWLinux

@Suite("Folders that nobody else can change", .enabled(if: geteuid() == 0, "giving files away needs root"))
struct OwnFolderTests {
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
    let place = try OwnPlace()
    let folder = try OwnFolder(path: place.inside + "/below")
    _ = try folder.open("a.new", O_WRONLY | O_CREAT | O_EXCL)
    try folder.rename("a.new", to: "a")
    #expect(access(place.inside + "/below/a", F_OK) == 0)
    folder.remove("a")
    #expect(access(place.inside + "/below/a", F_OK) != 0)
  }

  @Test("one that belongs to somebody else, that others may write in, or that is a link, is refused with the cure")
  func others() throws {
    let place = try OwnPlace()
    mkdir(place.inside, 0o755)
    chown(place.inside, OwnPlace.somebody, OwnPlace.somebody)
    #expect(refusal(place.inside)?.contains("belongs to user 65534") == true)
    chown(place.inside, 0, 0)
    for mode: mode_t in [0o775, 0o757] {
      chmod(place.inside, mode)
      #expect(refusal(place.inside)?.contains("chmod go-w") == true)
    }
    // Nobody should close /tmp to everybody else.
    chmod(place.inside, 0o1777)
    let words = try #require(refusal(place.inside))
    #expect(words.hasSuffix("make a folder of your own in it, and name that") && !words.contains("chmod"))
    chmod(place.inside, 0o755)
    #expect(refusal(place.inside) == nil)
    chown(place.path, OwnPlace.somebody, OwnPlace.somebody)
    #expect(refusal(place.inside + "/new")?.contains("belongs to user 65534") == true)
    #expect(access(place.inside + "/new", F_OK) != 0, "nothing is made in a folder that is somebody else's")
    chown(place.path, 0, 0)
    symlink(place.inside, place.path + "/link")
    #expect(refusal(place.path + "/link") != nil)
  }

  @Test("a file in it that is a link, a pipe, or of somebody else, is not taken for ours")
  func files() throws {
    let place = try OwnPlace()
    let folder = try OwnFolder(path: place.inside)
    symlink("/etc/passwd", place.inside + "/link")
    mkfifo(place.inside + "/pipe", 0o600)
    _ = try folder.open("theirs", O_WRONLY | O_CREAT)
    chown(place.inside + "/theirs", OwnPlace.somebody, OwnPlace.somebody)
    for name in ["link", "pipe", "theirs"] {
      #expect(throws: SystemError.self) { try folder.open(name, O_RDWR) }
    }
  }
}
