import Glibc
import PWCore

/// Explains the refusals of the kernel's L2TP to the operator.
enum KernelFailure {
  /// A request on a tunnel, in words, with the cure.
  static func explain(tunnel error: NetlinkError, _ request: TunnelRequest) -> EffectFailure {
    switch error.code {
    case ENOENT: noFamily(error)
    case EPERM: noPrivilege(error)
    case EEXIST: EffectFailure("\(error): another program has a tunnel with this identifier; `ip l2tp show tunnel`")
    case EBUSY: EffectFailure("\(error): the socket carries another tunnel, or something else in the kernel")
    case EPROTONOSUPPORT: noEncapsulation(error, request.encapsulation)
    case _: EffectFailure("\(error)")
    }
  }

  /// A request on a session, in words, with the cure.
  static func explain(session error: NetlinkError, _ request: SessionRequest) -> EffectFailure {
    switch error.code {
    case ENOENT: noFamily(error)
    case EPERM: noPrivilege(error)
    case EPROTONOSUPPORT, EAFNOSUPPORT: noDriver(error, request.payload)
    case ENODEV: EffectFailure("\(error): the kernel's tunnel \(request.tunnelID.rawValue) is gone")
    case EEXIST where request.payload == .ppp:
      EffectFailure("\(error): another program has a session with this identifier; `ip l2tp show session`")
    case EEXIST:
      EffectFailure(
        "\(error): an interface named \(request.interfaceName), or a session with the identifier "
          + "\(request.localID.rawValue), exists and is not ours, or the kernel is still removing it; if it stays, "
          + "remove it, or give the pseudowire another `interface`")
    case _: DescriptorReserve.failure(error.attempt, error.code) ?? EffectFailure("\(error)")
    }
  }

  /// Why a session cannot be made at all; nil when the kernel may be asked. It accepts nonsense without a word.
  static func check(_ request: SessionRequest) -> EffectFailure? {
    guard request.localID != .unknown, request.peerID != .unknown else {
      return EffectFailure("a session cannot be made before both identifiers are known", isTemporary: false)
    }
    guard request.sublayer == .standard || !request.isSequenced else {
      return EffectFailure(
        "sequence numbers travel in the L2-Specific Sublayer; `sublayer: default` or no `sequencing`",
        isTemporary: false)
    }
    guard request.segmentLimit == nil else {
      return EffectFailure(
        "the kernel's data plane cannot lower the MSS of TCP connections; remove `mss`, or run with "
          + "`data-plane: userspace`",
        isTemporary: false)
    }
    return nil
  }

  /// Why a socket cannot be as it is asked for; nil when it can.
  static func check(_ request: SocketRequest) -> EffectFailure? {
    guard request.copiesDSCP else { return nil }
    return EffectFailure(
      "the kernel's data plane cannot mark packets like those inside; write another `dscp`, or run with `data-plane: "
        + "userspace`", isTemporary: false)
  }

  private static func noFamily(_ error: NetlinkError) -> EffectFailure {
    EffectFailure("\(error): the kernel has no L2TP; modprobe l2tp_eth, or `data-plane: userspace`")
  }

  private static func noPrivilege(_ error: NetlinkError) -> EffectFailure {
    EffectFailure("\(error): run as root, or with CAP_NET_ADMIN", isTemporary: false)
  }

  private static func noEncapsulation(_ error: NetlinkError, _ encapsulation: Encapsulation) -> EffectFailure {
    switch encapsulation {
    case .udp: EffectFailure("\(error): the kernel has no L2TP over UDP; modprobe l2tp_core")
    case .ip: EffectFailure("\(error): the kernel has no L2TP over IP; modprobe l2tp_ip l2tp_ip6")
    }
  }

  private static func noDriver(_ error: NetlinkError, _ payload: PseudowirePayload) -> EffectFailure {
    switch payload {
    case .ethernet: EffectFailure("\(error): the kernel has no Ethernet over L2TP; modprobe l2tp_eth")
    case .ppp:
      EffectFailure(
        "\(error): the kernel has no PPP over L2TP; modprobe l2tp_ppp, or run a kernel that has it (Debian's has)")
    }
  }
}
