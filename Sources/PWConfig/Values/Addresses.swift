import PWCore

/// Addresses, peers and router ids.
enum Addresses {
  /// An address that a socket can be bound to.
  static func local(_ scalar: Scalar) throws(ValueFault) -> IPAddress {
    guard let address = IPAddress(scalar.text) else {
      throw ValueFault(
        "'\(scalar.text)' is not an address; write one like 192.0.2.1 or 2001:db8::1, without port or prefix length")
    }
    guard !address.isUnspecified else {
      throw ValueFault(
        "'\(scalar.text)' is not the address of an interface; leave 'local' out, and the route to the peer decides")
    }
    return try unicast(address, scalar.text)
  }

  /// `any`, an address, a prefix, or a name.
  static func peer(_ scalar: Scalar) throws(ValueFault) -> TunnelDeclaration.Peer {
    let text = scalar.text
    if text == "any", scalar.isPlain { return .any }
    if let address = IPAddress(text) {
      guard !address.isUnspecified else {
        throw ValueFault("'\(text)' is not the address of a host; write 'any' for a peer from anywhere")
      }
      return .address(try unicast(address, text))
    }
    if let slash = text.firstIndex(of: "/"), !text.contains("%") {
      return .prefix(try prefix(text, text[..<slash], text[text.index(after: slash)...]))
    }
    guard !text.contains(":"), !looksLikeIPv4(text) else {
      throw ValueFault(
        "'\(text)' is not an address; write one like 192.0.2.2 or 2001:db8::2, without port or prefix length")
    }
    return .name(try Names.host(text))
  }

  /// One of several addresses and names of one peer.
  static func peerHost(_ scalar: Scalar) throws(ValueFault) -> PeerHost {
    switch try peer(scalar) {
    case .address(let address): return .address(address)
    case .name(let name): return .name(name)
    case .prefix, .any, .list:
      throw ValueFault(
        "'\(scalar.text)' is not one peer's address, and cannot be in a list; write 'peer: \(scalar.text)' alone, or "
          + "remove it from the list")
    }
  }

  /// A prefix, whose address has no bits beyond its length.
  private static func prefix(
    _ text: String, _ address: Substring, _ length: Substring
  ) throws(ValueFault) -> IPPrefix {
    guard let address = IPAddress(String(address)), case .some(let bits) = decimal(String(length)),
      let prefix = IPPrefix(containing: address, lengthBits: Int(bits))
    else {
      throw ValueFault("'\(text)' is not a prefix; write one like 192.0.2.0/24 or 2001:db8::/32")
    }
    guard bits != 0 else { throw ValueFault("'\(text)' contains every address; write 'any' for a peer from anywhere") }
    guard prefix.address == address else {
      throw ValueFault("'\(text)' has bits beyond its length; write '\(prefix)', or the address alone")
    }
    guard !address.isMulticast else { throw ValueFault("'\(text)' are multicast addresses; write those of hosts") }
    return prefix
  }

  /// A router id: like an IPv4 address, or a number.
  static func routerID(_ scalar: Scalar) throws(ValueFault) -> UInt32 {
    let value: UInt32? =
      if case .v4(let number)? = IPAddress(scalar.text) { number } else { decimal(scalar.text) }
    guard let value, value != 0 else {
      throw ValueFault(
        "'\(scalar.text)' is not a router id; write one like 192.0.2.1, or a number from 1 to 4294967295")
    }
    return value
  }

  /// An address of an interface, with its prefix length.
  static func ofInterface(_ scalar: Scalar) throws(ValueFault) -> InterfaceAddress {
    guard let address = InterfaceAddress(scalar.text) else {
      throw ValueFault(InterfaceAddress.fault(of: scalar.text) ?? "'\(scalar.text)' is not an address")
    }
    return address
  }

  /// A MAC address that an interface can have.
  static func mac(_ scalar: Scalar) throws(ValueFault) -> MACAddress {
    guard let address = MACAddress(scalar.text) else {
      throw ValueFault("'\(scalar.text)' is not a MAC address; write six octets like 02:00:00:00:00:01")
    }
    guard address.isOneInterface else {
      throw ValueFault(
        "'\(scalar.text)' is the address of a group, or zero, and not of an interface; write one whose first octet is "
          + "even"
      )
    }
    return address
  }

  /// A number of 32 bits in decimal digits alone.
  static func decimal(_ text: String) -> UInt32? {
    guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return UInt32(text)
  }

  private static func unicast(_ address: IPAddress, _ text: String) throws(ValueFault) -> IPAddress {
    guard !address.isMulticast else { throw ValueFault("'\(text)' is a multicast address; write that of one host") }
    if case .v6(0, let low, _) = address, low >> 32 == 0xFFFF {
      throw ValueFault("'\(text)' is an IPv4 address in IPv6 form; write it as an IPv4 address")
    }
    if case .v6(_, _, nil) = address, address.isLinkLocal {
      throw ValueFault("'\(text)' is link-local and needs its interface; write '\(text)%eth0'")
    }
    return address
  }

  private static func looksLikeIPv4(_ text: String) -> Bool {
    text.contains(".")
      && text.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "/") }
  }
}

extension KeyType where Value == IPAddress {
  /// An address that a socket can be bound to.
  static var localAddress: KeyType { KeyType("address", read: Addresses.local) }
}

extension KeyType where Value == TunnelDeclaration.Peer {
  /// `any`, an address, a prefix, or a name.
  static var peer: KeyType { KeyType("address, host name, prefix or `any`", read: Addresses.peer) }
}

extension KeyType where Value == PeerHost {
  /// One of several addresses and names of one peer.
  static var peerHost: KeyType { KeyType("address or host name", read: Addresses.peerHost) }
}

extension KeyType where Value == UInt32 {
  /// A router id: like an IPv4 address, or a number.
  static var routerID: KeyType { KeyType("dotted or decimal number", read: Addresses.routerID) }
}

extension KeyType where Value == InterfaceAddress {
  /// An address of an interface, with its prefix length.
  static var interfaceAddress: KeyType {
    KeyType("address with prefix length", read: Addresses.ofInterface)
  }
}

extension KeyType where Value == MACAddress {
  /// A MAC address that an interface can have.
  static var macAddress: KeyType { KeyType("MAC address", read: Addresses.mac) }
}

extension IPAddress {
  /// 0.0.0.0 or ::.
  var isUnspecified: Bool {
    switch self {
    case .v4(let number): number == 0
    case .v6(let high, let low, _): high == 0 && low == 0
    }
  }

  /// RFC 5771 (and the limited broadcast address above it), RFC 4291 section 2.7.
  var isMulticast: Bool {
    switch self {
    case .v4(let number): number >= 0xE000_0000
    case .v6(let high, _, _): high >> 56 == 0xFF
    }
  }

  /// fe80::/10 (RFC 4291 section 2.5.6).
  var isLinkLocal: Bool {
    switch self {
    case .v4: false
    case .v6(let high, _, _): high >> 54 == 0x3FA
    }
  }
}
