/// The requests of a client to the daemon: one line each, answered by one JSON document and the end of the connection.
enum ControlRequest: String, CaseIterable {
  /// A ``StatusDocument``.
  case status
  /// A ``RunningSite``.
  case site
  /// The site file is read again; then a ``ReloadOutcome``. Not for the members of a group.
  case reload
}

/// Why the daemon could not be asked.
struct ControlFailure: Error {
  /// The fault, and what to do about it.
  var message: String

  /// Says it; the error that a command throws to end for that reason.
  var exit: any Error {
    StandardError.write("pwmgr: \(message)")
    return ExitStatus.unavailable.exit
  }
}
