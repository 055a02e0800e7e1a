extension IPAddress {
  /// The interface that scopes a link-local address, by its name (RFC 4007 section 11).
  ///
  /// It holds the octets themselves and not a string: each message that comes or goes has two addresses, and what needs
  /// no reference count is copied at no cost.
  public struct Zone: Hashable, Sendable {
    /// The octets of the longest name of an interface (`IFNAMSIZ` of linux/if.h, without the zero at its end).
    public static let maximumOctets = 15

    /// The octets, the first one most significant, zeros behind the last.
    private var octets: (UInt64, UInt64)

    /// The zone of this name; nil if no interface can have it.
    public init?(_ name: String) {
      let octets = name.utf8
      guard (1...Self.maximumOctets).contains(octets.count), !octets.contains(0) else { return nil }
      self.octets = (0, 0)
      for (place, octet) in octets.enumerated() {
        let value = UInt64(octet) << UInt64(56 - 8 * (place % 8))
        if place < 8 { self.octets.0 |= value } else { self.octets.1 |= value }
      }
    }

    /// The name of the interface as text.
    public var name: String {
      let all = [octets.0, octets.1].flatMap { half in
        stride(from: UInt64(56), through: 0, by: -8).map { UInt8(truncatingIfNeeded: half >> $0) }
      }
      return String(decoding: all.prefix { $0 != 0 }, as: UTF8.self)
    }

    /// Whether both are one interface.
    public static func == (left: Zone, right: Zone) -> Bool { left.octets == right.octets }

    /// Hashes the octets of the name.
    public func hash(into hasher: inout Hasher) {
      hasher.combine(octets.0)
      hasher.combine(octets.1)
    }
  }
}

extension IPAddress.Zone: CustomStringConvertible {
  /// The name of the interface, without the `%` that precedes it in an address.
  public var description: String { name }
}

extension IPAddress.Zone: ExpressibleByStringLiteral {
  /// A name in the source, which an interface can have.
  public init(stringLiteral name: String) {
    guard let zone = Self(name) else { preconditionFailure("'\(name)' is not the name of an interface") }
    self = zone
  }
}
