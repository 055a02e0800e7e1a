import PWCore

/// Digests are computed and never compared.
final class DigestsIgnored: PlantedFault {
  let wishes = Scenario.Wishes(isAuthenticated: true, isHostile: true)
  let believesEveryDigest = true
}

/// Any sender that names a connection is taken for its peer.
final class StrangersBelieved: PlantedFault {
  let wishes = Scenario.Wishes(isUnauthenticated: true, isHostile: true)

  func alter(_ input: Input) -> [Input] {
    guard case .datagram(var datagram) = input, Stranger.addresses.contains(datagram.source.address) else {
      return [input]
    }
    // The addresses of site 1, which site 0 always has a tunnel to.
    datagram.source.address =
      datagram.source.address.family == .v4 ? .v4(0xC000_0202) : .v6(high: 0x2001_0DB8_0000_0000, low: 2, zone: nil)
    return [.datagram(datagram)]
  }
}
