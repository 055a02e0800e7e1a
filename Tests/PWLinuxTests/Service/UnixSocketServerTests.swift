import CLinux
import Glibc
import Synchronization
import Testing

@testable import PWLinux

@Suite("The control socket with many clients", .timeLimit(.minutes(1)))
struct UnixSocketServerTests {
  /// More than a socket takes that nobody reads from.
  private static let longAnswer = [UInt8](repeating: UInt8(ascii: "x"), count: 4 << 20)

  private static func path() -> String { "/tmp/pwmgr-clients-\(getpid())-\(UInt32.random(in: 0...UInt32.max))" }

  /// A client that connects with a timeout, as monitoring does.
  private static func client(_ path: String) throws -> Descriptor {
    let client = Descriptor(owning: socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0))
    try UnixSocketAddress.with(path: path) { (address, length) throws(SystemError) in
      guard connect(client.rawValue, address, length) == 0 else { throw SystemError.last("connect") }
    }
    return client
  }

  @Test("a file that is there is not taken for a socket that nobody listens on")
  func otherFile() throws {
    let (loop, path) = (try EventLoop(), Self.path())
    let file = Descriptor(owning: open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600))
    defer { unlink(path) }
    #expect(file.rawValue >= 0)
    #expect(throws: SystemError.self) { try UnixSocketServer(path: path, group: nil, loop: loop) { _, _, _ in } }
    #expect(access(path, F_OK) == 0)
  }

  @Test("a link that leads nowhere is not taken for another process that answers")
  func danglingLink() throws {
    let (loop, path) = (try EventLoop(), Self.path())
    #expect(symlink("\(path).none", path) == 0)
    defer { unlink(path) }
    do throws(SystemError) {
      _ = try UnixSocketServer(path: path, group: nil, loop: loop) { _, _, _ in }
      Issue.record("it was made")
    } catch {
      #expect(error.code == EEXIST && "\(error)".contains("a symbolic link that leads nowhere"))
    }
  }

  @Test("a client that connects while the daemon is busy waits, and is not turned away")
  func busy() throws {
    let (loop, path) = (try EventLoop(), Self.path())
    let server = try UnixSocketServer(path: path, group: nil, loop: loop) { _, _, _ in }
    defer { server.stop() }
    // The loop does not run, which is as busy as it can be.
    let clients = try (0..<100).map { _ in try Self.client(path) }
    #expect(clients.count == 100)
  }

  @Test("clients that never ask and clients that never read make room for one who does both", arguments: [true, false])
  func idle(asks: Bool) throws {
    let (loop, path) = (try EventLoop(), Self.path())
    let server = try UnixSocketServer(path: path, group: nil, loop: loop) { request, _, reply in
      reply(request == "long" ? Self.longAnswer : [1])
    }
    defer { server.stop() }
    let answer = Mutex<[UInt8]>([])
    try WorkerThread.start(name: "clients") {
      let clients = try? (0..<2 * UnixSocketServer.maximumClients).map { _ in
        let client = try Self.client(path)
        if asks { send(client.rawValue, "long\n", 5, Int32(MSG_NOSIGNAL)) }
        return client
      }
      let octets = try? UnixSocketClient.exchange(
        path: path, request: Array("short\n".utf8), timeoutSeconds: 10, maximumOctets: 1)
      answer.withLock { $0 = clients == nil ? [] : octets ?? [] }
      loop.post { loop.stop() }
    }
    try loop.run()
    #expect(answer.withLock { $0 } == [1])
  }

  @Test("a client that has gone gets no answer, and neither does the one that has its descriptor") func gone() throws {
    let (loop, path) = (try EventLoop(), Self.path())
    var late: [([UInt8]) -> Void] = []
    let server = try UnixSocketServer(path: path, group: nil, loop: loop) { request, peer, reply in
      #expect(peer.isOwner && peer.groups.contains(getegid()))
      late.append(reply)
      if request == "second" {
        late[0]([1])
        reply([2])
      }
    }
    defer { server.stop() }
    let answer = Mutex<[UInt8]>([])
    try WorkerThread.start(name: "clients") {
      let octets = (try? Self.client(path)).map { first in
        send(first.rawValue, "first\n", 6, Int32(MSG_NOSIGNAL))
        first.close()
        return try? UnixSocketClient.exchange(
          path: path, request: Array("second\n".utf8), timeoutSeconds: 10, maximumOctets: 8)
      }
      answer.withLock { $0 = (octets ?? []) ?? [] }
      loop.post { loop.stop() }
    }
    try loop.run()
    #expect(answer.withLock { $0 } == [2])
  }

  @Test("another group is let in, and none") func groups() throws {
    let (loop, path) = (try EventLoop(), Self.path())
    let server = try UnixSocketServer(path: path, group: nil, loop: loop) { _, _, _ in }
    defer { server.stop() }
    func mode() -> mode_t {
      var status = stat()
      return stat(path, &status) == 0 ? status.st_mode & 0o777 : 0
    }
    #expect(mode() == 0o600)
    try server.admit(group: getegid())
    #expect(mode() == 0o660)
    try server.admit(group: nil)
    #expect(mode() == 0o600)
  }
}
