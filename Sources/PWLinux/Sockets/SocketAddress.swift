import CLinux
import Glibc
public import PWCore

/// A socket address as the kernel takes it (ip(7), ipv6(7), linux/l2tp.h), from and to the engine's values.
public struct SocketAddress: Sendable {
  /// The octets, the family's structure at their start.
  private var storage: sockaddr_storage
  /// How many of them count.
  private(set) var length: socklen_t

  /// An address to be filled in by the kernel.
  init() {
    storage = sockaddr_storage()
    length = socklen_t(MemoryLayout<sockaddr_storage>.size)
  }

  /// An address and a UDP port.
  ///
  /// - Throws: ENODEV when the zone of a link-local address names an interface that is not there.
  public init(_ endpoint: Endpoint) throws(SystemError) {
    storage = sockaddr_storage()
    switch endpoint.address {
    case .v4(let number):
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = endpoint.port.bigEndian
      address.sin_addr.s_addr = number.bigEndian
      length = socklen_t(MemoryLayout<sockaddr_in>.size)
      store(address)
    case .v6(let high, let low, let zone):
      var address = sockaddr_in6()
      address.sin6_family = sa_family_t(AF_INET6)
      address.sin6_port = endpoint.port.bigEndian
      address.sin6_addr = in6_addr(high: high, low: low)
      address.sin6_scope_id = try SocketAddress.interfaceIndex(of: zone)
      length = socklen_t(MemoryLayout<sockaddr_in6>.size)
      store(address)
    }
  }

  /// An address of an L2TP/IP socket: the identifier that it receives for, or the peer's.
  ///
  /// - Throws: ENODEV when the zone of a link-local address names an interface that is not there.
  init(_ address: IPAddress, connectionID: ControlConnectionID) throws(SystemError) {
    storage = sockaddr_storage()
    switch address {
    case .v4(let number):
      var address = pw_sockaddr_l2tpip()
      address.l2tp_family = sa_family_t(AF_INET)
      address.l2tp_addr.s_addr = number.bigEndian
      address.l2tp_conn_id = connectionID.rawValue
      length = socklen_t(MemoryLayout<pw_sockaddr_l2tpip>.size)
      store(address)
    case .v6(let high, let low, let zone):
      var address = pw_sockaddr_l2tpip6()
      address.l2tp_family = sa_family_t(AF_INET6)
      address.l2tp_addr = in6_addr(high: high, low: low)
      address.l2tp_scope_id = try SocketAddress.interfaceIndex(of: zone)
      address.l2tp_conn_id = connectionID.rawValue
      length = socklen_t(MemoryLayout<pw_sockaddr_l2tpip6>.size)
      store(address)
    }
  }

  /// The address that getaddrinfo(3) found; nil when it is larger than any address.
  init?(_ found: addrinfo) {
    self.init()
    guard let address = found.ai_addr, found.ai_addrlen <= length else { return nil }
    let octets = Int(found.ai_addrlen)
    withUnsafeMutableBytes(of: &storage) { $0.copyMemory(from: UnsafeRawBufferPointer(start: address, count: octets)) }
    length = found.ai_addrlen
  }

  /// The address and port; nil for another family. The port of an L2TP/IP address, which has none, is 0.
  var endpoint: Endpoint? {
    switch Int32(storage.ss_family) {
    case AF_INET:
      let address = load(as: sockaddr_in.self)
      return Endpoint(address: .v4(address.sin_addr.s_addr.bigEndian), port: address.sin_port.bigEndian)
    case AF_INET6:
      // An L2TP/IP address has the same layout up to its identifier, with zero where the port is.
      let address = load(as: sockaddr_in6.self)
      return Endpoint(
        address: address.sin6_addr.address(scope: address.sin6_scope_id), port: address.sin6_port.bigEndian)
    default:
      return nil
    }
  }

  /// Lends the octets, which are a `sockaddr`, to a library that takes such an address.
  public func withOctets<Result>(_ body: (UnsafeRawPointer) -> Result) -> Result {
    withUnsafePointer(to: storage) { body(UnsafeRawPointer($0)) }
  }

  /// Lends the address to a system call that reads it.
  func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    withUnsafePointer(to: storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
    }
  }

  /// Lends the address to a system call that fills it in and tells its length.
  mutating func withMutablePointer<Result>(
    _ body: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Result
  ) -> Result {
    withUnsafeMutablePointer(to: &storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, &length) }
    }
  }

  private mutating func store<Address>(_ address: Address) {
    withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: address, as: Address.self) }
  }

  private func load<Address>(as type: Address.Type) -> Address {
    withUnsafeBytes(of: storage) { $0.loadUnaligned(as: type) }
  }

  private static func interfaceIndex(of zone: IPAddress.Zone?) throws(SystemError) -> UInt32 {
    guard let zone else { return 0 }
    let index = if_nametoindex(zone.name)
    guard index != 0 else { throw SystemError(code: ENODEV, attempt: "find the interface \(zone)") }
    return index
  }
}

extension in6_addr {
  /// The 16 octets from two halves.
  init(high: UInt64, low: UInt64) {
    self.init()
    withUnsafeMutableBytes(of: &self) { octets in
      octets.storeBytes(of: high.bigEndian, toByteOffset: 0, as: UInt64.self)
      octets.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
    }
  }

  /// The engine's value; a scope counts for a link-local address only.
  func address(scope: UInt32) -> IPAddress {
    withUnsafeBytes(of: self) { octets in
      let high = octets.loadUnaligned(fromByteOffset: 0, as: UInt64.self).bigEndian
      let low = octets.loadUnaligned(fromByteOffset: 8, as: UInt64.self).bigEndian
      let isLinkLocal = high >> 54 == 0x3FA  // fe80::/10
      return .v6(high: high, low: low, zone: isLinkLocal ? interfaceName(of: scope).flatMap { .init($0) } : nil)
    }
  }
}

/// The name of an interface by its index, nil when there is none.
func interfaceName(of index: UInt32) -> String? {
  guard index != 0 else { return nil }
  return withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(IF_NAMESIZE)) { buffer in
    guard let start = buffer.baseAddress, if_indextoname(index, start) != nil else { return nil }
    return String(cString: start)
  }
}

extension IPAddress {
  /// The address in its usual text form, for messages.
  var display: String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { buffer in
      guard let start = buffer.baseAddress else { return "?" }
      switch self {
      case .v4(let number):
        var address = in_addr(s_addr: number.bigEndian)
        inet_ntop(AF_INET, &address, start, socklen_t(buffer.count))
        return String(cString: start)
      case .v6(let high, let low, let zone):
        var address = in6_addr(high: high, low: low)
        inet_ntop(AF_INET6, &address, start, socklen_t(buffer.count))
        return String(cString: start) + (zone.map { "%" + $0.name } ?? "")
      }
    }
  }

  /// All zeros: any address of the machine.
  static func any(_ family: AddressFamily) -> IPAddress {
    switch family {
    case .v4: .v4(0)
    case .v6: .v6(high: 0, low: 0, zone: nil)
    }
  }

  /// Whether it is all zeros.
  var isAny: Bool { self == .any(family) }
}

extension Endpoint {
  /// The endpoint as people write it: `192.0.2.1:1701`, `[2001:db8::1]:1701`, or the bare address over IP.
  var display: String {
    switch (address, port) {
    case (_, 0): address.display
    case (.v4, _): "\(address.display):\(port)"
    case (.v6, _): "[\(address.display)]:\(port)"
    }
  }
}

extension AddressFamily {
  /// AF_INET or AF_INET6.
  var systemValue: Int32 {
    switch self {
    case .v4: AF_INET
    case .v6: AF_INET6
    }
  }
}
