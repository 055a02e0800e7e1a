import CLinux
import Glibc
import PWCore

/// One socket that control messages come in by: a listener, or a control connection's own (UDP, or L2TP/IP as linux/l2tp.h and
/// net/l2tp/l2tp_ip.c have it).
final class ControlSocket {
  /// How it was asked for.
  let request: SocketRequest
  /// The descriptor; the data plane closes it after it has taken the socket out of ``ControlSockets``.
  let descriptor: Descriptor
  /// Our end; the address is all zeros for a listener on every address.
  private(set) var local: Endpoint
  /// The peer, once connected.
  private(set) var remote: Endpoint?
  /// The error that was reported last, so that each cause is told once.
  var lastReportedError: Int32?
  /// Whether it was told that packets cannot be sent in pieces.
  var hasReportedPieces = false
  private var pathMTU: PathMTU

  /// Opens and binds a socket.
  ///
  /// - Parameters:
  ///   - request: what for.
  ///   - sharesPort: whether a socket of ours holds the UDP port already. Where none does, binding without SO_REUSEADDR finds out
  ///     whether somebody else has it; afterwards the port may be shared with the sockets that we connect later.
  ///   - routes: the way to ask the kernel for the path to the peer.
  init(_ request: SocketRequest, sharesPort: Bool, routes: RouteInquiry) throws(SystemError) {
    self.request = request
    pathMTU = PathMTU(presumedOctets: EngineLimits.presumedPathMTUOctets, routes: routes)
    let family = request.family
    descriptor = try ControlSocket.open(request.encapsulation, family)
    try SocketOptions.prepare(
      descriptor.rawValue, request.encapsulation, family, device: request.bindDevice,
      outer: request.outerHeader)
    // An L2TP/IP socket hears of no errors (net/l2tp/l2tp_ip.c has no handler for them).
    if request.encapsulation == .udp { try ErrorQueue.enable(descriptor.rawValue, family) }
    let address = try ControlSocket.localAddress(for: request)
    if address.isAny { try SocketOptions.tellDestination(descriptor.rawValue, family) }
    switch request.encapsulation {
    case .udp:
      if sharesPort { try ControlSocket.sharePort(descriptor) }
      try ControlSocket.bind(
        descriptor, try SocketAddress(Endpoint(address: address, port: request.localPort)), request)
      try ControlSocket.sharePort(descriptor)
      local = try SocketOptions.localEndpoint(descriptor.rawValue)
    case .ip:
      try ControlSocket.bind(descriptor, try SocketAddress(address, connectionID: request.connectionID), request)
      local = Endpoint(address: address)
    }
  }

  /// Opens a socket of an encapsulation and a family, close-on-exec and not blocking.
  static func open(_ encapsulation: Encapsulation, _ family: AddressFamily) throws(SystemError) -> Descriptor {
    let type = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    switch encapsulation {
    case .udp: return try DescriptorReserve.take(socket(family.systemValue, type, 0), "open a UDP socket")
    case .ip:
      let number = socket(family.systemValue, type, l2tpProtocol)
      return try DescriptorReserve.take(number, "open an L2TP/IP socket")
    }
  }

  /// The address that the socket is bound to: the one asked for, the route's choice, or any.
  static func localAddress(for request: SocketRequest) throws(SystemError) -> IPAddress {
    if let local = request.local { return local }
    guard let remote = request.remote else { return .any(request.family) }
    return try SocketOptions.sourceAddress(towards: remote.address, device: request.bindDevice)
  }

  private static func sharePort(_ descriptor: Descriptor) throws(SystemError) {
    try SocketOptions.set(descriptor.rawValue, SOL_SOCKET, SO_REUSEADDR, 1, "share a UDP port")
  }

  private static func bind(
    _ descriptor: Descriptor, _ address: SocketAddress, _ request: SocketRequest
  ) throws(SystemError) {
    guard address.withPointer({ Glibc.bind(descriptor.rawValue, $0, $1) }) == 0 else {
      throw SystemError.last("bind to \(address.endpoint?.display ?? "an address")")
    }
  }

  /// Connects the socket, so that it receives from this peer only, and the kernel will carry data through it.
  ///
  /// - Returns: the largest packet, IP header included, that the path is known to pass, in octets.
  func connect(to peer: Endpoint, peerID: ControlConnectionID) throws(SystemError) -> Int {
    let address =
      switch request.encapsulation {
      case .udp: try SocketAddress(peer)
      case .ip: try SocketAddress(peer.address, connectionID: peerID)
      }
    guard address.withPointer({ Glibc.connect(descriptor.rawValue, $0, $1) }) == 0 else {
      throw SystemError.last("connect to \(peer.display)")
    }
    remote = peer
    if request.encapsulation == .udp { local = try SocketOptions.localEndpoint(descriptor.rawValue) }
    return path.mtuOctets
  }

  /// That no interface had the local address when the path was last looked at.
  var absence: Unreachable? { pathMTU.absence }

  /// The path to the peer as the routes have it now.
  var path: PathReading {
    guard let remote else { return pathMTU.found }
    return pathMTU.refresh(
      to: remote, over: request.encapsulation, from: local.address, device: request.bindDevice)
  }
}

/// IPPROTO_L2TP (linux/l2tp.h): does not come through the importer.
let l2tpProtocol: Int32 = 115
