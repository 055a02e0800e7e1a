import CHTTP
import FoundationEssentials
import Glibc
import PWCore
import PWLinux

/// An answer over HTTP.
struct WebAnswer {
  /// 200, 404, ...
  var status: Int
  /// The media type of the content.
  var type: String
  var content: Data
  /// Further headers.
  var headers: [(String, String)] = []
  /// The source of content that comes piece by piece, in its place.
  var stream: (any WebStream)?

  /// A line of text.
  static func line(_ status: Int, _ text: String, headers: [(String, String)] = []) -> WebAnswer {
    WebAnswer(status: status, type: "text/plain; charset=utf-8", content: Data("\(text)\n".utf8), headers: headers)
  }
}

/// Content that comes piece by piece, as long as the client stays. Its methods are called by one thread at a time.
protocol WebStream: AnyObject {
  /// Waits for the next piece, which is not empty; nil is the end.
  func next() -> Data?
  /// The client, or the server, has gone. It is called once.
  func end()
}

/// Serves a few pages over HTTP (libmicrohttpd): for a monitoring system and a browser in the same network, without
/// TLS, which is a proxy's task.
///
/// A thread for each connection; there are few, one that is silent is closed, and one that is slow gives way to others
/// (``WebConnections``).
final class WebServer {
  /// Answers GET of a path, on any thread.
  typealias Pages = @Sendable (_ path: String) -> WebAnswer

  /// Connections at a time, those that are giving way among them; more are closed at once.
  static let maximumConnections: UInt32 = 256
  /// How long a connection may be silent.
  static let timeoutSeconds: UInt32 = 15
  /// Octets of a stream that are sent at a time.
  static let blockOctets = 8 << 10
  /// Octets that a request, with its headers, may take of memory.
  static let requestOctets = 16 << 10

  private let pages: Pages
  private let library: pw_http
  private let connections = WebConnections()
  private var server: OpaquePointer?

  /// Listens at an address and a port.
  ///
  /// - Parameters:
  ///   - endpoint: the address and the port.
  ///   - library: does the work.
  ///   - pages: answers, on any thread.
  /// - Throws: what the system says.
  init(
    listeningAt endpoint: Endpoint, with library: HTTPLibrary, pages: @escaping Pages
  ) throws(SystemError) {
    self.pages = pages
    self.library = library.functions
    let address = try SocketAddress(endpoint)
    let context = Unmanaged.passUnretained(self).toOpaque()
    errno = 0
    server = address.withOctets { octets in
      var functions = library.functions
      return pw_http_start(
        &functions, octets, Self.handler, context, Self.cameOrWent, Self.completed, Self.maximumConnections,
        Self.timeoutSeconds, Self.requestOctets)
    }
    guard server != nil else { throw SystemError.last("listen at \(endpoint)") }
  }

  /// Closes every connection. A stream that waits has to be told first, by who makes its pieces.
  func stop() {
    if let server { library.stop(server) }
    server = nil
  }

  private static let cameOrWent: MHD_NotifyConnectionCallback = { context, connection, _, event in
    guard let context, let connection else { return }
    let server = Unmanaged<WebServer>.fromOpaque(context).takeUnretainedValue()
    if event == .CONNECTION_NOTIFY_STARTED {
      var library = server.library
      server.connections.came(connection, descriptor: pw_http_descriptor(&library, connection))
    } else {
      server.connections.went(connection)
    }
  }

  private static let completed: MHD_RequestCompletedCallback = { context, connection, _, _ in
    guard let context, let connection else { return }
    Unmanaged<WebServer>.fromOpaque(context).takeUnretainedValue().connections.note(connection, .idle)
  }

  /// The library calls it first with the headers alone, and then to be answered.
  private static let handler: MHD_AccessHandlerCallback = { context, connection, url, method, _, _, size, state in
    guard let context, let connection, let url, let method, let state else { return .NO }
    let server = Unmanaged<WebServer>.fromOpaque(context).takeUnretainedValue()
    guard state.pointee != nil else {
      state.pointee = context
      server.connections.note(connection, .asking)
      return .YES
    }
    guard size?.pointee == 0 else {
      // Nobody has anything to send here: it is not looked at.
      size?.pointee = 0
      return .YES
    }
    return server.answer(connection, path: String(cString: url), method: String(cString: method))
  }

  private func answer(_ connection: OpaquePointer, path: String, method: String) -> MHD_Result {
    guard method == "GET" || method == "HEAD" else {
      return send(.line(405, "only GET is answered here", headers: [("Allow", "GET, HEAD")]), connection)
    }
    let answer = pages(WebPath.path(ofTarget: path))
    if answer.stream != nil { connections.note(connection, .listening) }
    return send(answer, connection)
  }

  private func send(_ answer: WebAnswer, _ connection: OpaquePointer) -> MHD_Result {
    guard let response = answer.stream.map(response) ?? response(answer.content) else { return .NO }
    defer { library.destroy(response) }
    let usual = [
      ("Content-Type", answer.type), ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"),
    ]
    for (name, value) in usual + answer.headers { _ = library.add_header(response, name, value) }
    return library.queue(connection, UInt32(answer.status), response)
  }

  private func response(_ content: Data) -> OpaquePointer? {
    content.withUnsafeBytes { octets in
      library.response_from_buffer(
        octets.count, UnsafeMutableRawPointer(mutating: octets.baseAddress), .RESPMEM_MUST_COPY)
    }
  }

  private func response(_ stream: any WebStream) -> OpaquePointer? {
    let source = Unmanaged.passRetained(StreamSource(stream))
    let response = library.response_from_callback(
      UInt64.max, Self.blockOctets,
      { context, _, place, room in
        guard let context, let place else { return StreamSource.end }
        return Unmanaged<StreamSource>.fromOpaque(context).takeUnretainedValue().read(to: place, room)
      }, source.toOpaque(), { context in context.map { Unmanaged<StreamSource>.fromOpaque($0).release() } })
    if response == nil { source.release() }
    return response
  }
}

/// The place that the library reads a stream from: it asks for as much as it has room for.
private final class StreamSource {
  /// The value that the library takes for the end of the content.
  static let end = -1

  private let stream: any WebStream
  private var rest = Data()

  init(_ stream: any WebStream) {
    self.stream = stream
  }

  deinit { stream.end() }

  func read(to place: UnsafeMutablePointer<CChar>, _ room: Int) -> Int {
    if rest.isEmpty {
      guard let piece = stream.next() else { return Self.end }
      rest = piece
    }
    let part = rest.prefix(room)
    UnsafeMutableRawBufferPointer(start: place, count: room).copyBytes(from: part)
    rest = rest.dropFirst(part.count)
    return part.count
  }
}
