import CLinux
import Glibc

/// A path as the kernel wants it (unix(7)): `sockaddr_un` holds 107 octets and a terminator.
enum UnixSocketAddress {
  /// The longest path, in octets.
  static let maximumPathOctets = 107

  /// Calls `body` with the address of `path`; ENAMETOOLONG when it does not fit.
  ///
  /// A leading `@` means the abstract namespace, as systemd writes it.
  static func with<Result>(
    path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) throws(SystemError) -> Result
  ) throws(SystemError) -> Result {
    var octets = Array(path.utf8)
    guard !octets.isEmpty, octets.count <= maximumPathOctets else {
      throw SystemError(code: ENAMETOOLONG, attempt: "socket path \(path)")
    }
    if octets[0] == UInt8(ascii: "@") { octets[0] = 0 }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: octets) }
    let length = socklen_t(MemoryLayout<sa_family_t>.size + octets.count + (octets[0] == 0 ? 0 : 1))
    var result: Swift.Result<Result, SystemError> = .failure(SystemError(code: EINVAL, attempt: "socket path"))
    withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        do throws(SystemError) {
          result = .success(try body(generic, length))
        } catch {
          result = .failure(error)
        }
      }
    }
    return try result.get()
  }
}
