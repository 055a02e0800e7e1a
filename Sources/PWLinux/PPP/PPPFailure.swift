import Glibc

extension PPPKeeper {
  /// Why pppd could not be started, with the cure.
  static func explain(_ error: SystemError) -> String {
    switch error.code {
    case ENOENT: "\(error): pppd is not installed; install the package ppp"
    case EPERM, EACCES: "\(error): run as root, with CAP_SYS_ADMIN (docs/ppp.md has the drop-in for systemd)"
    case _: "\(error)"
    }
  }
}
