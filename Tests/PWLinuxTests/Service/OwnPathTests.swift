import Glibc
import Testing

@testable import PWLinux

@Suite("Paths that nobody else can lead elsewhere", .enabled(if: geteuid() == 0, "giving files away needs root"))
struct OwnPathTests {
  private func refusal(_ path: String, _ demand: OwnPath.Demand, folder: Bool = false) -> String? {
    do throws(SystemError) {
      _ = folder ? try OwnPath(toFolder: path, demand) : try OwnPath(toFile: path, demand)
      return nil
    } catch {
      return error.words(besides: path)
    }
  }

  private func refusal(ofProgram path: String) -> String? {
    do throws(OwnProgram.Refusal) {
      try OwnProgram.check(path)
      return nil
    } catch {
      return error.description
    }
  }

  @Test("a program is refused where any folder above it is somebody else's, or open to others")
  func program() throws {
    let place = try OwnPlace()
    try Namespace.shell("mkdir -p \(place.inside)/a/b")
    let path = place.inside + "/a/b/program"
    try place.program(path)
    #expect(refusal(ofProgram: path) == nil)
    for folder in [place.path, place.inside, place.inside + "/a", place.inside + "/a/b"] {
      chown(folder, OwnPlace.somebody, OwnPlace.somebody)
      #expect(refusal(ofProgram: path)?.contains("the folder \(folder) on the way belongs to user 65534") == true)
      chown(folder, 0, 0)
      chmod(folder, 0o775)
      #expect(refusal(ofProgram: path)?.contains("chmod go-w \(folder)") == true)
      chmod(folder, 0o755)
    }
    chown(path, OwnPlace.somebody, 0)
    #expect(refusal(ofProgram: path)?.contains("belongs to user 65534") == true)
  }

  @Test("a folder that was swapped after the look does not matter: the one that was looked at is opened")
  func swapped() throws {
    let place = try OwnPlace()
    try Namespace.shell("mkdir \(place.inside) \(place.path)/other; echo ours >\(place.inside)/file")
    try Namespace.shell("echo theirs >\(place.path)/other/file")
    let walked = try OwnPath(toFile: place.inside + "/file", .withoutForeignLinks)
    try Namespace.shell("cd \(place.path); mv state away; ln -s other state")
    let file = try walked.open(O_RDONLY)
    var octets = [UInt8](repeating: 0, count: 16)
    let count = read(file.rawValue, &octets, octets.count)
    #expect(octets.prefix(max(count, 0)).elementsEqual("ours\n".utf8))
  }

  @Test("below a folder like /tmp a folder of ours will do, but neither a file, nor a link, nor a mount")
  func sticky() throws {
    let place = try OwnPlace()
    mkdir(place.inside, 0o755)
    chmod(place.inside, 0o1777)
    try Namespace.shell("cd \(place.inside); mkdir ours; ln -s ours link; mkdir mount")
    for name in ["program", "ours/program"] { try place.program(place.inside + "/" + name) }
    #expect(refusal(ofProgram: place.inside + "/ours/program") == nil)
    #expect(refusal(ofProgram: place.inside + "/program")?.contains("make a folder of your own in it") == true)
    #expect(refusal(ofProgram: place.inside + "/link/program")?.contains("symbolic link") == true)
    try Namespace.shell("mount -t tmpfs -o mode=0755 pwmgr-test \(place.inside)/mount")
    defer { _ = try? Namespace.shell("umount \(place.inside)/mount") }
    try place.program(place.inside + "/mount/program")
    #expect(refusal(ofProgram: place.inside + "/mount/program")?.contains("is mounted in a folder") == true)
  }

  @Test("for a socket a folder like /tmp will do, but not one of somebody else's")
  func shared() throws {
    let place = try OwnPlace()
    mkdir(place.inside, 0o755)
    chmod(place.inside, 0o1777)
    let path = place.inside + "/socket"
    #expect(refusal(path, .oursOrShared) == nil)
    chmod(place.inside, 0o777)
    #expect(refusal(path, .oursOrShared) != nil)
    chmod(place.inside, 0o755)
    chown(place.inside, OwnPlace.somebody, 0)
    #expect(refusal(path, .oursOrShared) != nil)
  }

  @Test("links of ours are followed, relative and full ones, and up again; those of somebody else's never")
  func links() throws {
    let place = try OwnPlace()
    try Namespace.shell("cd \(place.path); mkdir -p state/a; echo x >state/a/file; ln -s a state/relative")
    try Namespace.shell("ln -s \(place.inside)/a/file \(place.path)/full; ln -s loop \(place.path)/loop")
    for demand in [OwnPath.Demand.ours, .oursOrShared, .withoutForeignLinks] {
      for name in ["full", "state/relative/file", "./state/../state//relative/../a/file"] {
        let walked = try OwnPath(toFile: "\(place.path)/\(name)", demand)
        _ = try walked.open(O_RDONLY)
      }
      #expect(refusal(place.path + "/loop", demand) == SystemError.words(for: ELOOP))
      #expect(refusal(place.path + "/full", demand, folder: true) != nil)
      #expect(refusal(place.inside + "/relative", demand, folder: true) == SystemError.words(for: ENOTDIR))
    }
    // A folder of somebody else's is not an obstacle for a file that is only read; a symbolic link in it is.
    chown(place.inside, OwnPlace.somebody, 0)
    #expect(refusal(place.inside + "/a/file", .withoutForeignLinks) == nil)
    #expect(refusal(place.inside + "/relative/file", .withoutForeignLinks)?.contains("symbolic link") == true)
    chown(place.inside, 0, 0)
    lchown(place.inside + "/relative", OwnPlace.somebody, 0)
    #expect(refusal(place.inside + "/relative/file", .withoutForeignLinks)?.contains("symbolic link") == true)
  }

  @Test("a path that is relative begins in the working directory; one without a name, or too deep, is refused")
  func forms() throws {
    let place = try OwnPlace()
    mkdir(place.inside, 0o755)
    #expect(refusal("", .withoutForeignLinks) == SystemError.words(for: ENOENT))
    #expect(refusal("/", .withoutForeignLinks) == SystemError.words(for: EISDIR))
    #expect(refusal(place.inside + "/..", .withoutForeignLinks) == SystemError.words(for: EISDIR))
    #expect(refusal(place.inside + "/none/file", .withoutForeignLinks) == SystemError.words(for: ENOENT))
    let deep = place.path + String(repeating: "/d", count: 200)
    _ = try OwnPath(toFile: "pwmgr-test-none", .withoutForeignLinks)
    try Namespace.shell("mkdir -p \(deep)")
    #expect(refusal(deep + "/file", .withoutForeignLinks) == SystemError.words(for: ENAMETOOLONG))
  }

  @Test("a file to be made in a folder like /tmp has its folders made, and a link in its place is not followed")
  func making() throws {
    let place = try OwnPlace()
    let walked = try OwnPath(
      toFile: place.inside + "/x/y/file", .withoutForeignLinks, followsLink: false, makesFolders: true)
    _ = try walked.open(O_WRONLY | O_CREAT | O_EXCL)
    #expect(access(place.inside + "/x/y/file", F_OK) == 0)
    symlink("/nonexistent/target", place.inside + "/link")
    let link = try OwnPath(toFile: place.inside + "/link", .withoutForeignLinks, followsLink: false)
    #expect(throws: SystemError.self) { try link.open(O_WRONLY | O_CREAT | O_EXCL) }
    #expect(throws: SystemError.self) { try link.open(O_RDONLY) }
  }
}
