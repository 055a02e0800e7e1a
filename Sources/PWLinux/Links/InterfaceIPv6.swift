import Glibc

/// Whether an interface takes part in IPv6: `disable_ipv6` in /proc/sys.
///
/// Where IPv6 is off altogether there is nothing to write, and where /proc/sys is read-only (containers) the keeper of
/// the links still switches address generation off.
enum InterfaceIPv6 {
  /// Has a port say nothing of its own in the LAN.
  static func forbid(_ name: String) { write("1", name) }

  /// Lets an interface have an address that is declared for it.
  static func allow(_ name: String) { write("0", name) }

  private static func write(_ value: Unicode.Scalar, _ name: String) {
    let number = open("/proc/sys/net/ipv6/conf/\(name)/disable_ipv6", O_WRONLY | O_CLOEXEC)
    guard number >= 0 else { return }
    let file = Descriptor(owning: number)
    var octet = UInt8(ascii: value)
    _ = Glibc.write(file.rawValue, &octet, 1)
  }
}
