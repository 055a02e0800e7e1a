import Glibc
import Synchronization

/// The connections of a web server. One that only holds a place gives way before there are as many as there may be: a
/// client that sends an octet now and then is not silent, and would otherwise lock others out for as long as it likes.
final class WebConnections: Sendable {
  /// Connections from which on the oldest gives way: some places stay free for those that come while it goes.
  static let mostKept = 48

  /// What a connection is about.
  enum Phase {
    /// It has not sent the whole head of a request, or has its answer.
    case idle
    /// Its request is being answered.
    case asking
    /// It has a stream, of which there are few.
    case listening
  }

  private struct Connection {
    var number: UInt64
    var descriptor: Int32
    var phase = Phase.idle
    var isLeaving = false
  }

  private struct Table: ~Copyable {
    /// By the library's address of each.
    var connections: [UInt: Connection] = [:]
    var count: UInt64 = 0
  }

  private let table = Mutex(Table())

  /// A client has connected: another one may have to go.
  func came(_ connection: OpaquePointer, descriptor: Int32) {
    let key = UInt(bitPattern: connection)
    table.withLock { table in
      table.count += 1
      table.connections[key] = Connection(number: table.count, descriptor: descriptor)
      let staying = table.connections.filter { !$0.value.isLeaving && $0.value.phase != .listening }
      guard staying.count > Self.mostKept else { return }
      let idle = staying.filter { $0.value.phase == .idle && $0.key != key }
      let oldest = (idle.isEmpty ? staying : idle).min { $0.value.number < $1.value.number }
      guard let oldest else { return }
      table.connections[oldest.key]?.isLeaving = true
      // Its descriptor is its own until `went`, which waits for this.
      shutdown(oldest.value.descriptor, Int32(SHUT_RDWR))
    }
  }

  /// A connection ends; after this its descriptor may be another's.
  func went(_ connection: OpaquePointer) {
    let key = UInt(bitPattern: connection)
    table.withLock { $0.connections[key] = nil }
  }

  /// A connection is about something else now.
  func note(_ connection: OpaquePointer, _ phase: Phase) {
    let key = UInt(bitPattern: connection)
    table.withLock { $0.connections[key]?.phase = phase }
  }
}

/// The path of a page that a client asks for.
enum WebPath {
  /// The path of a request's target, which may be a whole address, as for a proxy (RFC 9112 section 3.2.2).
  static func path(ofTarget target: String) -> String {
    for scheme in ["http://", "https://"] where target.lowercased().hasPrefix(scheme) {
      let rest = target.dropFirst(scheme.count)
      return rest.firstIndex(of: "/").map { String(rest[$0...]) } ?? "/"
    }
    return target
  }
}
