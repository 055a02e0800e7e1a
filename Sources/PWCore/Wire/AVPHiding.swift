/// Hides the values of AVPs from whoever reads the network, and reads those that a peer has hidden (RFC 3931 section 5.3).
///
/// The value, its length before it and padding after it are masked with a chain of MD5 hashes that begins with the
/// attribute's number, a key made of the shared secret, and a Random Vector that the message carries in clear.
///
/// A connection has one for its life; being a pointer it costs nothing where there is none.
public final class AVPHiding: Sendable {
  private let key: [UInt8]
  private let authenticator: any MessageAuthenticator

  /// Octets of the length in front of a value that is hidden.
  static let lengthOctets = 2
  /// Octets that one hash masks.
  static let chunkOctets = 16
  /// The longest value that can be hidden, in octets: with its length it fills an AVP.
  public static let maximumValueOctets = Int(AVPCatalogue.maximumValueOctets) - lengthOctets

  /// Hiding with a key of `MessageDigest.hidingKey`.
  public init(key: [UInt8], using authenticator: any MessageAuthenticator) {
    self.key = key
    self.authenticator = authenticator
  }

  /// The masked octets of a hidden AVP: the value's length, the value, the padding.
  ///
  /// - Parameters:
  ///   - value: the value, at most `maximumValueOctets`.
  ///   - type: the Attribute Type.
  ///   - randomVector: the value of the nearest Random Vector AVP before it.
  ///   - padding: random octets that keep the value's length from showing.
  public func hidden(_ value: [UInt8], type: UInt16, randomVector: [UInt8], padding: [UInt8]) -> [UInt8] {
    precondition(
      value.count + padding.count <= Self.maximumValueOctets, "a hidden value and its padding have at most 1015 octets")
    let clear = [UInt8(value.count >> 8), UInt8(value.count & 0xFF)] + value + padding
    return authenticator.hiding(clear, type: type, key: key, randomVector: randomVector)
  }

  /// The value that a hidden AVP holds. A wrong key shows, nearly always, as a length that cannot be.
  public func revealed(
    _ hidden: [UInt8], type: UInt16, randomVector: [UInt8]
  ) throws(HidingFault) -> [UInt8] {
    guard hidden.count >= Self.lengthOctets else { throw .noLength(octets: hidden.count) }
    let clear = authenticator.revealing(hidden, type: type, key: key, randomVector: randomVector)
    let length = Int(clear.span.number16(at: 0))
    let room = hidden.count - Self.lengthOctets
    guard length <= room else { throw .wrongLength(claimed: length, octets: room) }
    return Array(clear[Self.lengthOctets..<(Self.lengthOctets + length)])
  }

  /// The value of a hidden AVP in a message.
  ///
  /// - Parameters:
  ///   - avp: the AVP.
  ///   - vector: the last Random Vector AVP before it.
  ///   - octets: the message.
  ///   - hiding: the key; nil where there is no shared secret.
  static func value(
    of avp: AVPView, after vector: AVPView?, in octets: Span<UInt8>, by hiding: AVPHiding?
  ) throws(HidingFault) -> [UInt8] {
    guard AVPCatalogue.format(vendorID: avp.vendorID, type: avp.type).isHideable else { throw .mustBeClear }
    guard let vector else { throw .noRandomVector }
    guard let hiding else { throw .noSecret }
    return try hiding.revealed(
      octets.octets(at: avp.valueOffset, count: avp.valueOctets), type: avp.type,
      randomVector: octets.octets(at: vector.valueOffset, count: vector.valueOctets))
  }
}

/// The chain of hashes, of which a `MessageAuthenticator` need only have the hash.
extension MessageAuthenticator {
  /// Masks octets.
  public func hiding(_ clear: [UInt8], type: UInt16, key: [UInt8], randomVector: [UInt8]) -> [UInt8] {
    var hidden: [UInt8] = []
    hidden.reserveCapacity(clear.count)
    while hidden.count < clear.count {
      let mask = mask(at: hidden.count, of: hidden, type: type, key: key, randomVector: randomVector)
      for octet in mask.prefix(clear.count - hidden.count) { hidden.append(clear[hidden.count] ^ octet) }
    }
    return hidden
  }

  /// Takes the mask off.
  public func revealing(_ hidden: [UInt8], type: UInt16, key: [UInt8], randomVector: [UInt8]) -> [UInt8] {
    var clear: [UInt8] = []
    clear.reserveCapacity(hidden.count)
    while clear.count < hidden.count {
      let mask = mask(at: clear.count, of: hidden, type: type, key: key, randomVector: randomVector)
      for octet in mask.prefix(hidden.count - clear.count) { clear.append(hidden[clear.count] ^ octet) }
    }
    return clear
  }

  /// The hash for the chunk at `offset`: each after the first depends on the hidden chunk before it.
  private func mask(
    at offset: Int, of hidden: [UInt8], type: UInt16, key: [UInt8], randomVector: [UInt8]
  ) -> [UInt8] {
    guard offset > 0 else { return md5([UInt8(type >> 8), UInt8(type & 0xFF)] + key + randomVector) }
    return md5(key + hidden[(offset - AVPHiding.chunkOctets)..<offset])
  }
}

/// Why the value of a hidden AVP cannot be had.
public enum HidingFault: Error, Equatable, Sendable {
  /// There is no shared secret with its sender.
  case noSecret
  /// No Random Vector AVP precedes it in the message.
  case noRandomVector
  /// It is an AVP that must not be hidden.
  case mustBeClear
  /// So few octets do not even hold the length of the value.
  case noLength(octets: Int)
  /// The value would be longer than the octets that there are.
  case wrongLength(claimed: Int, octets: Int)
}

extension HidingFault: CustomStringConvertible {
  /// The fault, and its possible reason.
  public var description: String {
    switch self {
    case .noSecret: "there is no secret to read it with"
    case .noRandomVector: "no Random Vector precedes it"
    case .mustBeClear: "it must not be hidden"
    case .noLength(let octets): "\(octets) octets hold no length"
    case .wrongLength(let claimed, let octets):
      "its length comes out as \(claimed) of \(octets) octets (is the secret the same at both ends?)"
    }
  }
}
