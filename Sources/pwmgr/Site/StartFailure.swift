/// Why the daemon does not start: what is printed, and the exit code.
struct StartFailure: Error {
  /// One line each, complete.
  var lines: [String]
  /// The code to end with.
  var status: ExitStatus

  init(_ status: ExitStatus, lines: [String]) {
    self.status = status
    self.lines = lines
  }

  init(_ status: ExitStatus, _ message: String) {
    self.init(status, lines: ["pwmgr: \(message)"])
  }

  /// The first line, and how many more there are.
  var summary: String {
    let more = lines.count > 1 ? " (and \(lines.count - 1) more)" : ""
    return (lines.first ?? "it has errors") + more
  }
}
