import PWCore

/// From a captured frame to the L2TP datagram in it. Checksums are not looked at: captures on the sending host have
/// none.
enum PacketPath {
  /// Where following a frame led.
  enum End {
    /// A datagram from or to port 1701, or of protocol 115.
    case datagram(Finding.Flow, [UInt8])
    /// A UDP datagram of other ports.
    case udp(Finding.Flow, [UInt8])
    /// A fragment that may be part of one.
    case fragment(Fragment)
    /// Something that may have one in it and is not looked into: what, in words.
    case inside(String)
    /// A frame that ends before it can be said what is in it.
    case short
    /// A frame in which no L2TP is found.
    case other
  }

  private static let l2tpPort: UInt16 = 1701
  private static let udpProtocol: UInt8 = 17
  private static let l2tpProtocol: UInt8 = 115
  private static let maximumTags = 4
  private static let maximumExtensionHeaders = 8
  /// Layers that one frame has around its L2TP; further ones are nobody's.
  private static let maximumDepth = 8

  /// Follows a captured frame through its layers down to L2TP.
  static func follow(_ frame: ArraySlice<UInt8>, link: CaptureFile.Link) -> End {
    switch link {
    case .raw, .rawOfOpenBSD, .rawOfOthers, .ipv4, .ipv6: packet(frame, 0)
    // The address family in the byte order of some host: the packet's own version tells as much.
    case .null, .loop: packet(frame.dropFirst(4), 0)
    case .ethernet: ethernet(frame, 0)
    case .linuxCooked: typed(frame, typeAt: 14, 0)
    case .linuxCooked2: number16(frame, 0).map { payload($0, frame.dropFirst(20), 0) } ?? .short
    case .ppp, .pppOfHDLC: ppp(frame.starts(with: [0xFF, 0x03]) ? frame.dropFirst(2) : frame, 0)
    case .pppoe: pppoe(frame, 0)
    }
  }

  /// Follows an Ethernet frame; `depth` is how many layers are around it.
  static func ethernet(_ frame: ArraySlice<UInt8>, _ depth: Int) -> End { typed(frame, typeAt: 12, depth) }

  /// Follows an IP packet: its version says which it is.
  static func packet(_ packet: ArraySlice<UInt8>, _ depth: Int) -> End {
    guard depth < maximumDepth else { return .other }
    return switch packet.first.map({ $0 >> 4 }) {
    case 4: version4(packet, depth)
    case 6: version6(packet, depth)
    case nil: .short
    default: .other
    }
  }

  /// Follows a frame from its EtherType on, past VLAN tags.
  private static func typed(_ frame: ArraySlice<UInt8>, typeAt start: Int, _ depth: Int) -> End {
    var offset = start
    for _ in 0...maximumTags {
      guard let type = number16(frame, offset) else { return .short }
      guard type == 0x8100 || type == 0x88A8 || type == 0x9100 else {
        return payload(type, frame.dropFirst(offset + 2), depth)
      }
      offset += 4
    }
    return .other
  }

  /// Follows the payload that an EtherType announces.
  static func payload(_ type: UInt16, _ octets: ArraySlice<UInt8>, _ depth: Int) -> End {
    guard depth < maximumDepth else { return .other }
    return switch type {
    case 0x0800, 0x86DD: packet(octets, depth)
    case 0x8847, 0x8848: mpls(octets, depth + 1)
    case 0x8864: pppoe(octets, depth + 1)
    case 0x6558: ethernet(octets, depth + 1)
    default: .other
    }
  }

  private static func version4(_ packet: ArraySlice<UInt8>, _ depth: Int) -> End {
    guard packet.count >= 20, let total = number16(packet, 2), let fragment = number16(packet, 6) else { return .short }
    let header = Int(packet[packet.startIndex] & 0x0F) * 4
    let transport = packet[packet.startIndex + 9]
    guard header >= 20, isCarrier(transport) else { return .other }
    guard packet.count >= header else { return .short }
    // A length of 0 is what a host that segments in hardware captures.
    let length = total == 0 ? packet.count : min(packet.count, max(header, Int(total)))
    let payload = packet.prefix(length).dropFirst(header)
    let (source, destination) = (IPAddress.v4(number32(packet, 12)), IPAddress.v4(number32(packet, 16)))
    // More Fragments, or an offset.
    guard fragment & 0x3FFF == 0 else {
      let identification = number16(packet, 4).map(UInt32.init) ?? 0
      return .fragment(
        Fragment(
          packet: .init(
            source: source, destination: destination, transport: transport, identification: identification),
          offset: Int(fragment & 0x1FFF) * 8, isLast: fragment & 0x2000 == 0, octets: payload))
    }
    return end(payload, transport, source, destination, depth)
  }

  private static func version6(_ packet: ArraySlice<UInt8>, _ depth: Int) -> End {
    guard packet.count >= 40, let length = number16(packet, 4) else { return .short }
    let source = address6(packet, 8)
    let destination = address6(packet, 24)
    var next = packet[packet.startIndex + 6]
    var rest = packet.dropFirst(40)
    if length != 0 { rest = rest.prefix(Int(length)) }
    for _ in 0...maximumExtensionHeaders {
      switch next {
      case _ where isCarrier(next): return end(rest, next, source, destination, depth)
      case 44:
        guard rest.count >= 8, let fragment = number16(rest, 2) else { return .short }
        // An offset, or more to come; neither is an atomic fragment (RFC 6946), which is whole.
        guard fragment & 0xFFF9 == 0 else {
          let transport = rest[rest.startIndex]
          guard isCarrier(transport) else { return .other }
          return .fragment(
            Fragment(
              packet: .init(
                source: source, destination: destination, transport: transport,
                identification: number32(rest, 4)),
              offset: Int(fragment & 0xFFF8), isLast: fragment & 1 == 0, octets: rest.dropFirst(8)))
        }
        next = rest[rest.startIndex]
        rest = rest.dropFirst(8)
      case 0, 43, 60:
        guard rest.count >= 8 else { return .short }
        next = rest[rest.startIndex]
        rest = rest.dropFirst(8 + 8 * Int(rest[rest.startIndex + 1]))
      default: return .other
      }
    }
    return .other
  }

  /// Whether an IP protocol may have L2TP in it.
  private static func isCarrier(_ transport: UInt8) -> Bool {
    transport == udpProtocol || transport == l2tpProtocol || wrappings.contains(transport)
  }

  /// Follows the payload of an IP packet, of the protocol `transport`.
  static func end(
    _ payload: ArraySlice<UInt8>, _ transport: UInt8, _ source: IPAddress, _ destination: IPAddress, _ depth: Int = 0
  ) -> End {
    if wrappings.contains(transport) { return wrapped(payload, transport, depth + 1) }
    guard transport == udpProtocol else {
      return .datagram(
        Finding.Flow(
          source: Endpoint(address: source), destination: Endpoint(address: destination), encapsulation: .ip),
        Array(payload))
    }
    guard let from = number16(payload, 0), let to = number16(payload, 2), let length = number16(payload, 4),
      payload.count >= 8
    else { return .short }
    let datagram = Array((length >= 8 ? payload.prefix(Int(length)) : payload).dropFirst(8))
    let flow = Finding.Flow(
      source: Endpoint(address: source, port: from), destination: Endpoint(address: destination, port: to),
      encapsulation: .udp)
    if from == l2tpPort || to == l2tpPort { return .datagram(flow, datagram) }
    return mirrored(to, datagram[...], depth + 1) ?? .udp(flow, datagram)
  }

  static func number16(_ octets: ArraySlice<UInt8>, _ offset: Int) -> UInt16? {
    guard octets.count >= offset + 2 else { return nil }
    return UInt16(octets[octets.startIndex + offset]) << 8 | UInt16(octets[octets.startIndex + offset + 1])
  }

  /// The caller has checked that four octets are there.
  private static func number32(_ octets: ArraySlice<UInt8>, _ offset: Int) -> UInt32 {
    octets.dropFirst(offset).prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
  }

  private static func address6(_ octets: ArraySlice<UInt8>, _ offset: Int) -> IPAddress {
    .v6(
      high: UInt64(number32(octets, offset)) << 32 | UInt64(number32(octets, offset + 4)),
      low: UInt64(number32(octets, offset + 8)) << 32 | UInt64(number32(octets, offset + 12)), zone: nil)
  }
}
