import Testing

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

  /// A pair whose left end is behind one, with everything up.
  static func pair(
    secret: [UInt8]?, peer: TunnelDeclaration.Peer, hello: (left: Duration, right: Duration),
    right declare: (inout TunnelDeclaration) -> Void
  ) -> (EnginePair, Translator) {
    let pair = EnginePair(secret: secret) { tunnel, isLeft in
      tunnel.helloInterval = isLeft ? hello.left : hello.right
      guard !isLeft else { return }
      tunnel.peer = peer
      declare(&tunnel)
    }
    let translator = Translator()
    pair.translate = translator.translate
    #expect(pair.run(until: { pair.isForwarding }, limit: .seconds(90)))
    return (pair, translator)
  }
}
