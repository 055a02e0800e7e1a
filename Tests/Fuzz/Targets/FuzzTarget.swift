/// Something that takes octets from outside: whatever they are, it answers, and never traps.
struct FuzzTarget: Sendable {
  /// The name of its corpus folder, and of what is written about it.
  let name: String
  /// Takes the octets; a finding is a trap.
  let run: @Sendable ([UInt8]) -> Void

  /// Every one.
  static let all = [datagrams, hiddenAVPs, siteFiles, netlink, operations, pluginLines, discovery]
}

/// Octets that are taken apart from the front: an octet that is missing is 0.
struct FuzzReader {
  private var octets: ArraySlice<UInt8>

  init(_ octets: [UInt8]) { self.octets = octets[...] }

  /// Whether nothing is left.
  var isEmpty: Bool { octets.isEmpty }

  mutating func octet() -> UInt8 { octets.popFirst() ?? 0 }

  /// So many octets, or what is left.
  mutating func octets(_ count: Int) -> [UInt8] {
    let taken = octets.prefix(count)
    octets = octets.dropFirst(count)
    return Array(taken)
  }
}
