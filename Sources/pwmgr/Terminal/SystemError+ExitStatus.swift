import Glibc
import PWLinux

extension SystemError {
  /// The code of a command that ends because of it.
  var exitStatus: ExitStatus { [EACCES, EPERM].contains(code) ? .noPermission : .systemFault }
}
