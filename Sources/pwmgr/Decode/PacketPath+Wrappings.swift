import PWCore

// The layers that L2TP may be inside of, besides Ethernet and IP: uplinks by PPPoE, providers' MPLS, tunnels, and the
// mirrors of switches and routers. Each layer counts, so that a frame that is made of nothing else comes to an end.
extension PacketPath {
  /// IP protocols that have something else in them: IP in IP (RFC 2003, RFC 4213), GRE (RFC 2784), ESP (RFC 4303).
  static let wrappings: Set<UInt8> = [4, 41, greProtocol, espProtocol]
  private static let greProtocol: UInt8 = 47
  private static let espProtocol: UInt8 = 50
  private static let maximumLabels = 16
  private static let maximumTZSPTags = 64
  /// UDP ports of TZSP, which mirrors of routers send to, and of VXLAN (RFC 7348).
  private static let tzspPort: UInt16 = 37_008
  private static let vxlanPort: UInt16 = 4_789

  /// Follows the payload of an IP packet whose protocol is one of ``wrappings``.
  static func wrapped(_ octets: ArraySlice<UInt8>, _ transport: UInt8, _ depth: Int) -> End {
    switch transport {
    case espProtocol: .inside("IPsec (ESP)")
    case greProtocol: gre(octets, depth)
    default: packet(octets, depth)
    }
  }

  /// PPPoE's session stage (RFC 2516 section 4): six octets, then PPP.
  static func pppoe(_ octets: ArraySlice<UInt8>, _ depth: Int) -> End {
    guard octets.first ?? 0x11 == 0x11 else { return .other }
    guard octets.count > 6 else { return .short }
    return ppp(octets.dropFirst(6), depth)
  }

  /// PPP without address and control (RFC 1661 section 2); the protocol may be one octet, which is odd then.
  static func ppp(_ octets: ArraySlice<UInt8>, _ depth: Int) -> End {
    guard let first = octets.first, let both = number16(octets, 0) else { return .short }
    let (number, rest) = first & 1 == 1 ? (UInt16(first), octets.dropFirst()) : (both, octets.dropFirst(2))
    switch number {
    case 0x0021, 0x0057: return packet(rest, depth)
    case 0x0281, 0x0283: return mpls(rest, depth + 1)
    // Compressed, encrypted, or a fragment of a multilink bundle.
    case 0x003D, 0x00FD, 0x0053, 0x00FB, 0x0055: return .inside("PPP protocol 0x" + hex(number))
    default: return .other
    }
  }

  /// Labels up to the one at the bottom (RFC 3032 section 2.1), then IP, or an Ethernet frame behind a control word
  /// (RFC 4448 section 4.6): nothing says which.
  static func mpls(_ octets: ArraySlice<UInt8>, _ depth: Int) -> End {
    var rest = octets
    for _ in 0..<maximumLabels {
      guard rest.count > 4 else { return .short }
      let isBottom = rest[rest.startIndex + 2] & 1 == 1
      rest = rest.dropFirst(4)
      guard isBottom, let first = rest.first else { continue }
      switch first >> 4 {
      case 4, 6: return packet(rest, depth)
      case 0:
        let end = ethernet(rest.dropFirst(4), depth)
        switch end {
        case .other: break
        case .datagram, .udp, .fragment, .inside, .short: return end
        }
      default: break
      }
      return .inside("MPLS, with neither IP nor a control word and Ethernet behind the labels")
    }
    return .other
  }

  /// GRE (RFC 2784, RFC 2890), with what ERSPAN puts before the frames of a mirror (its type II has eight octets).
  private static func gre(_ octets: ArraySlice<UInt8>, _ depth: Int) -> End {
    guard let flags = number16(octets, 0), let type = number16(octets, 2) else { return .short }
    guard flags & 0x0007 == 0 else { return .inside("GRE of version \(flags & 0x0007)") }
    let words = [0x8000, 0x2000, 0x1000].count { flags & $0 != 0 }
    let rest = octets.dropFirst(4 + 4 * words)
    if type == 0x88BE { return ethernet(rest.dropFirst(flags & 0x1000 != 0 ? 8 : 0), depth) }
    let end = payload(type, rest, depth)
    if case .other = end, !isNetwork(type) { return .inside("GRE, of type 0x" + hex(type)) }
    return end
  }

  /// Whether a type is one that is looked into, whatever comes of it.
  private static func isNetwork(_ type: UInt16) -> Bool { [0x0800, 0x86DD, 0x6558, 0x8847, 0x8848].contains(type) }

  /// Frames in UDP: a mirror's, or an overlay's; nil for datagrams that are neither.
  static func mirrored(_ port: UInt16, _ datagram: ArraySlice<UInt8>, _ depth: Int) -> End? {
    switch port {
    case vxlanPort where datagram.first ?? 0x08 == 0x08:
      datagram.count > 8 ? ethernet(datagram.dropFirst(8), depth) : .short
    case tzspPort: tzsp(datagram, depth)
    default: nil
    }
  }

  /// TZSP: version 1, type, what is in it (1 is Ethernet), tagged fields up to one that ends them.
  private static func tzsp(_ datagram: ArraySlice<UInt8>, _ depth: Int) -> End? {
    guard datagram.first ?? 1 == 1 else { return nil }
    guard let content = number16(datagram, 2) else { return .short }
    guard content == 1 else { return .inside("TZSP, of type \(content)") }
    var rest = datagram.dropFirst(4)
    for _ in 0..<maximumTZSPTags {
      switch rest.first {
      case 1: return ethernet(rest.dropFirst(), depth)
      case 0: rest = rest.dropFirst()
      case nil: return .short
      case _:
        guard rest.count > 1 else { return .short }
        rest = rest.dropFirst(2 + Int(rest[rest.startIndex + 1]))
      }
    }
    return .other
  }
}
