import Glibc
import PWConfig
import PWCore

/// Looks at the secret files that a site names, without reading a secret.
enum SecretFiles {
  /// Who asks: `check` runs without privilege and only remarks; `run` needs every secret, and that it is one.
  enum Purpose {
    case check
    case run
  }

  /// What is wrong with the secret files of a site, in the order of the file.
  static func diagnostics(for references: [SecretFileReference], purpose: Purpose) -> [Diagnostic] {
    references.compactMap { diagnostic(for: $0, purpose: purpose) }
  }

  private static func diagnostic(for reference: SecretFileReference, purpose: Purpose) -> Diagnostic? {
    // Without O_NONBLOCK a FIFO would hang the command.
    let descriptor = open(reference.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return unreadable(reference, errno, purpose) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return unreadable(reference, errno, purpose) }
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
    return nil
  }

  private static func unreadable(
    _ reference: SecretFileReference, _ code: Int32, _ purpose: Purpose
  ) -> Diagnostic {
    let title = "secret file \(reference.path) of \(reference.owner)"
    let reason = String(cString: strerror(code))
    switch (purpose, code) {
    case (.run, _):
      return Diagnostic(.error, at: reference.mark, "cannot read \(title): \(reason); make it readable for pwmgr alone")
    case (.check, EACCES), (.check, EPERM):
      return Diagnostic(
        .note, at: reference.mark, "not allowed to read \(title), so it is not checked; 'pwmgr run' needs to read it")
    case (.check, _):
      return Diagnostic(
        .warning, at: reference.mark, "cannot read \(title): \(reason); 'pwmgr run' needs it, for nobody else to read")
    }
  }
}
