extension Endpoint: CustomStringConvertible {
  /// `192.0.2.1:1701`, `[2001:db8::1]:1701`; without a port, the address.
  public var description: String {
    guard port != 0 else { return address.description }
    return switch address.family {
    case .v4: "\(address):\(port)"
    case .v6: "[\(address)]:\(port)"
    }
  }
}
