import PWCore
import Synchronization

/// How the data thread speaks to the event loop's.
///
/// Control messages that wait there are bounded: a stranger may send more than the engine reads.
final class Reporter: Sendable {
  /// The most octets of control messages that may wait for the engine: as much as a socket would have held.
  private static let mostWaitingOctets = 8 << 20
  /// The octets that each message counts besides its own.
  private static let overheadOctets = 256

  private let waitingOctets = Atomic<Int>(0)
  private let post: @Sendable (Report) -> Void

  /// A message of the data thread to the event loop's thread.
  enum Report: Sendable {
    case received(Datagram)
    case lost(ControlConnectionID, SessionID?, reason: String)
    case unreached(SocketID, Unreachable)
    case strayed(StrayPacket)
    case noticed(Event)
  }

  /// - Parameter post: hands a report to the other thread, where it calls ``taken(_:)`` for every datagram.
  init(post: @escaping @Sendable (Report) -> Void) {
    self.post = post
  }

  /// Hands a control message over, or drops it like a full socket would.
  func receive(_ datagram: Datagram) {
    let octets = datagram.octets.count + Reporter.overheadOctets
    guard waitingOctets.add(octets, ordering: .relaxed).newValue <= Reporter.mostWaitingOctets else {
      waitingOctets.subtract(octets, ordering: .relaxed)
      return
    }
    post(.received(datagram))
  }

  /// A control message has been taken by the engine.
  func taken(_ datagram: Datagram) {
    waitingOctets.subtract(datagram.octets.count + Reporter.overheadOctets, ordering: .relaxed)
  }

  /// A tunnel or session is gone.
  func lose(_ tunnel: ControlConnectionID, _ session: SessionID?, reason: String) {
    post(.lost(tunnel, session, reason: reason))
  }

  /// A message that was sent through a socket did not get to the peer.
  func miss(_ socket: SocketID, _ failure: Unreachable) { post(.unreached(socket, failure)) }

  /// A data packet came from or to another port than its session's.
  func stray(_ packet: StrayPacket) { post(.strayed(packet)) }

  /// Something for the log.
  func notice(_ event: Event) { post(.noticed(event)) }
}
