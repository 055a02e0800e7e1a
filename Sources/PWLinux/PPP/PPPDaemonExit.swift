/// How a pppd ended, in words, and what follows from it. Codes as in pppd(8), "EXIT STATUS".
struct PPPDaemonExit: Equatable {
  /// The cause of the end, for people.
  var reason: String
  /// The consequence for the session and its pppd.
  var consequence: Consequence

  /// The effect of an end on the session and on pppd.
  enum Consequence: Equatable {
    /// PPP has come to its end: the session goes down, and both sides begin anew.
    case endsSession
    /// It says nothing of the peer: pppd is started again.
    case startsAgain
  }

  /// Reads a process's end.
  ///
  /// - Parameters:
  ///   - end: how the process ended.
  ///   - lastWords: the last line of its output that tells something.
  init(_ end: ProcessEnd, lastWords: String?) {
    let told = lastWords.map { " (pppd: \($0))" } ?? ""
    switch end {
    case .signal(let number):
      reason = "pppd was ended by signal \(number)\(told)"
      consequence = .startsAgain
    case .exit(let status):
      // A hangup that follows an echo without a response has a status of its own, which takes the place of 15.
      let code = lastWords?.hasPrefix("No response to ") == true ? 15 : status
      let known = PPPDaemonExit.codes[code]
      reason = (known?.words ?? "pppd ended with status \(code)") + told
      consequence = known?.consequence ?? .startsAgain
    }
  }

  private static let codes: [Int32: (words: String, consequence: Consequence)] = [
    0: ("PPP: the link has ended", .endsSession),
    1: ("pppd met a fatal error", .startsAgain),
    2: ("pppd rejects its options; is it older than version 2.4.9?", .startsAgain),
    3: ("pppd does not have the privilege that it needs; run pwmgr as root, with CAP_NET_ADMIN", .startsAgain),
    4: ("the kernel has no PPP; modprobe ppp_generic l2tp_ppp, and see that /dev/ppp is there", .startsAgain),
    5: ("somebody ended pppd with a signal", .startsAgain),
    7: ("pppd could not open the session", .startsAgain),
    10: ("PPP: the two ends did not come to an agreement", .endsSession),
    11: (
      "PPP: the peer did not prove its identity; are its name and secret those that are declared here?", .endsSession
    ),
    15: ("PPP: the peer does not answer LCP echo requests", .endsSession),
    16: ("PPP: the link was hung up", .endsSession),
    17: ("PPP: the link is looped back to us", .endsSession),
    19: (
      "PPP: the peer does not accept our proof of identity; are our name and secret those that are declared there?",
      .endsSession
    ),
  ]
}

/// The output of pppd while it works: the lines that say why it ends.
struct PPPDaemonOutput {
  /// The last line that tells something.
  private(set) var lastWords: String?
  private var lines = OutputLines()

  /// Takes in output; returns the lines that are complete now, fit to be printed.
  mutating func take(_ octets: some Sequence<UInt8>) -> [String] {
    let lines = lines.take(octets)
    lastWords = lines.last { !PPPDaemonOutput.isIdle($0) } ?? lastWords
    return lines
  }

  /// Whether a line tells nothing of the end: pppd writes it for every link, or after the line that counts.
  private static func isIdle(_ line: String) -> Bool {
    let beginnings = [
      "Plugin ", "Using interface ", "Renamed interface ", "Connect: ", "Connection terminated", "Modem hangup",
      "Connect time ",
      "Sent ", "Exit", "Overriding ", "local ", "remote ", "Cannot determine ethernet address", "Terminating on signal",
      "Serial link appears to be disconnected",
    ]
    return beginnings.contains { line.hasPrefix($0) }
  }
}
