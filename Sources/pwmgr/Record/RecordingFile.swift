import FoundationEssentials
import Glibc
import PWCore
import PWLinux

/// A recording on its way to disk: a line of JSON for its header and one for each step, and no more of them than fit.
final class RecordingFile {
  private let descriptor: Int32
  private let encoder = JSONEncoder()
  private var buffer: [UInt8] = []
  /// Called once, with what it was, when nothing more is written: the rest is dropped.
  private let ended: (RecordingEnd) -> Void
  private var hasEnded = false
  private let limit: RecordingLimit
  private var octetCount = 0

  /// Octets that are written without waiting for `flush`: more of them are never held.
  private static let longestBufferOctets = 1 << 20
  /// How the file is called that a new recording takes the place of.
  static let earlierSuffix = ".old"

  /// Writes to a descriptor, which it closes at its end.
  init(
    descriptor: Int32, header: RecordingHeader, limit: RecordingLimit = .usual, ended: @escaping (RecordingEnd) -> Void
  ) {
    self.descriptor = descriptor
    self.limit = limit
    self.ended = ended
    encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
    append(header, after: RecordingHeader.beginning + Array("\(RecordingHeader.format),\"of\":".utf8), before: "}\n")
  }

  deinit {
    flush()
    close(descriptor)
  }

  /// Adds a step as one line; it is written out once enough has gathered.
  func write(_ step: RecordedStep) {
    append(step, after: [], before: "\n")
    if buffer.count > Self.longestBufferOctets { flush() }
  }

  /// Writes out what was added.
  func flush() {
    var start = 0
    while start < buffer.count {
      let count = buffer[start...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else {
        end(.failed(String(cString: strerror(errno))))
        break
      }
      start += count
    }
    buffer.removeAll(keepingCapacity: buffer.count <= Self.longestBufferOctets)
  }

  /// Adds a line. Beyond the limit there is one that says so in its place, and nothing behind it: what is left out in
  /// the middle could not be replayed.
  private func append(_ value: some Encodable, after beginning: [UInt8], before end: String) {
    guard !hasEnded else { return }
    do {
      let line = beginning + Array(try encoder.encode(value)) + Array(end.utf8)
      let last = RecordingHeader.lastLine(limit)
      guard octetCount + line.count + last.count <= limit.octets else {
        buffer += last
        return self.end(.full(limit))
      }
      octetCount += line.count
      buffer += line
    } catch {
      self.end(.failed("it cannot be encoded: \(error)"))
    }
  }

  private func end(_ end: RecordingEnd) {
    guard !hasEnded else { return }
    hasEnded = true
    ended(end)
  }

  // MARK: Opening

  /// Makes the file, readable to its owner alone. An earlier recording there becomes `FILE.old`, so that a restart does
  /// not destroy what led to it; nothing else is ever replaced.
  ///
  /// - Returns: the descriptor.
  static func create(_ path: String) throws(RecordingFailure) -> Int32 {
    do throws(SystemError) {
      let place = try OwnPath(toFile: path, .withoutForeignLinks, followsLink: false)
      try makeRoom(place)
      let descriptor = openat(
        place.folder.rawValue, place.name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
      guard descriptor >= 0 else { throw SystemError.last("create \(path)") }
      // A second daemon that is started with the same file must not take it away from the first.
      _ = flock(descriptor, LOCK_EX | LOCK_NB)
      return descriptor
    } catch {
      throw failure(path, error.words(besides: path))
    }
  }

  private static func makeRoom(_ place: OwnPath) throws(SystemError) {
    guard let file = try recording(place.name, "it", in: place) else { return }
    // What is replaced is a recording as well, or there is nothing.
    _ = try recording(place.name + earlierSuffix, place.path + earlierSuffix, in: place)
    guard flock(file.rawValue, LOCK_SH | LOCK_NB) == 0 else {
      throw place.refusal("another pwmgr is recording into it: name another")
    }
    let folder = place.folder.rawValue
    // A copy that somebody has opened to others is as private as a new one is.
    guard fchmod(file.rawValue, 0o600) == 0 else {
      throw place.refusal("the earlier recording belongs to somebody else: name another, or remove it")
    }
    guard renameat(folder, place.name, folder, place.name + earlierSuffix) == 0 else {
      throw place.refusal("the earlier recording cannot be renamed: \(String(cString: strerror(errno)))")
    }
  }

  /// A recording that is there, open; nil where there is nothing of that name.
  ///
  /// - Parameters:
  ///   - name: in the folder; a link of that name is not followed.
  ///   - words: what a refusal calls it.
  /// - Throws: where there is something else.
  private static func recording(_ name: String, _ words: String, in place: OwnPath) throws(SystemError) -> Descriptor? {
    let number = openat(place.folder.rawValue, name, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC)
    guard number >= 0 || errno != ENOENT else { return nil }
    guard number >= 0 || errno != ELOOP else {
      throw place.refusal("\(words) exists and is a symbolic link: name another, or remove it")
    }
    guard number >= 0 else { throw SystemError.last("open \(words == "it" ? place.path : words)") }
    let file = Descriptor(owning: number)
    var status = stat()
    guard fstat(file.rawValue, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw place.refusal("\(words) exists and is not a regular file: name another")
    }
    var beginning = [UInt8](repeating: 0, count: RecordingHeader.beginning.count)
    let count = read(file.rawValue, &beginning, beginning.count)
    guard count == 0 || beginning == RecordingHeader.beginning else {
      throw place.refusal("\(words) exists and is not a recording: name another, or remove it")
    }
    return file
  }

  private static func failure(_ path: String, _ reason: String) -> RecordingFailure {
    RecordingFailure(description: "cannot record into \(path): \(reason)")
  }
}

/// Why nothing more is recorded.
enum RecordingEnd: Equatable {
  /// It could not be written: why.
  case failed(String)
  /// It is as long as it may be.
  case full(RecordingLimit)
}

/// Why there cannot be a recording, in one line.
struct RecordingFailure: Error, CustomStringConvertible {
  let description: String
}
