/// An IPv4 or IPv6 address, with the scope that a link-local IPv6 address needs.
///
/// Text goes in and out in `IPAddressText.swift`: PWCore calls no C library.
public enum IPAddress: Hashable, Sendable {
  /// The 32-bit address as a number, most significant octet first on the wire.
  case v4(UInt32)
  /// The upper and lower 64 bits, and the name of the interface that scopes a link-local address (`fe80::1%eth0`).
  case v6(high: UInt64, low: UInt64, zone: Zone?)

  /// Which family the address belongs to.
  public var family: AddressFamily {
    switch self {
    case .v4: .v4
    case .v6: .v6
    }
  }
}

/// IPv4 or IPv6.
public enum AddressFamily: Hashable, Codable, Sendable {
  /// IPv4.
  case v4
  /// IPv6.
  case v6
}

/// Where a datagram comes from or goes to.
public struct Endpoint: Hashable, Codable, Sendable {
  /// The IPv4 or IPv6 address of the host.
  public var address: IPAddress
  /// The UDP port; 0 for L2TP directly over IP.
  public var port: UInt16

  /// An address and a UDP port (0 over IP).
  public init(address: IPAddress, port: UInt16 = 0) {
    self.address = address
    self.port = port
  }
}

/// How L2TPv3 packets travel (RFC 3931 section 4.1).
public enum Encapsulation: Hashable, Codable, Sendable, CaseIterable {
  /// UDP, port 1701 at the responder.
  case udp
  /// IP protocol 115.
  case ip
}
