import Glibc
import PWCore
import PWLinux

/// Reads shared secrets. Their text is never printed: errors name the file.
enum Secrets {
  /// Octets of a secret file; a longer one is not a secret.
  static let maximumOctets = 4_096

  /// The secrets of a site's tunnels by tunnel name.
  ///
  /// ``SecretFiles`` has looked at the files already: what fails here has changed since.
  static func read(for site: Site) throws(SecretFailure) -> [String: TunnelSecrets] {
    var secrets: [String: TunnelSecrets] = [:]
    for tunnel in site.tunnels {
      guard let authentication = tunnel.authentication, let path = authentication.secretFile else { continue }
      secrets[tunnel.name] = TunnelSecrets(try read(path))
      if let previous = authentication.previousSecretFile { secrets[tunnel.name]?.previous = try read(previous) }
    }
    return secrets
  }

  /// The octets of a file without the newline at its end.
  static func read(_ path: String) throws(SecretFailure) -> [UInt8] {
    let file: Descriptor
    do throws(SystemError) {
      file = try OwnPath(toFile: path, .withoutForeignLinks).open(O_RDONLY | O_NONBLOCK)
    } catch {
      throw SecretFailure(path, error.words(besides: path))
    }
    var octets = [UInt8](repeating: 0, count: maximumOctets + 1)
    let count = Glibc.read(file.rawValue, &octets, octets.count)
    guard count >= 0 else { throw SecretFailure(path, String(cString: strerror(errno))) }
    guard count <= maximumOctets else {
      throw SecretFailure(path, "it is longer than \(maximumOctets) octets; is it the right file?")
    }
    octets.removeLast(octets.count - count)
    while let last = octets.last, last == UInt8(ascii: "\n") || last == UInt8(ascii: "\r") { octets.removeLast() }
    guard !octets.isEmpty else { throw SecretFailure(path, "it is empty; write the shared secret into it") }
    return octets
  }
}

/// Why a secret cannot be had.
struct SecretFailure: Error, CustomStringConvertible {
  /// One line, with the file's name.
  let description: String

  init(_ path: String, _ reason: String) {
    description = "cannot use secret file \(path): \(reason)"
  }
}
