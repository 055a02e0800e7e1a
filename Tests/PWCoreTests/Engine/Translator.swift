@testable import PWCore

/// A NAT before the left end of a pair, for `EnginePair.translate`.
final class Translator {
  /// What it shows the left end as; another value is another mapping.
  var outside = Endpoint(address: EnginePair.leftAddress, port: 20_001)
  private var inside: Endpoint?

  func translate(_ datagram: Datagram) -> Datagram? {
    var translated = datagram
    if datagram.source.address == EnginePair.leftAddress {
      inside = datagram.source
      translated.source = outside
    } else {
      guard datagram.local == outside, let inside else { return nil }
      translated.local = inside
    }
    return translated
  }
}
