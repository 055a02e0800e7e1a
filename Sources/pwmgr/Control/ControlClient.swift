import FoundationEssentials
import Glibc
import PWLinux

/// Asks the daemon over its control socket.
struct ControlClient {
  /// Where the daemon listens.
  let path: String
  /// Whether the answers are believed of any process: else only of root, and of the user who asks.
  var isTrusted = true

  /// Sends one request and returns the whole answer.
  ///
  /// - Parameter timeoutSeconds: the longest wait for it.
  func ask(
    _ request: ControlRequest, timeoutSeconds: Int = Self.timeoutSeconds
  ) throws(ControlFailure) -> Data {
    let answer: [UInt8]
    do throws(SystemError) {
      answer = try UnixSocketClient.exchange(
        path: path, request: Array("\(request.line)\n".utf8), timeoutSeconds: timeoutSeconds,
        maximumOctets: Self.maximumAnswerOctets, ofAnybody: isTrusted)
    } catch {
      throw ControlFailure(
        message: Self.explanation(of: error, path: path, timeoutSeconds),
        isNobodyThere: error.code == ENOENT || error.code == ECONNREFUSED)
    }
    guard !answer.isEmpty else {
      throw ControlFailure(
        message: "the daemon at \(path) closed the connection without an answer: it is ending, or is of an "
          + "older version than this pwmgr (\(Version.number)) and has to be restarted; see its journal")
    }
    return Data(answer)
  }

  private static func explanation(of error: SystemError, path: String, _ timeoutSeconds: Int) -> String {
    switch error.code {
    case ENOENT, ECONNREFUSED:
      "no daemon answers at \(path): start it with 'pwmgr run SITE.yaml', or name its socket with --control-socket"
    case UnixSocketClient.isForeign:
      "the process that listens at \(path) is neither root's nor yours: its word is not enough for this"
    case EACCES, EPERM:
      "permission denied for \(path): be root, or a member of the site's 'control-group'"
    case ETIMEDOUT, EAGAIN:
      "the daemon at \(path) does not answer within \(timeoutSeconds) seconds: see its journal"
    default:
      "cannot ask the daemon at \(path): \(error)"
    }
  }

  /// The complaint about an answer without its end.
  static let cutOff = "the daemon's answer is cut off: it has ended, or was ended, meanwhile"

  static let timeoutSeconds = 10
  private static let maximumAnswerOctets = 64 << 20
}
