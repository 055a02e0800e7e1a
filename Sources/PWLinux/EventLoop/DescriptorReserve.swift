import Glibc
import PWCore

/// Descriptors that tunnels and sessions leave to everything else. There may be thousands of them, each with a socket
/// or an interface that it keeps; were the last descriptor theirs, nobody could ask for the status, and no file be
/// written.
enum DescriptorReserve {
  /// How many are left: for clients of the control socket, files that are read and written anew, netlink, and looks at
  /// the routes.
  static let most = 32
  /// Of a process that may have few, this part: one in so many.
  private static let part = 4

  /// Takes a descriptor for a tunnel or a session. The kernel hands out the lowest number that is free, so a high one
  /// says that nearly all below it are in use.
  ///
  /// - Parameters:
  ///   - number: what the system call returned.
  ///   - attempt: what was opened, for people.
  /// - Throws: the call's failure, or EMFILE where the descriptor is one of those to be left.
  static func take(_ number: Int32, _ attempt: @autoclosure () -> String) throws(SystemError) -> Descriptor {
    let descriptor = try Descriptor.checked(number, attempt())
    guard leaves(number, of: limit) else { throw SystemError(code: EMFILE, attempt: attempt()) }
    return descriptor
  }

  /// Whether a descriptor with this number leaves enough of a limit.
  static func leaves(_ number: Int32, of limit: Int) -> Bool { Int(number) < limit - min(most, limit / part) }

  /// The message for people about a descriptor that could not be had (EMFILE, ENFILE); nil for any other failure.
  static func failure(_ what: String, _ code: Int32) -> EffectFailure? {
    let shortage: String
    switch code {
    case EMFILE: shortage = "too many open files; the limit is \(limit): raise LimitNOFILE of the unit, or `ulimit -n`"
    case ENFILE: shortage = "too many open files on the whole machine; raise it with `sysctl fs.file-max`"
    default: return nil
    }
    return EffectFailure("\(what): \(shortage)", shortage: shortage)
  }

  /// How many descriptors the process may have now.
  private static var limit: Int {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return .max }
    return Int(clamping: limit.rlim_cur)
  }
}
