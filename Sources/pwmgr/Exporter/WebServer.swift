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

  /// A line of text.
  static func line(_ status: Int, _ text: String, headers: [(String, String)] = []) -> WebAnswer {
    WebAnswer(status: status, type: "text/plain; charset=utf-8", content: Data("\(text)\n".utf8), headers: headers)
  }
}

/// Serves a few pages over HTTP (libmicrohttpd): for a monitoring system and a browser in the same network, without TLS,
/// which is a proxy's task.
///
/// A thread for each connection; there are few, and one that is silent is closed.
final class WebServer {
  /// Answers GET of a path, on any thread.
  typealias Pages = @Sendable (_ path: String) -> WebAnswer

  /// Connections at a time; more are closed at once.
  static let maximumConnections: UInt32 = 64
  /// Of one client's address.
  static let maximumConnectionsOfAClient: UInt32 = 16
  /// How long a connection may be silent.
  static let timeoutSeconds: UInt32 = 15
  /// Octets that a request, with its headers, may take of memory.
  static let requestOctets = 16 << 10

  private let pages: Pages
  private var server: OpaquePointer?

  /// Listens at an address and a port.
  ///
  /// - Throws: what the system says.
  init(listeningAt endpoint: Endpoint, pages: @escaping Pages) throws(SystemError) {
    self.pages = pages
    let address = try SocketAddress(endpoint)
    let context = Unmanaged.passUnretained(self).toOpaque()
    errno = 0
    server = address.withOctets { octets in
      pw_http_start(
        octets, Self.handler, context, Self.maximumConnections, Self.maximumConnectionsOfAClient,
        Self.timeoutSeconds, Self.requestOctets)
    }
    guard server != nil else { throw SystemError.last("listen at \(endpoint)") }
  }

  /// Closes every connection.
  func stop() {
    if let server { MHD_stop_daemon(server) }
    server = nil
  }

  /// The library calls it first with the headers alone, and then to be answered.
  private static let handler: MHD_AccessHandlerCallback = { context, connection, url, method, _, _, size, state in
    guard let context, let connection, let url, let method, let state else { return .NO }
    guard state.pointee != nil else {
      state.pointee = context
      return .YES
    }
    guard size?.pointee == 0 else {
      // Nobody has anything to send here: it is not looked at.
      size?.pointee = 0
      return .YES
    }
    let server = Unmanaged<WebServer>.fromOpaque(context).takeUnretainedValue()
    return server.answer(connection, path: String(cString: url), method: String(cString: method))
  }

  private func answer(_ connection: OpaquePointer, path: String, method: String) -> MHD_Result {
    guard method == "GET" || method == "HEAD" else {
      return send(.line(405, "only GET is answered here", headers: [("Allow", "GET, HEAD")]), connection)
    }
    return send(pages(path), connection)
  }

  private func send(_ answer: WebAnswer, _ connection: OpaquePointer) -> MHD_Result {
    let response = answer.content.withUnsafeBytes { octets in
      MHD_create_response_from_buffer(
        octets.count, UnsafeMutableRawPointer(mutating: octets.baseAddress), .RESPMEM_MUST_COPY)
    }
    guard let response else { return .NO }
    defer { MHD_destroy_response(response) }
    let usual = [
      ("Content-Type", answer.type), ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"),
    ]
    for (name, value) in usual + answer.headers { MHD_add_response_header(response, name, value) }
    return MHD_queue_response(connection, UInt32(answer.status), response)
  }
}
