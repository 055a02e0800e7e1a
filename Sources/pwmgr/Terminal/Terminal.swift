import FoundationEssentials
import Glibc

/// The kind of thing that standard output is.
enum Terminal {
  /// Whether it shows colours: it is a terminal, one that can, and nobody has asked for none (no-color.org).
  static var showsColours: Bool {
    let environment = ProcessInfo.processInfo.environment
    let isRefused = environment["NO_COLOR"]?.isEmpty == false || environment["TERM"] == "dumb"
    return isatty(STDOUT_FILENO) == 1 && !isRefused
  }
}
