import ArgumentParser
import Glibc
import PWCore
import PWLinux

/// One end of an Ethernet pseudowire over the userspace data plane, without a control connection: two of these, in two network
/// namespaces, measure the plane alone.
struct PlanePair: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Carries one Ethernet pseudowire between two fixed addresses until SIGTERM, then prints its counters.")

  @Option(help: "Our IP address.") var local: String
  @Option(help: "The peer's IP address.") var remote: String
  @Option(help: "UDP port of both ends; 0 is IP protocol 115.") var port: UInt16 = 1701
  @Option(help: "The name of the TAP device.") var tap = "pw0"
  @Option(help: "Octets of cookie: 0, 4 or 8.") var cookie = 8
  @Flag(help: "Use the default L2-Specific Sublayer.") var sublayer = false
  @Flag(help: "Number the frames.") var sequenced = false

  func validate() throws {
    guard IPAddress(local) != nil, IPAddress(remote) != nil else {
      throw ValidationError("--local and --remote are IPv4 or IPv6 addresses")
    }
  }

  func run() throws {
    guard let local = IPAddress(local), let remote = IPAddress(remote) else { return }
    let loop = try EventLoop()
    // Before any other thread is made, so that the signals reach this one.
    try loop.watchSignals([SIGTERM, SIGINT]) { _ in loop.stop() }
    let plane = try UserspaceDataPlane(loop: loop)
    let witness = Witness()
    plane.delegate = witness
    for effect in effects(local, remote) {
      plane.perform(effect) { completion in
        guard let failure = completion.failure else { return }
        print("planepair: \(failure.message)")
        Glibc.exit(1)
      }
    }
    try loop.run()
    plane.readCounters { counters in
      for (key, traffic) in counters.sessions { print("session \(key.session.rawValue): \(traffic)") }
      loop.stop()
    }
    try loop.run()
    plane.stop()
  }

  private func effects(_ local: IPAddress, _ remote: IPAddress) -> [PlaneEffect] {
    let encapsulation = port == 0 ? Encapsulation.ip : .udp
    let socket = SocketID(rawValue: 1)
    let tunnel = ControlConnectionID(rawValue: 1)
    let peer = Endpoint(address: remote, port: port)
    let octets = (0..<cookie).map { UInt8($0 + 1) }
    return [
      .openSocket(
        EffectID(rawValue: 1), socket,
        SocketRequest(
          encapsulation: encapsulation, family: local.family, local: local, localPort: port, bindDevice: nil,
          connectionID: tunnel, remote: peer)),
      .connectSocket(EffectID(rawValue: 1), socket, to: peer, peerID: tunnel),
      .change(
        EffectID(rawValue: 1),
        .createTunnel(
          TunnelRequest(socket: socket, encapsulation: encapsulation, localID: tunnel, peerID: tunnel, remote: peer))),
      .change(
        EffectID(rawValue: 2),
        .createSession(
          SessionRequest(
            tunnelID: tunnel, localID: SessionID(rawValue: 1), peerID: SessionID(rawValue: 1), payload: .ethernet,
            interfaceName: tap, receiveCookie: Cookie(octets: octets), transmitCookie: Cookie(octets: octets),
            sublayer: sublayer || sequenced ? .standard : .none, isSequenced: sequenced,
            owner: LinkOwner(tunnel: "planepair", pseudowire: tap)))),
    ]
  }
}

/// Prints what the plane has to say.
private final class Witness: DataPlaneDelegate {
  func dataPlaneReceived(_ datagrams: [Datagram]) {
    for datagram in datagrams { print("control message of \(datagram.octets.count) octets") }
  }
  func dataPlaneLost(tunnel: ControlConnectionID, session: SessionID?, reason: String) { print("lost: \(reason)") }
  func dataPlaneDidNotReach(_ socket: SocketID, _ failure: Unreachable) { print("not reached: \(failure.reason)") }
  func dataPlaneReceivedStray(_ packet: StrayPacket) { print("data from or to another port: \(packet.source)") }
  func dataPlaneNoticed(_ event: Event) { print(event.message) }
}
