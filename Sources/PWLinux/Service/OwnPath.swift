import Glibc

/// A path that is walked once, from the root and folder by folder, each opened in the one before it: who else could
/// have it lead somewhere else.
///
/// To look at a file by its path says nothing of what the path leads to a moment later, where a folder on the way
/// belongs to somebody else: a folder can be swapped for another one, or for a symbolic link, between the look and the
/// use. Where every folder has been found to be ours nobody else can do that, so that the path itself may be used
/// afterwards, by execve(2) for instance, which gives a `#!` script its name and needs no descriptor that stays open in
/// it.
public struct OwnPath {
  /// The demand on the folders on the way.
  public enum Demand: Sendable {
    /// Every folder belongs to us or root, and nobody else may write in it: for what we believe or execute.
    ///
    /// Above the last folder there may be one like /tmp, in which everybody may write and nobody may rename what is
    /// another's. Of such a folder only folders of the same file system are taken: a file or a link of root's can be
    /// moved there by whoever has it in a folder of his own, and a mount (FUSE) says of its files that they are whose
    /// it likes.
    case ours
    /// As ``ours``; the last folder may be one like /tmp as well. For a new file, or a socket, that is ours.
    case oursOrShared
    /// Any folder, but no link that somebody else may have made: what is named in somebody's folder is in that folder,
    /// and not wherever he points root at. For what a person names, and we only read or write.
    case withoutForeignLinks
  }

  /// A folder on the way.
  private struct Step {
    var name: String
    var folder: Descriptor
    var status: stat

    var isOurs: Bool { status.st_uid == 0 || status.st_uid == geteuid() }
    /// Whether somebody else may write in it.
    var isOpen: Bool { status.st_mode & 0o022 != 0 }
    /// Whether nobody may rename what is another's in it: S_ISVTX.
    var isSticky: Bool { status.st_mode & 0o1000 != 0 }
  }

  /// Folders that a path may lead through, and links that it may have: more of them are nobody's honest path.
  private static let maximumDepth = 128
  private static let maximumLinks = 40

  /// O_PATH (asm-generic/fcntl.h): a place in the file system that is not opened for anything; Glibc's module lacks it.
  static let placeOnly: Int32 = 0o10000000

  /// As it was given.
  public let path: String
  /// The last name: that of a file in the last folder, which need not be there; empty where the path is a folder's.
  public private(set) var name = ""
  private let demand: Demand
  private var way: [Step] = []
  private var linksLeft = OwnPath.maximumLinks

  /// Walks to the folder that a file is in, or is to be in.
  ///
  /// - Parameters:
  ///   - path: where the file is; from the working directory unless it begins with `/`.
  ///   - demand: of its folders.
  ///   - followsLink: whether the file may be a link to another one, which counts then.
  ///   - makesFolders: whether its folders are made where they are not there.
  /// - Throws: EPERM, with the cure, for a folder that is not as demanded; what the system says otherwise.
  public init(
    toFile path: String, _ demand: Demand, followsLink: Bool = true, makesFolders: Bool = false
  ) throws(SystemError) {
    (self.path, self.demand) = (path, demand)
    var rest = try begin()
    while let part = rest.popLast() {
      if rest.isEmpty, part != "..", !followsLink || !isLink(part) {
        name = part
        break
      }
      try take(part, &rest, makesIt: makesFolders && !rest.isEmpty)
    }
    guard !name.isEmpty else { throw SystemError(code: EISDIR, attempt: "use \(path)") }
    try requireLast()
  }

  /// Walks to a folder, whose last name may not be a link's.
  ///
  /// - Parameters:
  ///   - path: as above.
  ///   - demand: of it and those above it.
  ///   - makesFolders: whether it and those above it are made where they are not there.
  /// - Throws: as above.
  public init(toFolder path: String, _ demand: Demand, makesFolders: Bool = false) throws(SystemError) {
    (self.path, self.demand) = (path, demand)
    var rest = try begin()
    while let part = rest.popLast() {
      if rest.isEmpty, isLink(part) {
        throw SystemError.refusal("use the folder \(path): it is a symbolic link; name its target", code: ENOTDIR)
      }
      try take(part, &rest, makesIt: makesFolders)
    }
    try requireLast()
  }

  /// The folder that the path leads to, or that its file is in; for `openat` and its like.
  public var folder: Descriptor {
    guard let last = way.last else { preconditionFailure("a way begins at the root") }
    return last.folder
  }

  /// Opens its file, no link followed: the one that the walk has come to.
  public func open(_ flags: Int32, mode: UInt32 = 0o600) throws(SystemError) -> Descriptor {
    try Descriptor.checked(
      openat(folder.rawValue, name, flags | O_NOFOLLOW | O_CLOEXEC, mode), "open \(path)")
  }

  /// That its file cannot be used, for a reason of the caller's (``SystemError/words(besides:)``).
  public func refusal(_ reason: String) -> SystemError {
    SystemError.refusal(SystemError.beginning(path) + reason)
  }
}

// MARK: - The walk

extension OwnPath {
  /// Stands at the root.
  ///
  /// - Returns: the names that follow, the first one last.
  private mutating func begin() throws(SystemError) -> [String] {
    guard !path.isEmpty else { throw SystemError(code: ENOENT, attempt: "use an empty path") }
    try push("", try Descriptor.checked(Glibc.open("/", OwnPath.placeOnly | O_DIRECTORY | O_CLOEXEC), "open /"))
    guard !path.hasPrefix("/") else { return OwnPath.names(path) }
    guard let current = getcwd(nil, 0) else { throw SystemError.last("find the working directory") }
    defer { free(current) }
    return OwnPath.names(path) + OwnPath.names(String(cString: current))
  }

  private static func names(_ path: String) -> [String] {
    path.split(separator: "/").filter { $0 != "." }.reversed().map(String.init)
  }

  /// Takes one more name: goes into a folder, or puts what a link says before what follows.
  private mutating func take(_ part: String, _ rest: inout [String], makesIt: Bool) throws(SystemError) {
    if part == ".." {
      if way.count > 1 { way.removeLast() }
      return
    }
    if makesIt { mkdirat(folder.rawValue, part, 0o755) }
    let flags = OwnPath.placeOnly | O_NOFOLLOW | O_CLOEXEC
    // With O_DIRECTORY first: without it what is mounted on demand is not mounted.
    var number = openat(folder.rawValue, part, flags | O_DIRECTORY)
    if number < 0, errno == ENOTDIR { number = openat(folder.rawValue, part, flags) }
    let entry = try Descriptor.checked(number, "open \(place(of: part))")
    var status = stat()
    guard fstat(entry.rawValue, &status) == 0 else { throw SystemError.last("look at \(place(of: part))") }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: try push(part, entry)
    case S_IFLNK: try follow(entry, part, status, &rest)
    case _: throw SystemError(code: ENOTDIR, attempt: "open \(place(of: part))")
    }
  }

  private mutating func push(_ part: String, _ folder: Descriptor) throws(SystemError) {
    guard way.count < OwnPath.maximumDepth else { throw SystemError(code: ENAMETOOLONG, attempt: "use \(path)") }
    var step = Step(name: part, folder: folder, status: stat())
    guard fstat(folder.rawValue, &step.status) == 0 else { throw SystemError.last("look at \(place(of: part))") }
    if demand != .withoutForeignLinks { try require(step) }
    way.append(step)
  }

  private mutating func follow(
    _ link: Descriptor, _ part: String, _ status: stat, _ rest: inout [String]
  ) throws(SystemError) {
    guard linksLeft > 0 else { throw SystemError(code: ELOOP, attempt: "use \(path)") }
    linksLeft -= 1
    try requireOurLink(part, status)
    var octets = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlinkat(link.rawValue, "", &octets, octets.count)
    guard count > 0 else { throw SystemError.last("read the link \(place(of: part))") }
    let target = String(decoding: octets.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    rest += OwnPath.names(target)
    if target.hasPrefix("/") { way.removeLast(way.count - 1) }
  }

  private func isLink(_ part: String) -> Bool {
    var status = stat()
    return fstatat(folder.rawValue, part, &status, AT_SYMLINK_NOFOLLOW) == 0 && status.st_mode & S_IFMT == S_IFLNK
  }

  /// A name in the folder that was come to, for messages.
  private func place(of part: String) -> String {
    (way.dropFirst().map(\.name) + [part]).map { "/" + $0 }.joined()
  }
}

// MARK: - The demands on each step

extension OwnPath {
  private func require(_ step: Step) throws(SystemError) {
    let place = step.name.isEmpty ? "/" : place(of: step.name)
    guard step.isOurs else {
      throw refusal(
        place,
        "belongs to user \(step.status.st_uid), who could change its contents; name another one, or chown root "
          + "\(place)")
    }
    guard !step.isOpen || step.isSticky else { throw othersMayWrite(place, isForAll: false) }
    guard let above = way.last, above.isOpen, above.status.st_dev != step.status.st_dev else { return }
    throw refusal(
      place, "is mounted in a folder where everybody may write, so anybody may control it; name another one")
  }

  /// A link counts where nobody else can have put it there: it is ours, and so are all folders on the way to it.
  private func requireOurLink(_ part: String, _ status: stat) throws(SystemError) {
    let isWayOurs = way.allSatisfy { $0.isOurs && (!$0.isOpen || $0.isSticky) }
    let isOurs = status.st_uid == 0 || status.st_uid == geteuid()
    let mayBeAnybodys = way.last?.isOpen == true && demand != .withoutForeignLinks
    guard !isWayOurs || !isOurs || mayBeAnybodys else { return }
    throw refusal(
      "\(place(of: part)) is a symbolic link that somebody else may have made; name its target")
  }

  private func requireLast() throws(SystemError) {
    guard demand == .ours, let last = way.last, last.isOpen else { return }
    throw othersMayWrite("/" + way.dropFirst().map(\.name).joined(separator: "/"), isForAll: last.isSticky)
  }

  /// - Parameter isForAll: whether it is meant to be open, as /tmp is: to close it would harm everybody else.
  private func othersMayWrite(_ place: String, isForAll: Bool) -> SystemError {
    let cure = isForAll ? "make a folder of your own in it, and name that" : "chmod go-w \(place)"
    return refusal(place, "is open to others, who may write in it; \(cure)")
  }

  private func refusal(_ place: String, _ what: String) -> SystemError {
    guard place != path else { return SystemError.refusal("use the folder \(place): it \(what)") }
    return refusal("the folder \(place) on the way \(what)")
  }
}

extension SystemError {
  /// Why a path cannot be used, for a message that has named it: what the system says, or who else could change it.
  public func words(besides path: String) -> String {
    let beginning = SystemError.beginning(path)
    guard isRefusal, attempt.hasPrefix(beginning) else { return reason }
    return String(attempt.dropFirst(beginning.count))
  }

  /// The beginning of an attempt that is not made, before the reason.
  static func beginning(_ path: String) -> String { "use \(path): " }
}
