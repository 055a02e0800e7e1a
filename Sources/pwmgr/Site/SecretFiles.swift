import Glibc
import PWConfig
import PWCore
import PWLinux

/// Looks at the secret files that a site names, without reading a secret.
enum SecretFiles {
  /// The command that asks: `check` runs without privilege and only remarks; `run` needs every secret, and that it is
  /// one.
  enum Purpose {
    case check
    case run
  }

  /// The faults of the secret files of a site, in the order of the file.
  static func diagnostics(for references: [SecretFileReference], purpose: Purpose) -> [Diagnostic] {
    references.compactMap { diagnostic(for: $0, purpose: purpose) }
  }

  private static func diagnostic(for reference: SecretFileReference, purpose: Purpose) -> Diagnostic? {
    // Without O_NONBLOCK a FIFO would hang the command.
    let file: Descriptor
    var status = stat()
    do throws(SystemError) {
      file = try OwnPath(toFile: reference.path, .withoutForeignLinks).open(O_RDONLY | O_NONBLOCK)
      guard fstat(file.rawValue, &status) == 0 else { throw SystemError.last("look at \(reference.path)") }
    } catch {
      return unreadable(reference, error, purpose)
    }
    let title = "secret file \(reference.path) of \(reference.owner)"
    let severity: Diagnostic.Severity =
      switch purpose {
      case .check: .warning
      case .run: .error
      }
    guard status.st_mode & S_IFMT == S_IFREG else {
      return Diagnostic(severity, at: reference.mark, "\(title) is not a regular file; write the secret into one")
    }
    guard status.st_mode & 0o077 == 0 else {
      let mode = String(status.st_mode & 0o777, radix: 8)
      return Diagnostic(
        severity, at: reference.mark,
        "\(title) is open to others (mode \(mode)), and 'pwmgr run' will refuse it; chmod 600 \(reference.path)")
    }
    guard status.st_size > 0 else {
      return Diagnostic(
        severity, at: reference.mark, "\(title) is empty; write the secret into it, or remove 'secret-file'")
    }
    return OwnFile.hazard(of: reference.path).map {
      Diagnostic(.warning, at: reference.mark, "\(title) is not safe from others: \($0)")
    }
  }

  private static func unreadable(
    _ reference: SecretFileReference, _ error: SystemError, _ purpose: Purpose
  ) -> Diagnostic {
    let title = "secret file \(reference.path) of \(reference.owner)"
    let reason = error.words(besides: reference.path)
    // Where the path itself is at fault, that is what there is to say.
    let isForeign = reason != error.reason
    switch (purpose, isForeign ? 0 : error.code) {
    case (.run, 0): return Diagnostic(.error, at: reference.mark, "cannot read \(title): \(reason)")
    case (.run, _):
      return Diagnostic(.error, at: reference.mark, "cannot read \(title): \(reason); make it readable by pwmgr alone")
    case (.check, EACCES), (.check, EPERM):
      return Diagnostic(
        .note, at: reference.mark, "not allowed to read \(title), so it is not checked; 'pwmgr run' needs to read it")
    case (.check, _):
      return Diagnostic(
        .warning, at: reference.mark, "cannot read \(title): \(reason); 'pwmgr run' needs it, readable by nobody else")
    }
  }
}
