import Glibc
import PWCore

/// Why a socket cannot have its address (EADDRNOTAVAIL), or has no way to its peer (ENETUNREACH, EHOSTUNREACH), where
/// VRFs explain it.
///
/// The kernel says no more than that the address is not there; people who look for it find it on an interface.
struct PlaceFailure {
  /// The interface that the socket is bound to.
  var device: String?
  /// The VRF which that leads into; nil is the default VRF.
  var deviceVRF: String?
  /// Whether it is a socket of the kernel's L2TP over IP, which looks for its address in the default VRF whatever the
  /// socket is bound to (`l2tp_ip_bind` in net/l2tp/l2tp_ip.c, `l2tp_ip6_bind` in l2tp_ip6.c).
  var isDefaultOnly: Bool

  /// The cures where the kernel's L2TP over IP cannot be in a VRF.
  private static let otherWays = "`encapsulation: udp` at both ends, or `data-plane: userspace`"
  /// The same, as a sentence's end.
  private static let defaultOnlyWords = "the kernel's L2TP over IP supports only the default VRF"

  /// Why an address cannot be had, and the cure.
  ///
  /// - Parameter holders: the links that have it.
  func words(holders: [AddressHolder]) -> String {
    guard let holder = holders.first(where: { $0.vrf == deviceVRF }) ?? holders.first else {
      return "no interface has this address (yet); `ip address` lists the addresses"
    }
    switch holder.vrf {
    case let vrf? where vrf == deviceVRF && isDefaultOnly:
      return "\(holder.link) has this address in the VRF \(vrf), and \(Self.defaultOnlyWords); write \(Self.otherWays)"
    case deviceVRF:
      return "\(holder.link) has this address and it cannot be used (yet); "
        + "`ip address show dev \(holder.link)` says why"
    case let vrf?:
      let instead = device.map { " in place of `bind-device: \($0)`" } ?? ""
      let more = isDefaultOnly ? ", and \(Self.otherWays): \(Self.defaultOnlyWords)" : ""
      return "\(holder.link) has this address in the VRF \(vrf); write `bind-device: \(vrf)`\(instead)\(more)"
    case nil:
      let (device, vrf) = (device ?? "", deviceVRF ?? "")
      return "\(holder.link) has this address in the default VRF, and `bind-device: \(device)` leads into the VRF "
        + "\(vrf); remove `bind-device`, or `ip link set \(holder.link) master \(vrf)`"
    }
  }

  /// The VRFs that a peer can be reached in, as a cure for having no route to it.
  ///
  /// - Parameter vrfs: those that have a route to it.
  /// - Returns: nil where none has.
  static func words(reachedIn vrfs: [String]) -> String? {
    guard let first = vrfs.first else { return nil }
    let others = vrfs.dropFirst().map { " or `\($0)`" }.joined()
    return "there is one in the VRF \(vrfs.joined(separator: " and in ")); write `bind-device: \(first)`\(others)"
  }
}

extension PlaceFailure {
  /// Asks the kernel why a socket cannot have an address. Nothing is known of it where the kernel cannot be asked.
  static func explain(_ address: IPAddress?, device: String?, isDefaultOnly: Bool) -> String {
    guard let address, let inquiry = try? VRFInquiry() else {
      return PlaceFailure(device: device, deviceVRF: nil, isDefaultOnly: isDefaultOnly).words(holders: [])
    }
    let vrf = device.flatMap { try? inquiry.vrf(ofDevice: $0) }
    return PlaceFailure(device: device, deviceVRF: vrf, isDefaultOnly: isDefaultOnly)
      .words(holders: (try? inquiry.holders(of: address)) ?? [])
  }

  /// Whether the kernel says that there is no route.
  static func isWithoutRoute(_ error: SystemError) -> Bool { error.code == ENETUNREACH || error.code == EHOSTUNREACH }

  /// That there is no route to a peer, and the cure: the kernel is asked for a VRF that has one, where the default VRF
  /// has none.
  static func explain(unreachable peer: IPAddress, device: String?) -> String {
    let vrfs = device == nil ? (try? VRFInquiry().names()) ?? [] : []
    let cure = words(reachedIn: vrfs.filter { (try? SocketOptions.sourceAddress(towards: peer, device: $0)) != nil })
    return "there is no route to \(peer.display) (yet): \(cure ?? "see `ip route`")"
  }
}
