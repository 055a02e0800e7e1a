import CLinux
import Glibc
import PWCore

/// Socket options by their purpose (socket(7), ip(7), ipv6(7), udp(7)).
enum SocketOptions {
  /// Control messages queue on a socket while nobody reads; at 8 MiB the kernel holds more than ten thousand of them.
  static let receiveBufferOctets: Int32 = 8 << 20

  /// Sets an option whose value is a number.
  static func set(
    _ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Int32, _ attempt: @autoclosure () -> String
  ) throws(SystemError) {
    try Descriptor.setOption(of: descriptor, level, option, value, attempt())
  }

  /// Reads an option whose value is a number; nil when the kernel has none to tell.
  static func number(_ descriptor: Int32, _ level: Int32, _ option: Int32) -> Int? {
    var value: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    guard getsockopt(descriptor, level, option, &value, &length) == 0 else { return nil }
    return Int(value)
  }

  /// Lets the socket hold many messages: beyond the machine's limit where we may, up to it where not.
  static func growReceiveBuffer(_ descriptor: Int32) {
    var octets = receiveBufferOctets
    let length = socklen_t(MemoryLayout<Int32>.size)
    if setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &octets, length) == 0 { return }
    // Without CAP_NET_ADMIN the kernel takes the request and cuts it to net.core.rmem_max.
    _ = setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &octets, length)
  }

  /// Binds the socket to an interface, whatever the routes say.
  static func bind(_ descriptor: Int32, toDevice device: String) throws(SystemError) {
    let name = Array(device.utf8CString)
    guard setsockopt(descriptor, SOL_SOCKET, SO_BINDTODEVICE, name, socklen_t(name.count)) == 0 else {
      throw SystemError.last("bind a socket to the interface \(device)")
    }
  }

  /// Sets the options that every socket that carries L2TP needs.
  ///
  /// Packets may be fragmented on their way: a control message can exceed the path's MTU, and without this the kernel
  /// refuses it (EMSGSIZE). An IPv6 socket leaves IPv4 to another one.
  static func prepare(
    _ descriptor: Int32, _ encapsulation: Encapsulation, _ family: AddressFamily, device: String?,
    outer: OuterHeader = OuterHeader()
  ) throws(SystemError) {
    try fill(descriptor, outer, family)
    switch family {
    case .v4:
      try set(descriptor, IPv4.level, IP_MTU_DISCOVER, IP_PMTUDISC_DONT, "allow fragments")
    case .v6:
      // An L2TP/IP socket of IPv6 has no other way, and refuses the option.
      if encapsulation == .udp { try set(descriptor, IPv6.level, IPV6_V6ONLY, 1, "limit a socket to IPv6") }
      try set(descriptor, IPv6.level, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DONT, "allow fragments")
    }
    if let device { try bind(descriptor, toDevice: device) }
    growReceiveBuffer(descriptor)
  }

  /// Sends something through a socket whole or not at all, whatever the routes say of the path's MTU, and lets packets be
  /// cut again afterwards (IP_PMTUDISC_PROBE of ip(7)). The data packets that the kernel's driver sends through a UDP socket
  /// meanwhile carry no DF: the driver decides that itself.
  ///
  /// - Parameter send: what sends; whether it could.
  static func sendWhole(_ descriptor: Int32, _ family: AddressFamily, _ send: () -> Bool) throws(SystemError) -> Bool {
    try setDiscovery(descriptor, family, v4: IP_PMTUDISC_PROBE, v6: IPV6_PMTUDISC_PROBE)
    // The first attempt may only fetch the error that an ICMP message left behind.
    let isSent = send() || (ErrorQueue.leavesBehind(errno) && send())
    let code = errno
    try setDiscovery(descriptor, family, v4: IP_PMTUDISC_DONT, v6: IPV6_PMTUDISC_DONT)
    errno = code
    return isSent
  }

  private static func setDiscovery(
    _ descriptor: Int32, _ family: AddressFamily, v4: Int32, v6: Int32
  ) throws(SystemError) {
    switch family {
    case .v4: try set(descriptor, IPv4.level, IP_MTU_DISCOVER, v4, "say whether packets may be fragmented")
    case .v6: try set(descriptor, IPv6.level, IPV6_MTU_DISCOVER, v6, "say whether packets may be fragmented")
    }
  }

  /// Has everything that leaves through the socket, the kernel's data packets too, have these fields in its IP header.
  static func fill(_ descriptor: Int32, _ outer: OuterHeader, _ family: AddressFamily) throws(SystemError) {
    if let dscp = outer.dscp {
      let (level, option) = family == .v4 ? (IPv4.level, IP_TOS) : (IPv6.level, IPV6_TCLASS)
      try set(descriptor, level, option, Int32(dscp.trafficClass), "mark packets with DSCP \(dscp.rawValue)")
    }
    if let hopLimit = outer.hopLimit {
      let (level, option) = family == .v4 ? (IPv4.level, IP_TTL) : (IPv6.level, IPV6_UNICAST_HOPS)
      try set(descriptor, level, option, Int32(hopLimit), "send packets with TTL \(hopLimit)")
    }
  }

  /// Has every datagram come with the address that it was sent to.
  static func tellDestination(_ descriptor: Int32, _ family: AddressFamily) throws(SystemError) {
    switch family {
    case .v4: try set(descriptor, IPv4.level, IP_PKTINFO, 1, "ask for the destination of datagrams")
    case .v6:
      try set(descriptor, IPv6.level, IPV6_RECVPKTINFO, 1, "ask for the destination of datagrams")
    }
  }

  /// The MTU of the route that a connected socket uses, in octets.
  static func pathMTU(_ descriptor: Int32, _ family: AddressFamily) -> Int? {
    switch family {
    case .v4: number(descriptor, IPv4.level, IP_MTU)
    case .v6: number(descriptor, IPv6.level, IPV6_MTU)
    }
  }

  /// Our end of a socket.
  static func localEndpoint(_ descriptor: Int32) throws(SystemError) -> Endpoint {
    var address = SocketAddress()
    let result = address.withMutablePointer { getsockname(descriptor, $0, $1) }
    guard result == 0, let endpoint = address.endpoint else { throw SystemError.last("getsockname") }
    return endpoint
  }

  /// The address that the routes would send from towards a destination; no packet is sent.
  static func sourceAddress(
    towards destination: IPAddress, device: String?
  ) throws(SystemError) -> IPAddress {
    let family = destination.family
    let type = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    let probe = try Descriptor.checked(socket(family.systemValue, type, 0), "open a UDP socket")
    if let device { try bind(probe.rawValue, toDevice: device) }
    let address = try SocketAddress(Endpoint(address: destination, port: 1701))
    guard address.withPointer({ connect(probe.rawValue, $0, $1) }) == 0 else {
      throw SystemError.last("find a route to \(destination.display)")
    }
    return try localEndpoint(probe.rawValue).address
  }
}

/// The level of IPv4 socket options.
enum IPv4 {
  /// IPPROTO_IP.
  static let level = Int32(IPPROTO_IP)
}

/// The level of IPv6 socket options.
enum IPv6 {
  /// IPPROTO_IPV6.
  static let level = Int32(IPPROTO_IPV6)
}
