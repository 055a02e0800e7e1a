import Glibc
import Testing

@testable import PWLinux

@Suite("Files that are replaced whole") struct ReplaceableFileTests {
  /// A folder with a file of known content.
  private struct Place {
    let folder: String
    var file: String { folder + "/site.yaml" }

    init() throws {
      var name = Array("/tmp/replaceable.XXXXXX".utf8CString)
      folder = try #require(mkdtemp(&name).map { String(cString: $0) })
      try Namespace.shell("printf old >\(folder)/site.yaml; chmod 640 \(folder)/site.yaml")
    }

    func content(_ path: String) throws -> String {
      let file = try #require(fopen(path, "r"))
      defer { fclose(file) }
      var octets = [UInt8](repeating: 0, count: 100)
      let count = fread(&octets, 1, octets.count, file)
      return String(decoding: octets.prefix(count), as: UTF8.self)
    }

    /// The names in the folder, sorted.
    func names() throws -> [String] {
      let folder = try #require(opendir(folder))
      defer { closedir(folder) }
      var names: [String] = []
      while let entry = readdir(folder) {
        names.append(
          withUnsafePointer(to: &entry.pointee.d_name) {
            $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX)) { String(cString: $0) }
          })
      }
      return names.filter { $0 != "." && $0 != ".." }.sorted()
    }

    func remove() throws { try Namespace.shell("rm -r \(folder)") }
  }

  @Test("the new content is there, and the old one beside it, with the permissions that it had")
  func replaced() throws {
    let place = try Place()
    let file = try ReplaceableFile(path: place.file)
    try file.replace(with: Array("new".utf8))
    #expect(try place.content(place.file) == "new")
    try file.keepOld()
    #expect(try place.content(file.oldPath) == "old")
    #expect(try place.names() == ["site.yaml", "site.yaml.previous"])
    var status = stat()
    #expect(stat(place.file, &status) == 0 && status.st_mode & 0o777 == 0o640)
    // Another time, the content before is the old one.
    let again = try ReplaceableFile(path: place.file)
    try again.replace(with: Array("newer".utf8))
    try again.keepOld()
    #expect(try place.content(again.oldPath) == "new")
    try place.remove()
  }

  @Test("the old file can come back, the same one as before")
  func restored() throws {
    let place = try Place()
    let file = try ReplaceableFile(path: place.file)
    try file.replace(with: Array("new".utf8))
    #expect(!file.isAt(place.file))
    try file.restore()
    #expect(file.isAt(place.file))
    #expect(try place.names() == ["site.yaml"])
    #expect(try place.content(place.file) == "old")
    try place.remove()
  }

  @Test("a link stays, and the file that it leads to is replaced")
  func linked() throws {
    let place = try Place()
    try Namespace.shell("ln -s site.yaml \(place.folder)/link")
    let file = try ReplaceableFile(path: place.folder + "/link")
    try file.replace(with: Array("new".utf8))
    try file.keepOld()
    #expect(file.path.hasSuffix("/site.yaml"))
    #expect(try place.content(place.file) == "new")
    #expect(try place.names() == ["link", "site.yaml", "site.yaml.previous"])
    try place.remove()
  }

  @Test("nothing is left behind where the file cannot be replaced")
  func refused() throws {
    let place = try Place()
    try Namespace.shell("mkfifo \(place.folder)/fifo; mkdir \(place.folder)/.site.yaml.\(getpid()).old")
    #expect(throws: SystemError.self) { try ReplaceableFile(path: place.folder + "/fifo") }
    #expect(throws: SystemError.self) { try ReplaceableFile(path: place.folder + "/nothing") }
    let file = try ReplaceableFile(path: place.file)
    #expect(throws: SystemError.self) { try file.replace(with: Array("new".utf8)) }
    #expect(try place.content(place.file) == "old")
    #expect(try place.names() == [".site.yaml.\(getpid()).old", "fifo", "site.yaml"])
    try place.remove()
  }

  @Test("a file that is written beside keeps one of its name, and goes again")
  func beside() throws {
    let place = try Place()
    let file = try ReplaceableFile(path: place.file)
    #expect(try file.writeBeside(Array("first".utf8), suffix: ".tried") == nil)
    var status = stat()
    #expect(stat(place.file + ".tried", &status) == 0 && status.st_mode & 0o777 == 0o640)
    #expect(try file.writeBeside(Array("second".utf8), suffix: ".tried") == ".tried.old.1")
    #expect(try file.writeBeside(Array("third".utf8), suffix: ".tried") == ".tried.old.2")
    let names = ["site.yaml", "site.yaml.tried", "site.yaml.tried.old.1", "site.yaml.tried.old.2"]
    #expect(try place.names() == names)
    #expect(try names.dropFirst().map { try place.content("\(place.folder)/\($0)") } == ["third", "first", "second"])
    file.removeBeside(suffix: ".tried", restoring: ".tried.old.2")
    #expect(try place.content(place.file + ".tried") == "second")
    file.removeBeside(suffix: ".tried", restoring: nil)
    #expect(try place.names() == ["site.yaml", "site.yaml.tried.old.1"])
    try place.remove()
  }

  @Test("all that needs room on the disk can come first, and be taken back")
  func staged() throws {
    let place = try Place()
    let file = try ReplaceableFile(path: place.file)
    try file.stage(Array("new".utf8))
    #expect(try place.content(place.file) == "old")
    file.unstage()
    #expect(try place.names() == ["site.yaml"])
    try file.stage(Array("new".utf8))
    try file.commit()
    file.forgetOld()
    #expect(try place.content(place.file) == "new")
    #expect(try place.names() == ["site.yaml"])
    try place.remove()
  }
}
