/// The requests of a client to the daemon: one line each, answered by one JSON document and the end of the connection.
enum ControlRequest: String, CaseIterable {
  /// A ``StatusDocument``.
  case status
}

/// Why the daemon could not be asked.
struct ControlFailure: Error {
  /// The fault, and what to do about it.
  var message: String
}
