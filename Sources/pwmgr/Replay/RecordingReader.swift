import FoundationEssentials
import Glibc
import PWCore

/// Reads a recording line by line; of a file of any size it holds one line.
struct RecordingReader {
  /// The header of the recording: its site, process and data plane.
  let header: RecordingHeader
  /// Whether the file ended in the middle of a line.
  private(set) var isTruncated = false
  /// Whether it ends because it was as long as it might become.
  private(set) var isFull = false
  private var lines: LineReader
  private let decoder = JSONDecoder()

  /// Opens a file and reads its header.
  init(_ path: String) throws(ReplayFailure) {
    lines = try LineReader(path)
    guard let line = try lines.next(), line.starts(with: RecordingHeader.beginning) else {
      throw ReplayFailure("\(path) is not a recording: 'pwmgr run --record FILE' makes one")
    }
    let digits = line.dropFirst(RecordingHeader.beginning.count).prefix { $0 != UInt8(ascii: ",") }
    let format = Int(String(decoding: digits, as: UTF8.self))
    guard format == RecordingHeader.format else {
      throw ReplayFailure(
        "\(path) is a recording of format \(String(decoding: digits.prefix(Self.shownDigits), as: UTF8.self)), "
          + "and pwmgr \(Version.number) reads format \(RecordingHeader.format): replay it with the release that made it"
      )
    }
    do {
      header = try decoder.decode(FirstLine.self, from: Data(line)).of
    } catch {
      throw ReplayFailure("\(path): line 1 cannot be read: \(error)")
    }
  }

  /// The next step; nil at the end, or before a line that is not whole.
  mutating func next() throws(ReplayFailure) -> RecordedStep? {
    guard let line = try lines.next() else {
      isTruncated = lines.isTruncated
      return nil
    }
    guard !line.starts(with: RecordingHeader.fullBeginning) else {
      isFull = true
      return nil
    }
    do {
      return try decoder.decode(RecordedStep.self, from: Data(line))
    } catch {
      throw ReplayFailure("\(lines.path): line \(lines.number) cannot be read: \(error)")
    }
  }

  /// The number of the line that was read last, from 1.
  var line: Int { lines.number }

  private struct FirstLine: Codable {
    var of: RecordingHeader
  }

  /// Digits of a format's number that a message repeats.
  private static let shownDigits = 20
}

/// Why a recording cannot be replayed, in one line.
struct ReplayFailure: Error, Equatable, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}

/// The lines of a file.
private final class LineReader {
  let path: String
  private(set) var number = 0
  private(set) var isTruncated = false
  private let descriptor: Int32
  private var buffer: [UInt8] = []
  private var start = 0

  private static let chunkOctets = 1 << 16
  /// The longest line that is read: a start with all that a site may declare.
  private static let longestLineOctets = 1 << 28

  init(_ path: String) throws(ReplayFailure) {
    self.path = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw ReplayFailure("cannot read \(path): \(String(cString: strerror(errno)))") }
  }

  deinit { close(descriptor) }

  /// The next whole line, without its newline; nil when there is none.
  func next() throws(ReplayFailure) -> ArraySlice<UInt8>? {
    var searched = start
    while true {
      if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
        defer { start = end + 1 }
        number += 1
        return buffer[start..<end]
      }
      buffer.removeFirst(start)
      start = 0
      searched = buffer.count
      guard buffer.count <= Self.longestLineOctets else {
        throw ReplayFailure("\(path): line \(number + 1) is longer than \(Self.longestLineOctets) octets")
      }
      guard try more() else {
        isTruncated = !buffer.isEmpty
        return nil
      }
    }
  }

  private func more() throws(ReplayFailure) -> Bool {
    var chunk = [UInt8](repeating: 0, count: Self.chunkOctets)
    while true {
      let count = read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw ReplayFailure("cannot read \(path): \(String(cString: strerror(errno)))") }
      buffer += chunk.prefix(count)
      return count > 0
    }
  }
}
