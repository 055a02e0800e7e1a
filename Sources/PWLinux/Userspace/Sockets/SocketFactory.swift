import CLinux
import Glibc
import PWCore

/// Opens the sockets of the userspace data plane, and says in words why one cannot be opened.
enum SocketFactory {
  /// The size of send buffers, in octets: a few milliseconds of a 10 Gbit/s path.
  private static let sendBufferOctets: Int32 = 4 << 20
  /// IP protocol 115 (RFC 3931 section 4.1.1).
  private static let l2tp: Int32 = 115

  /// A UDP socket, bound as asked, not connected.
  static func udp(_ request: SocketRequest, local: IPAddress) throws(EffectFailure) -> Descriptor {
    let what = "UDP port \(request.localPort) of \(local.display)"
    let place = Place(local: local, device: request.boundDevice, portKeys: request.portKeys)
    return try explaining(what, place) { () throws(SystemError) in
      let descriptor = try open(SOCK_DGRAM, 0, request.family, device: request.bindDevice, outer: request.outerHeader)
      // A listener and the connected sockets of responders share port 1701.
      if request.localPort != 0 { try SocketOptions.set(descriptor.rawValue, SOL_SOCKET, SO_REUSEADDR, 1, what) }
      // Where the kernel cannot gather datagrams (before Linux 5.0), each comes by itself.
      try? SocketOptions.set(descriptor.rawValue, Int32(SOL_UDP), UDP_GRO, 1, what)
      try bind(descriptor, Endpoint(address: local, port: request.localPort))
      return descriptor
    }
  }

  /// A raw socket for IP protocol 115, bound to an address or to any.
  static func raw(_ local: IPAddress, device: String?) throws(EffectFailure) -> Descriptor {
    let place = Place(local: local, device: BoundDevice.name(bindDevice: device, local: local))
    return try explaining("L2TP over IP at \(local.display)", place) { () throws(SystemError) in
      let descriptor = try open(SOCK_RAW, l2tp, local.family, device: device)
      try bind(descriptor, Endpoint(address: local))
      return descriptor
    }
  }

  /// Finds out whether there is a route to a peer; nothing is sent.
  static func requireRoute(to remote: IPAddress, from local: IPAddress, device: String?) throws(EffectFailure) {
    let place = Place(local: local, remote: remote, device: BoundDevice.name(bindDevice: device, local: local))
    try explaining("the route to \(remote.display)", place) { () throws(SystemError) in
      let descriptor = try open(SOCK_DGRAM, 0, remote.family, device: device)
      try bind(descriptor, Endpoint(address: local))
      try connect(descriptor, Endpoint(address: remote, port: 1701))
    }
  }

  /// The address to bind: the given one, or the one that the route to the peer takes, or any.
  static func localAddress(for request: SocketRequest) throws(EffectFailure) -> IPAddress {
    if let local = request.local { return local }
    guard let remote = request.remote else { return .any(request.family) }
    let place = Place(remote: remote.address, device: request.boundDevice)
    return try explaining("the route to \(remote.address.display)", place) { () throws(SystemError) in
      try SocketOptions.sourceAddress(towards: remote.address, device: request.bindDevice)
    }
  }

  /// Connects a socket to the peer that answered.
  static func connect(_ descriptor: Descriptor, _ remote: Endpoint) throws(SystemError) {
    let address = try SocketAddress(remote)
    guard address.withPointer({ Glibc.connect(descriptor.rawValue, $0, $1) }) == 0 else {
      throw SystemError.last("connect to \(remote.display)")
    }
  }

  private static func open(
    _ type: __socket_type, _ transport: Int32, _ family: AddressFamily, device: String?,
    outer: OuterHeader = OuterHeader()
  ) throws(SystemError) -> Descriptor {
    let flags = Int32(type.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    let descriptor = try DescriptorReserve.take(socket(family.systemValue, flags, transport), "open a socket")
    try SocketOptions.prepare(
      descriptor.rawValue, transport == l2tp ? .ip : .udp, family, device: device, outer: outer)
    try SocketOptions.tellDestination(descriptor.rawValue, family)
    try ErrorQueue.enable(descriptor.rawValue, family)
    // Beyond net.core.wmem_max only with CAP_NET_ADMIN; what is granted without it is enough to work.
    try? SocketOptions.set(descriptor.rawValue, SOL_SOCKET, SO_SNDBUFFORCE, sendBufferOctets, "grow the send buffer")
    return descriptor
  }

  private static func bind(_ descriptor: Descriptor, _ local: Endpoint) throws(SystemError) {
    let address = try SocketAddress(local)
    guard address.withPointer({ Glibc.bind(descriptor.rawValue, $0, $1) }) == 0 else {
      throw SystemError.last("bind to \(local.display)")
    }
  }

  /// Where a socket was to be, as far as that explains why it cannot be there.
  struct Place {
    /// The local address; nil when the operation does not involve it.
    var local: IPAddress?
    /// The peer's address; nil when the operation does not involve it.
    var remote: IPAddress?
    /// The interface that it is bound to.
    var device: String?
    /// The keys of the site file that can give it its port.
    var portKeys: [String] = []
  }

  /// Turns the kernel's refusal into words with a cure.
  static func explaining<Value>(
    _ what: String, _ place: Place = Place(), _ body: () throws(SystemError) -> Value
  ) throws(EffectFailure) -> Value {
    do throws(SystemError) { return try body() } catch { throw failure(error, what, place) }
  }

  private static func failure(_ error: SystemError, _ what: String, _ place: Place) -> EffectFailure {
    if let shortage = DescriptorReserve.failure("\(what): \(error.attempt)", error.code) { return shortage }
    if PlaceFailure.isWithoutRoute(error), let remote = place.remote {
      return EffectFailure(PlaceFailure.explain(unreachable: remote, device: place.device))
    }
    let isTemporary = error.code != EACCES && error.code != EPERM && error.code != EAFNOSUPPORT
    let cure =
      switch error.code {
      case EADDRINUSE:
        "another program has it: stop that (ss -ulpn shows which), or give another "
          + (["`local`"] + place.portKeys).joined(separator: " or ")
      case EADDRNOTAVAIL: PlaceFailure.explain(place.local, device: place.device, isDefaultOnly: false)
      case EACCES, EPERM: "not permitted: run as root or with CAP_NET_RAW"
      case ENODEV: "the interface is not there (yet)"
      case EAFNOSUPPORT: "this kernel does not speak that address family"
      default: error.reason
      }
    return EffectFailure("\(what): \(error.attempt): \(cure)", isTemporary: isTemporary)
  }
}
