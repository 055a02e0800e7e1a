/// A listener for SCCRQ.
struct Listener: Equatable, Codable {
  /// How the socket is to be opened: encapsulation, address and port.
  var request: SocketRequest
  var socket: SocketID
  var state = State.opening
  /// Failures since it was last open.
  var failures = 0

  /// Where a listener is.
  enum State: Equatable, Codable {
    /// The socket is asked for and has not been opened yet.
    case opening
    case open
    /// Refused, and tried again.
    case failed(reason: String, retryAt: Instant)
  }
}
