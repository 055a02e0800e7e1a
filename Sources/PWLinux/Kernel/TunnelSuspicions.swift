import PWCore

/// Tunnels of which a session has vanished: whether they are gone, too, the kernel tells nobody who does not ask.
///
/// It deletes a tunnel after its sessions, by a worker of its own (l2tp_tunnel_del_work, net/l2tp/l2tp_core.c), so a
/// tunnel that is still there is asked for again, ever later, for half a minute.
struct TunnelSuspicions {
  private struct Suspicion {
    /// Sessions that have vanished and were not told of.
    var lost: [SessionKey] = []
    /// How often it was asked for since the last of them.
    var looks = 0
  }

  private var suspicions: [ControlConnectionID: Suspicion] = [:]

  /// How long sessions that vanish are collected before the first look; each further one comes after twice the time.
  private static let firstDelay = Duration.milliseconds(100)
  private static let maximumLooks = 9

  /// A session has vanished.
  mutating func add(_ key: SessionKey) {
    suspicions[key.tunnel, default: Suspicion()].lost.append(key)
    suspicions[key.tunnel]?.looks = 0
  }

  /// The tunnels to ask for.
  var tunnels: [ControlConnectionID] { Array(suspicions.keys) }

  /// When they are asked for, from now on; nil if there are none.
  var delay: Duration? { suspicions.values.map(\.looks).min().map { Self.firstDelay * (1 << $0) } }

  /// Takes an answer.
  ///
  /// - Returns: the sessions that have vanished since the last one, if their tunnel is still there.
  mutating func take(_ tunnel: ControlConnectionID, exists: Bool) -> [SessionKey] {
    guard exists, var suspicion = suspicions[tunnel] else {
      suspicions[tunnel] = nil
      return []
    }
    let lost = suspicion.lost
    suspicion.lost = []
    suspicion.looks += 1
    suspicions[tunnel] = suspicion.looks < Self.maximumLooks ? suspicion : nil
    return lost
  }

  /// Forgets a tunnel that is ours to delete.
  mutating func forget(_ tunnel: ControlConnectionID) { suspicions[tunnel] = nil }
}
