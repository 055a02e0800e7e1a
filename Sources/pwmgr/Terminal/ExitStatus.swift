import ArgumentParser

/// The exit codes of every command; the rest of the sysexits numbers are left to the argument parser (64).
enum ExitStatus: Int32 {
  /// A site file with errors, a message that is malformed, a demonstration that failed, a replay that differs.
  case failure = 1
  /// `plan`: the file would change something.
  case changes = 2
  /// `status`: the daemon answers, and some pseudowire does not forward, or a bridge is not as declared. `apply`: a
  /// pseudowire that forwarded before the change does not afterwards. `doctor`: there is a problem.
  case notForwarding = 3
  /// `try`: the former site came back.
  case rolledBack = 4
  /// `try`: the former site came back, and a pseudowire that forwarded before does not.
  case rollbackIncomplete = 5
  /// A file cannot be read.
  case noInput = 66
  /// Something that the command needs is not there: no daemon answers, the machine lacks a data plane.
  case unavailable = 69
  /// The system refused something that it usually grants.
  case systemFault = 71
  /// Another process is changing the site, or one is on trial.
  case busy = 75
  /// The user lacks a privilege that the command needs.
  case noPermission = 77

  /// The error that a command throws to end with this code.
  var exit: ExitCode {
    ExitCode(rawValue)
  }
}
