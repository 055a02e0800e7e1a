import CLinux
import Glibc

/// Systemd's journal, in its native protocol: one datagram an entry, with a line for each field
/// (https://systemd.io/JOURNAL_NATIVE_PROTOCOL).
public final class JournalSocket: Sendable {
  /// Where the journal listens.
  public static let usualPath = "/run/systemd/journal/socket"

  private let descriptor: Int32
  private let path: String

  /// Opens a socket to the journal; nil unless standard error leads there (JOURNAL_STREAM, systemd.exec(5)): somebody
  /// who has put it elsewhere wants the log there.
  ///
  /// - Parameter stream: the value of JOURNAL_STREAM.
  public convenience init?(stream: String?, path: String = JournalSocket.usualPath) {
    var status = stat()
    guard let stream, fstat(STDERR_FILENO, &status) == 0, stream == "\(status.st_dev):\(status.st_ino)" else {
      return nil
    }
    self.init(path: path)
  }

  /// Opens a socket to a journal.
  public init?(path: String) {
    descriptor = socket(
      AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
    self.path = path
    guard descriptor >= 0 else { return nil }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Sends an entry. A field's value ends with its line, so that line breaks in it become spaces.
  ///
  /// - Returns: whether the journal has it: it may be too busy, or gone.
  public func send(_ fields: [(name: String, value: String)]) -> Bool {
    var octets: [UInt8] = []
    for field in fields {
      octets += field.name.utf8
      octets.append(UInt8(ascii: "="))
      octets += field.value.utf8.map { $0 == UInt8(ascii: "\n") ? UInt8(ascii: " ") : $0 }
      octets.append(UInt8(ascii: "\n"))
    }
    let count = try? UnixSocketAddress.with(path: path) { (address, length) throws(SystemError) in
      sendto(descriptor, octets, octets.count, Int32(MSG_NOSIGNAL), address, length)
    }
    return count == octets.count
  }
}
