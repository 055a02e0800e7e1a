import CLinux
import CNetlink
import Glibc
import PWCore

/// A TAP device: the interface of a pseudowire's sessions. It goes away with its descriptor.
struct TapDevice: Sendable {
  /// Reads and writes frames, each behind an ``OffloadHeader``; does not block.
  let descriptor: Descriptor
  private let index: Int32
  /// The name that it was made under.
  let name: String

  private static let path = "/dev/net/tun"
  /// TUN_F_CSUM, TUN_F_TSO4, TUN_F_TSO6 (linux/if_tun.h).
  private static let offloads: UInt = 0x01 | 0x02 | 0x04
  /// TUN_F_USO4, TUN_F_USO6: since Linux 6.2.
  private static let datagramOffloads: UInt = 0x20 | 0x40

  /// Makes one, down, without IPv6 autoconfiguration: as a bridge port it wants no address.
  ///
  /// - Parameter name: the whole name; the kernel would fill in a `%d`, so that is refused.
  static func make(name: String) throws(EffectFailure) -> TapDevice {
    guard isName(name) else {
      throw EffectFailure(
        "'\(name)' cannot be the name of an interface: at most 15 octets, without % / : or space", isTemporary: false)
    }
    let descriptor = try openDriver()
    let number = descriptor.rawValue
    // TUN_EXCL: a device of that name that exists belongs to somebody else.
    var request = pw_tun_request(name, Int16(truncatingIfNeeded: IFF_TAP | IFF_NO_PI | IFF_VNET_HDR | IFF_TUN_EXCL))
    guard pw_tun_set_interface(number, &request) == 0 else { throw makeFailure(errno, name) }
    if pw_tun_set_offload(number, offloads | datagramOffloads) != 0, pw_tun_set_offload(number, offloads) != 0 {
      throw EffectFailure(
        "\(name): the kernel's TAP driver refuses segmentation offload: \(SystemError.words(for: errno))")
    }
    InterfaceIPv6.forbid(name)
    return TapDevice(descriptor: descriptor, index: Int32(bitPattern: if_nametoindex(name)), name: name)
  }

  private static func openDriver() throws(EffectFailure) -> Descriptor {
    do throws(SystemError) {
      return try DescriptorReserve.take(open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK), "open \(path)")
    } catch {
      throw openFailure(error.code)
    }
  }

  private static func isName(_ name: String) -> Bool {
    let octets = Array(name.utf8)
    let forbidden = Array("%/ :".utf8)
    return !octets.isEmpty && octets.count < Int(IF_NAMESIZE) && !octets.contains { forbidden.contains($0) }
  }

  /// Removes it; waits until it is gone.
  ///
  /// Closing alone would do, but not at once while a process that was just forked still has a copy of the descriptor.
  func remove() {
    defer { descriptor.close() }
    // Where it has been moved to another namespace, its index may be another link's here.
    guard isInPlace else { return }
    do throws(NetlinkError) {
      try NetlinkSocket(bus: NETLINK_ROUTE).transact(RouteRequests.delete(index, name: name))
    } catch {
      // Somebody else was faster; the descriptor is the last that holds it.
    }
  }

  /// Whether it is where it was made, under its name.
  private var isInPlace: Bool { Int32(bitPattern: if_nametoindex(name)) == index }

  /// Sets it down, and drops the frames that it has queued: nobody reads it until its next session.
  ///
  /// - Returns: whether it may be kept for that. One that somebody else has removed, renamed or moved to another
  ///   network namespace may not, nor one with filters at its hook: where they lead is decided for each session anew,
  ///   and its next one may not go there any more.
  func rest() -> Bool {
    guard isInPlace else { return false }
    var down = LinkSettings()
    down.isUp = false
    do throws(NetlinkError) {
      let socket = try NetlinkSocket(bus: NETLINK_ROUTE)
      try socket.transact(RouteRequests.change(index, name: name, down))
      guard try !hasFilters(socket) else { return false }
    } catch {
      return false
    }
    return dropFrames()
  }

  private func hasFilters(_ socket: NetlinkSocket) throws(NetlinkError) -> Bool {
    do throws(NetlinkError) {
      return try LinkStep.hasFilters(index, name, socket)
    } catch {
      // A kernel without filters.
      guard error.code == EOPNOTSUPP else { throw error }
      return false
    }
  }

  /// Frames that are dropped at most: more than a queue has by default (TUN_READQ_SIZE, 500), and so many that nobody
  /// can still be adding to them.
  private static let mostFramesDropped = 1 << 16

  private func dropFrames() -> Bool {
    // The kernel cuts off what does not fit.
    withUnsafeTemporaryAllocation(byteCount: OffloadHeader.octets + FrameLayout.ethernetOctets, alignment: 8) { room in
      for _ in 0..<TapDevice.mostFramesDropped {
        if read(descriptor.rawValue, room.baseAddress, room.count) < 0 { return errno == EAGAIN }
      }
      return false
    }
  }

  /// Its MTU in octets; nil where it is gone.
  ///
  /// - Parameter socket: any socket of its network namespace.
  func mtuOctets(askedOn socket: Descriptor) -> Int? {
    let octets = pw_interface_mtu(socket.rawValue, index)
    return octets > 0 ? Int(octets) : nil
  }

  /// Why no TAP device can be made here, with the cure; nil when the driver can be opened.
  static func obstacle() -> String? {
    let number = open(path, O_RDWR | O_CLOEXEC)
    guard number >= 0 else { return openFailure(errno).message }
    close(number)
    return nil
  }

  private static func openFailure(_ code: Int32) -> EffectFailure {
    if let shortage = DescriptorReserve.failure(path, code) { return shortage }
    let cure =
      switch code {
      case ENOENT:
        "it is missing: modprobe tun; in a container pass the device in (--device /dev/net/tun)"
      case ENODEV, ENXIO: "this kernel has no TUN/TAP driver: modprobe tun, or a kernel with CONFIG_TUN"
      case EACCES, EPERM:
        "no permission to read and write it: run as root, or chmod 0666 \(path) (the kernel also requires "
          + "CAP_NET_ADMIN)"
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
}
