import Glibc
import PWCore

/// Why the kernel did not send a control message, in either data plane.
struct SendFailure: Equatable {
  /// The error number (errno) of the send call.
  let code: Int32

  /// Whether an interface had the message, and its captures saw it, before it was dropped. To a socket that asks for
  /// errors (IP_RECVERR of ip(7)) a full queue and a cable that was pulled a moment ago are this error; to any other
  /// one they are a success (net_xmit_errno in linux/netdevice.h).
  var isAfterCaptures: Bool { code == ENOBUFS }

  /// The failure as it concerns the way to the peer; nil for one that passes by itself, as a full queue does, or is the
  /// message's own fault.
  var unreachable: Unreachable? {
    switch code {
    case ENETUNREACH: Unreachable("there is no route to it (see `ip route`)")
    case EHOSTUNREACH: Unreachable("nobody answers at that address, or there is no route to it")
    case ENETDOWN: .linkDown
    // The routing code says the second of a source address that is nobody's (ip_route_output_key_hash_rcu).
    case EADDRNOTAVAIL, EINVAL: .withoutAddress
    case EPERM, EACCES: Unreachable("this machine's own firewall forbids it")
    default: nil
    }
  }

  /// The event for the log, told once.
  func event(to destination: Endpoint) -> Event {
    Event(
      .warning, .sendFault, fields: [.address(destination.display)],
      "cannot send control messages to \(destination.display): \(words); trying again")
  }

  /// The event for a packet in pieces, told once for a socket.
  static func inPieces(_ error: SystemError, to destination: Endpoint) -> Event {
    Event(
      .notice, .sendFault, fields: [.address(destination.display)],
      "whether fragments get to \(destination.display) is not known, because \(Unreachable.inPieces.reason): \(error)")
  }

  private var words: String {
    if isAfterCaptures { return "this machine's own interface dropped it: its queue is full, or its cable was pulled" }
    return unreachable?.reason ?? SystemError.words(for: code)
  }
}
