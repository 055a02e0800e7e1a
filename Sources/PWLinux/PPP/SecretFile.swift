import Glibc

/// A secret, read when it is needed. Its content is never told: errors name the file.
enum SecretFile {
  /// Octets that pppd takes of a secret (MAXSECRETLEN).
  static let maximumOctets = 255

  /// The octets of a file without the newline at its end.
  ///
  /// - Throws: why it cannot be used, with its name and the cure.
  static func read(_ path: String) throws(StepFailure) -> [UInt8] {
    let file: Descriptor
    do throws(SystemError) {
      file = try OwnPath(toFile: path, .withoutForeignLinks).open(O_RDONLY | O_NONBLOCK)
    } catch {
      throw StepFailure(message: "cannot read the secret file \(path): \(error.words(besides: path))")
    }
    var status = stat()
    guard fstat(file.rawValue, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw StepFailure(message: "the secret file \(path) is not a regular file; write the secret into one")
    }
    guard status.st_mode & 0o077 == 0 else {
      throw StepFailure(message: "the secret file \(path) is open to others; chmod 600 \(path)")
    }
    var octets = [UInt8](repeating: 0, count: maximumOctets + 3)
    let count = Glibc.read(file.rawValue, &octets, octets.count)
    guard count >= 0 else {
      throw StepFailure(message: "cannot read the secret file \(path): \(SystemError.words(for: errno))")
    }
    octets.removeLast(octets.count - count)
    while let last = octets.last, last == UInt8(ascii: "\n") || last == UInt8(ascii: "\r") { octets.removeLast() }
    guard !octets.isEmpty else {
      throw StepFailure(message: "the secret file \(path) is empty; write the secret into it")
    }
    guard octets.count <= maximumOctets else {
      throw StepFailure(message: "the secret file \(path) is longer than the \(maximumOctets) octets that PPP allows")
    }
    // To pppd these are the name of a file, and the end of a word.
    guard !octets.starts(with: Array("@/".utf8)), !octets.contains(0) else {
      throw StepFailure(
        message: "the secret in \(path) begins with '@/' or contains a zero octet, which pppd does not accept; change "
          + "it")
    }
    return octets
  }
}
