import PWCore

/// The code point that a tunnel's packets are marked with.
enum PacketMarking {
  /// The same code point on every packet.
  case fixed(DSCP)
  /// That of the packet inside.
  case inherited
}

extension KeyType where Value == PacketMarking {
  /// A code point by its number or its name, or `inherit`.
  static var packetMarking: KeyType {
    KeyType("number, 0 to \(DSCP.maximum), name, or `inherit`") { (scalar) throws(ValueFault) in
      let word = scalar.text.lowercased()
      if word == "inherit" { return .inherited }
      guard let dscp = DSCP(name: word) ?? UInt8(scalar.text).flatMap(DSCP.init(rawValue:)) else {
        throw ValueFault(
          "'\(scalar.text)' is not a DSCP; write a number from 0 to \(DSCP.maximum), or a name like 'ef', 'cs6' "
            + "or 'af41', or 'inherit'")
      }
      return .fixed(dscp)
    }
  }
}
