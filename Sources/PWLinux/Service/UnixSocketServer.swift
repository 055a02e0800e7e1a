import CLinux
import Glibc

/// Answers one-line requests on a stream socket of the file system: the daemon's control socket.
///
/// Access is the file's: mode 0600 for root, or 0660 for a group. A client that asks too much, too slowly or beside too many
/// others is dropped; it costs the daemon a bounded amount of memory.
public final class UnixSocketServer {
  /// Turns a request line of a peer, without its newline, into an answer; the connection closes after it.
  public typealias Answer = (_ request: String, _ peer: UnixSocketPeer, _ reply: @escaping ([UInt8]) -> Void) -> Void

  /// Clients at a time.
  public static let maximumClients = 32
  /// Clients that wait while the daemon is busy. Beyond this, connect() of a client with a timeout fails at once with EAGAIN
  /// (connect(2)), which reads as a daemon that refuses; the system may allow fewer (net.core.somaxconn).
  public static let maximumWaitingClients = 1_024
  /// Octets of a request line.
  public static let maximumRequestOctets = 4_096

  private let loop: EventLoop
  private let path: String
  private let answer: Answer
  private var listener: Int32 = -1
  private var clients: [Int32: Client] = [:]
  private var count: UInt64 = 0
  private var pause: EventLoop.TimerID?
  /// How long nobody is let in after there was no descriptor for a client.
  private static let pauseTime = Duration.milliseconds(200)

  /// A client that has not been answered.
  private struct Client {
    /// How many there were before it.
    var number: UInt64
    var received: [UInt8] = []
    var pending: ArraySlice<UInt8> = []
    var isAnswered = false
  }

  /// Opens the socket; an old socket that nobody listens on is replaced.
  ///
  /// - Parameters:
  ///   - path: where; its folder is made if it is not there.
  ///   - group: whose members may connect besides root; nil is nobody.
  ///   - loop: the loop whose thread everything runs on.
  ///   - answer: called with each request.
  /// - Throws: EADDRINUSE when another process answers there, and what the system says otherwise.
  public init(path: String, group: UInt32?, loop: EventLoop, answer: @escaping Answer) throws(SystemError) {
    self.loop = loop
    self.path = path
    self.answer = answer
    try open(group: group)
  }

  /// Closes the socket and every connection, and removes the file.
  public func stop() {
    guard listener >= 0 else { return }
    for descriptor in clients.keys { drop(descriptor) }
    loop.unwatch(listener)
    if let pause { loop.removeTimer(pause) }
    pause = nil
    close(listener)
    listener = -1
    unlink(path)
  }

  /// Lets the members of another group connect from now on; nil lets nobody but root. Clients that have
  /// connected stay.
  ///
  /// - Throws: what the system says; nobody but root may connect then.
  public func admit(group: UInt32?) throws(SystemError) {
    // The old group is shut out before the file is the new one's.
    guard chmod(path, 0o600) == 0 else { throw SystemError.last("chmod \(path)") }
    guard chown(path, uid_t.max, group ?? getegid()) == 0 else { throw SystemError.last("chown \(path)") }
    guard group == nil || chmod(path, 0o660) == 0 else { throw SystemError.last("chmod \(path)") }
  }

  private func open(group: UInt32?) throws(SystemError) {
    // The socket is given to a group by its path, and an old one removed by it.
    _ = try OwnPath(toFile: path, .oursOrShared, followsLink: false, makesFolders: true)
    try removeStale()
    let descriptor = socket(
      AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
    guard descriptor >= 0 else { throw SystemError.last("socket") }
    do throws(SystemError) {
      // Closed to everybody from its first moment; opened to the group only once the group owns it.
      let mask = umask(0o177)
      defer { umask(mask) }
      try UnixSocketAddress.with(path: path) { (address, length) throws(SystemError) in
        guard bind(descriptor, address, length) == 0 else { throw SystemError.last("bind \(path)") }
      }
      if group != nil { try admit(group: group) }
      guard listen(descriptor, Int32(Self.maximumWaitingClients)) == 0 else { throw SystemError.last("listen \(path)") }
      try loop.watch(descriptor, for: .read) { [unowned self] in accept() }
    } catch {
      close(descriptor)
      throw error
    }
    listener = descriptor
  }

  private func removeStale() throws(SystemError) {
    do throws(SystemError) {
      _ = try UnixSocketClient.exchange(path: path, request: [], timeoutSeconds: 1, maximumOctets: 0)
    } catch {
      switch error.code {
      case ENOENT:
        var status = stat()
        guard lstat(path, &status) != 0 else {
          throw SystemError(code: EEXIST, attempt: "bind \(path), which is a symbolic link that leads nowhere")
        }
      case ECONNREFUSED:
        // The same is said of any other kind of file, which is not ours to remove.
        guard isSocket else { throw SystemError(code: EEXIST, attempt: "bind \(path), which is not a socket") }
        unlink(path)
      default: throw SystemError(code: EADDRINUSE, attempt: "bind \(path)")
      }
    }
  }

  /// Whether the path leads to a socket, without following a link.
  private var isSocket: Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFSOCK
  }

  private func accept() {
    // The loop reports the listener again if more are waiting.
    for _ in 0..<Self.maximumClients {
      let descriptor = accept4(
        listener, __SOCKADDR_ARG(__sockaddr__: nil), nil, Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue))
      guard descriptor >= 0 else { return waitForRoom(errno) }
      guard clients.count < Self.maximumClients || dropIdlest() else {
        close(descriptor)
        continue
      }
      count += 1
      clients[descriptor] = Client(number: count)
      do {
        try loop.watch(descriptor, for: .read) { [unowned self] in read(descriptor) }
      } catch {
        drop(descriptor)
      }
    }
  }

  /// Where no descriptor or no memory is left, whoever waits goes on waiting, and the loop is not called for it all the
  /// time.
  private func waitForRoom(_ code: Int32) {
    guard [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(code) else { return }
    loop.suspend(listener)
    let timer = pause ?? loop.makeTimer { [unowned self] in if listener >= 0 { loop.resume(listener) } }
    pause = timer
    loop.setTimer(timer, after: Self.pauseTime)
  }

  /// Has a client make room that only holds a place and would lock everybody else out: the oldest that has asked nothing yet,
  /// or else the oldest that does not read its answer.
  private func dropIdlest() -> Bool {
    let silent = clients.filter { !$0.value.isAnswered }
    let deaf = clients.filter { !$0.value.pending.isEmpty }
    let candidates = silent.isEmpty ? deaf : silent
    guard let idle = candidates.min(by: { $0.value.number < $1.value.number }) else { return false }
    drop(idle.key)
    return true
  }

  private func read(_ descriptor: Int32) {
    var chunk = [UInt8](repeating: 0, count: Self.maximumRequestOctets)
    let count = chunk.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
    guard count > 0, var client = clients[descriptor] else {
      if count < 0, errno == EAGAIN || errno == EINTR { return }
      return drop(descriptor)
    }
    guard !client.isAnswered else { return }
    client.received += chunk[..<count]
    guard client.received.count <= Self.maximumRequestOctets else { return drop(descriptor) }
    let newline = client.received.firstIndex(of: UInt8(ascii: "\n"))
    client.isAnswered = newline != nil
    clients[descriptor] = client
    guard let newline else { return }
    let request = String(decoding: client.received[..<newline], as: UTF8.self)
    answer(request, UnixSocketPeer(of: descriptor)) { [weak self] octets in
      self?.reply(octets, to: client.number, at: descriptor)
    }
  }

  /// Answers a client, unless it has gone: its descriptor may be another's by now.
  private func reply(_ octets: [UInt8], to number: UInt64, at descriptor: Int32) {
    guard clients[descriptor]?.number == number else { return }
    clients[descriptor]?.pending = octets[...]
    loop.unwatch(descriptor)
    do {
      try loop.watch(descriptor, for: .write) { [unowned self] in write(descriptor) }
    } catch {
      drop(descriptor)
    }
  }

  private func write(_ descriptor: Int32) {
    guard let pending = clients[descriptor]?.pending else { return }
    let count = pending.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    if count < 0, errno == EAGAIN || errno == EINTR { return }
    guard count > 0, count < pending.count else { return drop(descriptor) }
    clients[descriptor]?.pending = pending.dropFirst(count)
  }

  private func drop(_ descriptor: Int32) {
    guard clients.removeValue(forKey: descriptor) != nil else { return }
    loop.unwatch(descriptor)
    close(descriptor)
  }
}
