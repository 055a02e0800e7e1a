import Glibc
import PWConfig
import PWCore
import PWLinux

/// A site file on disk with its drop-ins: where `check`, `run` and SIGHUP get a site from.
struct SiteFile {
  /// As it was given, for messages.
  let path: String
  /// The site, if the file has no errors, and the diagnostics.
  let reading: SiteReading
  /// The folder of its drop-ins; nil where there is none.
  var folder: DropInFolder?

  /// The file and its drop-ins.
  var parts: SiteParts { reading.parts }

  /// Reads and validates a file and its drop-ins, its secret files not included (``SecretFiles``).
  ///
  /// A file without drop-ins may be a stream of all parts, as the history has them.
  ///
  /// - Throws: when the octets of a part cannot be had; a file full of errors does not throw.
  ///
  /// - Parameters:
  ///   - path: where it is.
  ///   - sitePath: the path of the file whose drop-ins count; its own, if left out.
  ///   - finder: who knows the plugins that are not compiled in.
  ///   - takesInput: whether `-` is standard input, which can be read once.
  ///   - isAwaited: whether somebody waits at the other end of a pipe, perhaps; a daemon would wait for ever.
  static func read(
    _ path: String, besides sitePath: String? = nil, finder: (any PluginFinder)? = nil, takesInput: Bool = false,
    isAwaited: Bool = true
  ) throws(UnreadableFile) -> SiteFile {
    let reader = SiteReader(plugins: CompiledInPlugins.all, finder: finder)
    let isInput = takesInput && path == "-"
    let octets = try Self.octets(of: path, isInput: isInput, isAwaited: isAwaited)
    let folder = isInput ? nil : try DropInFolder.read(beside: sitePath ?? path)
    let dropIns = folder?.dropIns ?? []
    let parts =
      dropIns.isEmpty
      ? SiteParts(stream: octets, title: path, container: isInput ? "standard input" : path)
      : SiteParts(title: path, main: octets, dropIns: dropIns)
    return SiteFile(path: path, reading: reader.read(parts), folder: folder)
  }

  /// A file that cannot be read, and why.
  struct UnreadableFile: Error, CustomStringConvertible {
    let path: String
    let code: Int32
    /// The reason, where no error of the system says it.
    var reason: String?

    var description: String {
      "cannot read \(path): \(reason ?? String(cString: strerror(code)))".inALine
    }
  }

  /// Enough to see that a file is too large (the reader says so), and not to fill the memory with it.
  private static let maximumOctets = 32 << 20

  /// The octets of a file, unread.
  static func octets(
    of path: String, isInput: Bool = false, isAwaited: Bool = false
  ) throws(UnreadableFile) -> [UInt8] {
    let flags = O_RDONLY | O_CLOEXEC | (isAwaited ? 0 : O_NONBLOCK)
    let descriptor = isInput ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3) : open(path, flags)
    guard descriptor >= 0 else { throw UnreadableFile(path: path, code: errno) }
    return try octets(of: Descriptor(owning: descriptor), at: path, isAwaited: isAwaited)
  }

  /// The octets of a file that is open.
  static func octets(
    of file: Descriptor, at path: String, isAwaited: Bool
  ) throws(UnreadableFile) -> [UInt8] {
    var status = stat()
    if !isAwaited, fstat(file.rawValue, &status) == 0, [S_IFIFO, S_IFSOCK, S_IFCHR].contains(status.st_mode & S_IFMT) {
      throw UnreadableFile(path: path, code: EINVAL, reason: "it is not a regular file; write the site into one")
    }
    var octets: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while octets.count < maximumOctets {
      let count = Glibc.read(file.rawValue, &chunk, chunk.count)
      if count == 0 { break }
      guard count > 0 else {
        if errno == EINTR { continue }
        throw UnreadableFile(path: path, code: errno)
      }
      octets += chunk.prefix(count)
    }
    return octets
  }
}

extension String {
  /// With everything escaped that would not stand in a line: for names, which may have any octets.
  var inALine: String {
    unicodeScalars.map { $0.isPrintableInALine ? String($0) : $0.escaped(asASCII: true) }.joined()
  }
}
