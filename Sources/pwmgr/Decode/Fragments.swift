import PWCore

/// A piece of an IP packet that was cut on its way (RFC 791 section 3.2, RFC 8200 section 4.5).
struct Fragment {
  /// The fields that the pieces of one packet have in common.
  struct Packet: Hashable {
    var source: IPAddress
    var destination: IPAddress
    var transport: UInt8
    var identification: UInt32
  }

  var packet: Packet
  /// Where it begins in the packet's payload, in octets.
  var offset: Int
  /// Whether it is the last one.
  var isLast: Bool
  var octets: ArraySlice<UInt8>
}

/// Puts the pieces of IP packets together, of so many packets at a time: the oldest unfinished one gives way.
struct Fragments {
  /// Unfinished packets at a time.
  static let maximumPackets = 64
  /// Pieces of one packet: more are not kept.
  static let maximumPieces = 128
  /// Octets of a packet's payload: nothing begins or ends beyond.
  static let maximumOctets = 65_535

  /// A packet that lacks something.
  private struct Unfinished {
    var packet: Fragment.Packet
    var origin: Finding.Origin
    var pieces: [Fragment]
  }

  /// In the order of their first pieces.
  private var unfinished: [Unfinished] = []
  /// Where the packets began that gave way.
  private var displaced: [Finding.Origin] = []

  /// Keeps a piece of an IP packet until the packet is whole.
  ///
  /// - Returns: the payload of its packet, if it was the one that was missing.
  mutating func take(_ fragment: Fragment, at origin: Finding.Origin) -> ArraySlice<UInt8>? {
    let index = place(of: fragment.packet, at: origin)
    let isKept =
      unfinished[index].pieces.count < Self.maximumPieces
      && fragment.offset + fragment.octets.count <= Self.maximumOctets
    if isKept { unfinished[index].pieces.append(fragment) }
    guard let whole = Self.whole(unfinished[index].pieces) else { return nil }
    unfinished.remove(at: index)
    return whole
  }

  /// Where those packets began that something is missing of.
  var incomplete: [Finding.Origin] { displaced + unfinished.map(\.origin) }

  private mutating func place(of packet: Fragment.Packet, at origin: Finding.Origin) -> Int {
    if let known = unfinished.firstIndex(where: { $0.packet == packet }) { return known }
    if unfinished.count >= Self.maximumPackets { displaced.append(unfinished.removeFirst().origin) }
    unfinished.append(Unfinished(packet: packet, origin: origin, pieces: []))
    return unfinished.count - 1
  }

  /// The pieces in their order, if none is missing and the last one is there. A copy of one adds nothing.
  private static func whole(_ pieces: [Fragment]) -> ArraySlice<UInt8>? {
    guard pieces.contains(where: \.isLast) else { return nil }
    var whole: [UInt8] = []
    for piece in pieces.sorted(by: { $0.offset < $1.offset }) {
      guard piece.offset <= whole.count else { return nil }
      whole += piece.octets.dropFirst(whole.count - piece.offset)
      if piece.isLast { return whole[...] }
    }
    return nil
  }
}
