import Glibc

/// A request that the kernel refused, with its own words where it has some (NETLINK_EXT_ACK).
struct NetlinkError: Error, Equatable, CustomStringConvertible {
  /// The error number, positive (errno.h).
  var code: Int32
  /// The kernel's extended acknowledgement.
  var kernelText: String?
  /// The attempt that failed: "create the session 17 in tunnel 4".
  var attempt: String

  /// One line: "attach eth1 to br-lan: Device or resource busy (Device is a member of a bond)".
  var description: String {
    "\(attempt): \(SystemError.words(for: code))" + (kernelText.map { " (\($0))" } ?? "")
  }

  init(code: Int32, kernelText: String? = nil, attempt: String) {
    self.code = code
    self.kernelText = kernelText
    self.attempt = attempt
  }

  init(_ error: SystemError) {
    self.init(code: error.code, attempt: error.attempt)
  }
}
