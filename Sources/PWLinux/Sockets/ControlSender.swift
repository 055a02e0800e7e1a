import CLinux
import Glibc
import PWCore

/// Sends control messages over IP through sockets that carry no data.
///
/// A `sendmsg` on a tunnel's own L2TP/IP socket holds its lock, and the kernel drops the data frames that other processors
/// transmit through it at that moment. The destination's identifier is in the message, and the kernel does not look at
/// the sender's: so one more socket for each local address serves all tunnels there. It is bound to an identifier that nobody
/// was told (0 would clash with a listener), hence receives nothing.
final class ControlSender {
  private struct Place: Hashable {
    var address: IPAddress
    var device: String?
    var outer: OuterHeader
  }

  /// Identifiers tried for a socket before giving up: a clash with one in use has a chance of one in four thousand million.
  private static let attempts = 8
  /// Sockets kept open at most; the addresses of one machine.
  private static let limit = 256

  private var sockets: [Place: Descriptor] = [:]

  /// Sends a message from an address.
  ///
  /// - Returns: 0, or the error number.
  func send(
    _ octets: [UInt8], from address: IPAddress, device: String?, outer: OuterHeader, to destination: Endpoint
  ) throws(SystemError) {
    let socket = try descriptor(for: Place(address: address, device: device, outer: outer))
    let remote = try SocketAddress(destination.address, connectionID: .unknown)
    let count = remote.withPointer { sendto(socket.rawValue, octets, octets.count, 0, $0, $1) }
    guard count < 0 else { return }
    throw SystemError.last("send to \(destination.display)")
  }

  /// Sends a message from an address in one piece, or not at all. An L2TP/IP socket has no way to say so; a raw one has,
  /// and is only there for this message, because it gets a copy of everything that arrives.
  static func sendWhole(
    _ octets: [UInt8], from address: IPAddress, device: String?, outer: OuterHeader, to destination: IPAddress
  ) throws(SystemError) {
    let type = Int32(SOCK_RAW.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    let family = address.family
    let raw = try Descriptor.checked(socket(family.systemValue, type, l2tpProtocol), "open a raw socket")
    if let device { try SocketOptions.bind(raw.rawValue, toDevice: device) }
    try SocketOptions.fill(raw.rawValue, outer, family)
    let here = try SocketAddress(Endpoint(address: address))
    guard here.withPointer({ bind(raw.rawValue, $0, $1) }) == 0 else {
      throw SystemError.last("bind a raw socket to \(address.display)")
    }
    let there = try SocketAddress(Endpoint(address: destination))
    // Session ID 0 says that a control message follows (RFC 3931 section 4.1.1.2).
    let packet = [0, 0, 0, 0] + octets
    let isSent = try SocketOptions.sendWhole(raw.rawValue, family) {
      there.withPointer { sendto(raw.rawValue, packet, packet.count, 0, $0, $1) } >= 0
    }
    guard !isSent else { return }
    throw SystemError.last("send to \(destination.display)")
  }

  /// Closes those that are bound to an interface: another one has its name.
  func forget(device name: String) {
    sockets = sockets.filter { BoundDevice.name(bindDevice: $0.key.device, local: $0.key.address) != name }
  }

  /// Closes all of them.
  func close() { sockets = [:] }

  private func descriptor(for place: Place) throws(SystemError) -> Descriptor {
    if let open = sockets[place] { return open }
    let family = place.address.family
    let descriptor = try ControlSocket.open(.ip, family)
    try SocketOptions.prepare(descriptor.rawValue, .ip, family, device: place.device, outer: place.outer)
    for attempt in 1...ControlSender.attempts {
      let identifier = ControlConnectionID(rawValue: UInt32.random(in: 1 ... .max))
      let address = try SocketAddress(place.address, connectionID: identifier)
      if address.withPointer({ bind(descriptor.rawValue, $0, $1) }) == 0 { break }
      let failure = SystemError.last("bind a socket for control messages to \(place.address.display)")
      guard failure.code == EADDRINUSE, attempt < ControlSender.attempts else { throw failure }
    }
    if sockets.count >= ControlSender.limit { sockets = [:] }
    sockets[place] = descriptor
    return descriptor
  }
}
