import CHTTP

/// The functions of libmicrohttpd, once it is loaded.
struct HTTPLibrary: @unchecked Sendable {
  private(set) var functions = pw_http()

  /// Why it cannot be used.
  struct Missing: Error {
    /// One line, with the cure.
    var message: String
  }

  /// Loads it.
  init() throws(Missing) {
    guard let fault = pw_http_load(&functions) else { return }
    throw Missing(
      message: "the exporter needs libmicrohttpd, in Debian the package libmicrohttpd12 (\(String(cString: fault)))")
  }
}
