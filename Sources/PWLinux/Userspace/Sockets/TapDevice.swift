import CLinux
import Glibc
import PWCore

/// A TAP device: the interface of a session. It goes away with its descriptor.
enum TapDevice {
  private static let path = "/dev/net/tun"
  /// TUN_F_CSUM, TUN_F_TSO4, TUN_F_TSO6 (linux/if_tun.h).
  private static let offloads: UInt = 0x01 | 0x02 | 0x04
  /// TUN_F_USO4, TUN_F_USO6: since Linux 6.2.
  private static let datagramOffloads: UInt = 0x20 | 0x40

  /// Makes one, down, without IPv6 autoconfiguration: as a bridge port it wants no address.
  ///
  /// - Parameter name: the whole name; the kernel would fill in a `%d`, so that is refused.
  /// - Returns: its descriptor, which does not block, and what the operator should know.
  static func make(name: String) throws(EffectFailure) -> (descriptor: Descriptor, warning: String?) {
    guard !name.isEmpty, name.utf8.count < Int(IFNAMSIZ), !name.contains(where: { "%/ :".contains($0) }) else {
      throw EffectFailure(
        "'\(name)' cannot be the name of an interface: at most 15 octets, without % / : or space", isTemporary: false)
    }
    let number = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK)
    guard number >= 0 else { throw openFailure(errno) }
    let descriptor = Descriptor(owning: number)
    // TUN_EXCL: a device of that name that exists belongs to somebody else.
    var request = pw_tun_request(name, Int16(truncatingIfNeeded: IFF_TAP | IFF_NO_PI | IFF_VNET_HDR | IFF_TUN_EXCL))
    guard pw_tun_set_interface(number, &request) == 0 else { throw makeFailure(errno, name) }
    if pw_tun_set_offload(number, offloads | datagramOffloads) != 0, pw_tun_set_offload(number, offloads) != 0 {
      throw EffectFailure(
        "\(name): the kernel's TAP driver refuses segmentation offload: \(SystemError.words(for: errno))")
    }
    return (descriptor, switchOffIPv6(name))
  }

  /// Why no TAP device can be made here, with the cure; nil when the driver can be opened.
  static func obstacle() -> String? {
    let number = open(path, O_RDWR | O_CLOEXEC)
    guard number >= 0 else { return openFailure(errno).message }
    close(number)
    return nil
  }

  private static func openFailure(_ code: Int32) -> EffectFailure {
    let cure =
      switch code {
      case ENOENT:
        "it is missing: modprobe tun; in a container pass the device in (--device /dev/net/tun)"
      case ENODEV, ENXIO: "this kernel has no TUN/TAP driver: modprobe tun, or a kernel with CONFIG_TUN"
      case EACCES, EPERM:
        "no permission to read and write it: run as root, or chmod 0666 \(path) (the kernel asks for CAP_NET_ADMIN besides)"
      default: SystemError.words(for: code)
      }
    return EffectFailure("\(path): \(cure)", isTemporary: code != EACCES && code != EPERM)
  }

  private static func makeFailure(_ code: Int32, _ name: String) -> EffectFailure {
    let cure =
      switch code {
      case EBUSY, EEXIST, EINVAL:
        "an interface of that name exists already: remove it (ip link del \(name)) or choose another name"
      case EPERM, EACCES:
        "not permitted to make interfaces: run as root, or with CAP_NET_ADMIN in this network namespace"
      default: SystemError.words(for: code)
      }
    return EffectFailure("TAP device \(name): \(cure)", isTemporary: code != EPERM && code != EACCES)
  }

  /// Writes `disable_ipv6`; where IPv6 is off altogether there is nothing to write.
  private static func switchOffIPv6(_ name: String) -> String? {
    let setting = "/proc/sys/net/ipv6/conf/\(name)/disable_ipv6"
    let number = open(setting, O_WRONLY | O_CLOEXEC)
    guard number >= 0 else {
      return errno == ENOENT
        ? nil : "\(name) gets IPv6 addresses of its own: \(setting): \(SystemError.words(for: errno))"
    }
    let file = Descriptor(owning: number)
    var one: UInt8 = UInt8(ascii: "1")
    guard write(file.rawValue, &one, 1) == 1 else {
      return "\(name) gets IPv6 addresses of its own: \(setting): \(SystemError.words(for: errno))"
    }
    return nil
  }
}
