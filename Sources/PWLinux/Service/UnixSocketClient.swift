import CLinux
import Glibc

/// One request and one answer over a stream socket, in a process that has nothing else to do.
public enum UnixSocketClient {
  /// Connects, sends `request`, and reads until the other side closes.
  ///
  /// - Parameters:
  ///   - path: where the server listens.
  ///   - request: what is sent.
  ///   - timeoutSeconds: the longest wait for any one step.
  ///   - maximumOctets: the longest answer; a longer one is EMSGSIZE.
  ///   - ofAnybody: whether it does not matter whose the server is; else one that is neither root's nor ours is
  ///     ``isForeign``.
  public static func exchange(
    path: String, request: [UInt8], timeoutSeconds: Int, maximumOctets: Int, ofAnybody: Bool = true
  ) throws(SystemError) -> [UInt8] {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw SystemError.last("socket") }
    defer { close(descriptor) }
    var timeout = timeval(tv_sec: timeoutSeconds, tv_usec: 0)
    for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
      setsockopt(descriptor, SOL_SOCKET, option, &timeout, socklen_t(MemoryLayout<timeval>.size))
    }
    try UnixSocketAddress.with(path: path) { (address, length) throws(SystemError) in
      guard connect(descriptor, address, length) == 0 else { throw SystemError.last("connect") }
    }
    guard ofAnybody || isOurs(descriptor) else { throw SystemError(code: isForeign, attempt: "believe \(path)") }
    var sent = 0
    while sent < request.count {
      let count = request[sent...].withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw SystemError.last("send") }
      sent += count
    }
    return try readAll(descriptor, maximumOctets: maximumOctets)
  }

  private static func readAll(_ descriptor: Int32, maximumOctets: Int) throws(SystemError) -> [UInt8] {
    var answer: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: chunkOctets)
    while answer.count <= maximumOctets {
      let count = chunk.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
      if count == 0 { return answer }
      guard count > 0 else {
        if errno == EINTR { continue }
        throw SystemError.last("recv")
      }
      answer += chunk[..<count]
    }
    throw SystemError(code: EMSGSIZE, attempt: "recv")
  }

  /// The code for a server of another user: one that sockets do not give.
  public static let isForeign = EKEYREJECTED

  /// Whether root or our own user has the other end (SO_PEERCRED, unix(7)).
  private static func isOurs(_ descriptor: Int32) -> Bool {
    var peer = ucred()
    var length = socklen_t(MemoryLayout<ucred>.size)
    return getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0
      && (peer.uid == 0 || peer.uid == geteuid())
  }

  private static let chunkOctets = 65_536
}
