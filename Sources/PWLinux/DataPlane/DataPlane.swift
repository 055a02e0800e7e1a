public import PWCore

/// One way to carry L2TPv3 data: the kernel's drivers, a TAP device and sockets of our own, or nothing at all.
///
/// It owns the sockets, because the kernel plane and the userspace plane open them differently (L2TP/IP sockets there, one
/// raw socket for each local address here). Everything below is called on the event loop's thread, and calls back on it.
public protocol DataPlane: AnyObject {
  /// Which one it is.
  var kind: DataPlaneKind { get }
  /// The driver, which hears of control messages, losses and unreachable peers.
  var delegate: (any DataPlaneDelegate)? { get set }
  /// Performs an effect on sockets, tunnels or sessions.
  ///
  /// - Parameters:
  ///   - effect: what to do.
  ///   - completion: called once, later or before this returns.
  func perform(_ effect: PlaneEffect, completion: @escaping (PlaneCompletion) -> Void)
  /// Sends a control message; a failure is the network's (it is retransmitted), and is reported once per cause.
  func send(_ transmission: Transmission)
  /// The control messages sent so far, counted.
  var sentMessages: ControlMessageCounter { get }
  /// Reads the counters of every tunnel and session.
  func readCounters(completion: @escaping (DataPlaneCounters) -> Void)
  /// Reads the same without what each session has carried, and takes no longer for many sessions.
  func readTunnelCounters(completion: @escaping (DataPlaneCounters) -> Void)
  /// The end of a session that carries PPP, for whoever speaks PPP on it; nil where there is none, or where this data plane
  /// carries no PPP.
  func pppChannel(of owner: LinkOwner) -> PPPChannel?
  /// Binds the sockets that are bound to an interface of this name to the one that has it now: the kernel knows an interface
  /// by its index, which a new one has not.
  func bindAgain(toDevice name: String)
  /// Closes every socket and removes every session; nothing is performed after it.
  func stop()
  /// The same, and waits until the interfaces of the sessions are gone, too.
  ///
  /// - Parameters:
  ///   - deadline: when it waits no longer.
  ///   - completion: called once, later or before this returns.
  func stop(waitingUntil deadline: Instant, completion: @escaping () -> Void)
}

extension DataPlane {
  /// Reads all counters: for data planes where that takes no time.
  public func readTunnelCounters(completion: @escaping (DataPlaneCounters) -> Void) {
    readCounters(completion: completion)
  }

  /// Stops: for data planes whose interfaces are gone then.
  public func stop(waitingUntil deadline: Instant, completion: @escaping () -> Void) {
    stop()
    completion()
  }

  /// No PPP: the kernel's own driver is needed for it.
  public func pppChannel(of owner: LinkOwner) -> PPPChannel? { nil }
}

/// The data planes that exist.
public enum DataPlaneKind: String, Codable, Sendable {
  /// Generic netlink `l2tp` (linux/l2tp.h).
  case kernel
  /// TAP and sockets in this process.
  case userspace
  /// No traffic is carried: control connections and sessions are set up without interfaces.
  case null
}

/// The receiver of a data plane's events: control messages, losses, unreachable peers.
public protocol DataPlaneDelegate: AnyObject {
  /// Control messages arrived, in this order.
  func dataPlaneReceived(_ datagrams: [Datagram])
  /// A tunnel or a session is gone without anybody having asked.
  func dataPlaneLost(tunnel: ControlConnectionID, session: SessionID?, reason: String)
  /// A message that was sent through a socket did not get to the peer.
  func dataPlaneDidNotReach(_ socket: SocketID, _ failure: Unreachable)
  /// A data packet came from or to another port than its control connection's.
  func dataPlaneReceivedStray(_ packet: StrayPacket)
  /// Something for the log.
  func dataPlaneNoticed(_ event: Event)
}

/// Packets and octets, by our identifiers.
public struct DataPlaneCounters: Sendable {
  /// The traffic that every session has carried.
  public var sessions: [SessionKey: TrafficCounters]
  /// The traffic that every tunnel has carried, its sessions together.
  public var tunnels: [ControlConnectionID: TrafficCounters]
  /// The path of each tunnel as the routes have it now.
  public var paths: [ControlConnectionID: PathReading] = [:]
  /// The sockets of tunnels whose address no interface has now.
  public var withoutAddress: [SocketID: Unreachable] = [:]

  /// Makes the counters of all sessions and tunnels; the other properties begin empty.
  public init(sessions: [SessionKey: TrafficCounters] = [:], tunnels: [ControlConnectionID: TrafficCounters] = [:]) {
    self.sessions = sessions
    self.tunnels = tunnels
  }
}

/// A session of this machine.
public struct SessionKey: Hashable, Sendable {
  /// Our identifier of the tunnel.
  public var tunnel: ControlConnectionID
  /// Our identifier of the session.
  public var session: SessionID

  /// A session in a tunnel.
  public init(tunnel: ControlConnectionID, session: SessionID) {
    self.tunnel = tunnel
    self.session = session
  }
}
