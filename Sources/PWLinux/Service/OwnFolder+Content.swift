import CLinux
import Glibc

extension OwnFolder {
  private static let readSizeOctets = 64 << 10

  /// The names of all that is in it, hidden files left out.
  public func names() throws(SystemError) -> [String] {
    let descriptor = try Descriptor.checked(
      openat(self.descriptor.rawValue, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), "read \(path)")
    return try FolderNames.read(descriptor, path).map(\.name).filter { !$0.hasPrefix(".") }
  }

  /// The octets of a file in it.
  public func content(of name: String) throws(SystemError) -> [UInt8] {
    let file = try open(name, O_RDONLY)
    var content: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: Self.readSizeOctets)
    while true {
      let count = Glibc.read(file.rawValue, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw SystemError.last("read \(path)/\(name)") }
      guard count > 0 else { return content }
      content += chunk.prefix(count)
    }
  }

  /// Writes a file whole, on the disk, too: its name leads to all of the content, or to what was there before.
  public func write(_ content: [UInt8], as name: String) throws(SystemError) {
    let fresh = ".\(name).new"
    remove(fresh)
    let file = try open(fresh, O_WRONLY | O_CREAT | O_EXCL)
    do throws(SystemError) {
      try file.write(content, "write \(path)/\(name)")
      guard fsync(file.rawValue) == 0 else { throw SystemError.last("write \(path)/\(name)") }
      try rename(fresh, to: name)
    } catch {
      remove(fresh)
      throw error
    }
    // Not every file system can do that by itself; the file is there in any case.
    let names = openat(descriptor.rawValue, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard names >= 0 else { return }
    fsync(names)
    close(names)
  }
}
