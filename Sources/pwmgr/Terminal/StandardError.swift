import Glibc

/// Lines for people, beside what a command prints as its result.
enum StandardError {
  /// Writes one line; if nobody reads, nobody is told.
  static func write(_ line: String) {
    // Where both go to one place, lines stand in the order in which they were written.
    fflush(nil)
    let octets = Array((line + "\n").utf8)
    _ = Glibc.write(STDERR_FILENO, octets, octets.count)
  }
}
