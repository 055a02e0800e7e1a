import PWCrypto

@testable import PWCore

extension FuzzTarget {
  private static let secret: [UInt8] = Array("secret".utf8)

  /// The codec, with the key that reads hidden AVPs: a message that decodes is described, and goes through a second
  /// time when it is put together again.
  static let hiddenAVPs = FuzzTarget(name: "hidden-avps") { octets in
    let authenticator = CryptoAuthenticator()
    let hiding = AVPHiding(key: MessageDigest.hidingKey(secret: secret, using: authenticator), using: authenticator)
    _ = MessageDescription(of: octets.span, hiding: hiding).description
    _ = ControlCodec.digests(of: octets.span)
    _ = MessageDigest.verify(
      octets.span, keys: [secret, [1]], senderNonce: [1], receiverNonce: [2], using: authenticator)
    guard let received = try? ControlCodec.decode(octets.span, hiding: hiding), let message = received.message else {
      return
    }
    roundTrip(message, by: hiding)
  }

  /// A message that was decoded can be sent, hidden as far as it goes, and is the same when it arrives.
  private static func roundTrip(_ message: ControlMessage, by hiding: AVPHiding) {
    if case .unknown = message { return }
    var draws: UInt8 = 0
    let plain = message.encoded(reservingDigest: .sha1, count: 2)
    guard let again = try? ControlCodec.decode(plain.octets.span) else { return }
    // Hiding makes values longer: a message that fills an AVP to the brim is not ours. Nor is one with AVPs that are not its own,
    // which are kept as they came, hidden or not.
    guard plain.octets.count < AVPHiding.maximumValueOctets, hasOnlyItsOwn(plain, message.messageType) else { return }
    let hidden = plain.hidden(.all, by: hiding) { count in
      draws &+= 1
      return [UInt8](repeating: draws, count: count)
    }
    let read = try? ControlCodec.decode(hidden.octets.span, hiding: hiding)
    precondition(read?.message == again.message, "what is hidden is read as it was: \(message)")
  }

  private static func hasOnlyItsOwn(_ message: EncodedMessage, _ type: MessageType) -> Bool {
    let fields = MessageRule.of(type).fields
    var cursor = AVPCursor(messageOctets: message.octets.count)
    _ = try? cursor.next(in: message.octets.span)
    while let avp = try? cursor.next(in: message.octets.span) {
      if avp.type == AVPType.messageDigest.rawValue { continue }
      guard avp.vendorID == 0, !avp.isHidden, fields.contains(avp.type) else { return false }
    }
    return true
  }
}
