import Glibc

/// A system call that failed: which one, upon what, and why.
public struct SystemError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The error number (errno.h).
  public var code: Int32
  /// The attempt that failed, for people: "bind to 192.0.2.1:1701".
  public var attempt: String
  /// Whether the attempt says all: it was not made, for a reason of ours, which stands there with the cure.
  public private(set) var isRefusal = false

  /// A failure with an error number that is already known.
  public init(code: Int32, attempt: String) {
    self.code = code
    self.attempt = attempt
  }

  /// An attempt that is not made.
  ///
  /// - Parameters:
  ///   - attempt: what it was, why it is not made, and the cure.
  ///   - code: the error number that a caller takes it for.
  static func refusal(_ attempt: String, code: Int32 = EPERM) -> SystemError {
    var error = SystemError(code: code, attempt: attempt)
    error.isRefusal = true
    return error
  }

  /// A failure of the call that has just returned: takes `errno`, so nothing may stand between the call and this.
  public static func last(_ attempt: @autoclosure () -> String) -> SystemError {
    let code = errno
    return SystemError(code: code, attempt: attempt())
  }

  /// The C library's words for the error number.
  public var reason: String { SystemError.words(for: code) }

  /// One line: "bind to 192.0.2.1:1701: Address already in use".
  public var description: String { isRefusal ? attempt : "\(attempt): \(reason)" }

  /// The C library's words for an error number.
  public static func words(for code: Int32) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer in
      guard let start = buffer.baseAddress else { return "error \(code)" }
      buffer.initialize(repeating: 0)
      return strerror_r(code, start, buffer.count) == 0 ? String(cString: start) : "error \(code)"
    }
  }
}
