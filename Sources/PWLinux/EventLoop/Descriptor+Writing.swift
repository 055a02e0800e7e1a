import Glibc

extension Descriptor {
  /// Writes all of it to a file. A disk that has room for the beginning alone takes that first: only the call for the
  /// rest says why it failed.
  ///
  /// - Parameter attempt: what is written, for people.
  public func write(
    _ octets: some Sequence<UInt8>, _ attempt: @autoclosure () -> String
  ) throws(SystemError) {
    var rest = Array(octets)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(rawValue, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw SystemError.last(attempt()) }
      rest = rest.dropFirst(count)
    }
  }
}
