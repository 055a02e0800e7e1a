extension Authentication.Hiding {
  /// The Attribute Types that it hides, of the IETF's.
  public var types: AVPSet {
    switch self {
    case .none: []
    case .sensitive: [.assignedCookie, .remoteEndID, .attachmentGroup, .localEndID]
    case .all: Self.everyHideable
    }
  }

  private static let everyHideable = AVPSet(numbers: AVPCatalogue.ietf.filter(\.isHideable).map(\.type))
}

extension EncodedMessage {
  /// Octets of a Random Vector: as many as RFC 3931 section 5.4.1 recommends.
  static let randomVectorOctets = 16

  /// The message with the values of AVPs hidden (RFC 3931 section 5.3), a fresh Random Vector before the first of them, and
  /// the digest where it was; the message itself where there is nothing to hide. The header must be set, and the digest
  /// sealed, afterwards.
  ///
  /// Values are padded to whole chunks of the hash: none of less than 15 octets tells how long it is. StopCCN stays in clear:
  /// a receiver that has not sent its identifier yet finds the connection, and with it the secret, by AVP 61.
  ///
  /// - Parameters:
  ///   - choice: what to hide; no such value may be longer than `AVPHiding.maximumValueOctets`.
  ///   - hiding: the key.
  ///   - random: makes so many random octets, others each time.
  public func hidden(_ choice: Authentication.Hiding, by hiding: AVPHiding, random: (Int) -> [UInt8]) -> EncodedMessage
  {
    let types = choice.types
    let source = octets.span
    guard let first = firstHideable(types, in: source) else { return self }
    var message = source.octets(at: 0, count: first)
    message.reserveCapacity(2 * octets.count)
    var cursor = AVPCursor(messageOctets: octets.count)
    var vector: [UInt8] = []
    var hiddenByVector = AVPSet()
    while let avp = try? cursor.next(in: source) {
      guard avp.offset >= first else { continue }
      guard avp.isHideable(types) else {
        message += source.octets(at: avp.offset, count: AVPView.headerOctets + avp.valueOctets)
        // After a Random Vector that a caller wrote into the message, ours no longer applies.
        if avp.isRandomVector { vector = [] }
        continue
      }
      // One vector must not hide two values of one type.
      if vector.isEmpty || hiddenByVector.contains(avp.type) {
        vector = random(Self.randomVectorOctets)
        hiddenByVector = []
        Self.append(.randomVector, isMandatory: true, isHidden: false, vector, to: &message)
      }
      hiddenByVector.insert(avp.type)
      let value = source.octets(at: avp.valueOffset, count: avp.valueOctets)
      let hidden = hiding.hidden(
        value, type: avp.type, randomVector: vector, padding: random(AVPHiding.paddingOctets(for: value.count)))
      Self.append(AVPType(rawValue: avp.type), isMandatory: avp.isMandatory, isHidden: true, hidden, to: &message)
    }
    precondition(message.count <= Int(UInt16.max), "a control message has at most 65535 octets")
    message[2] = UInt8(message.count >> 8)
    message[3] = UInt8(message.count & 0xFF)
    return EncodedMessage(octets: message, digest: digest, digestCount: digestCount)
  }

  /// Where the first AVP begins that is to be hidden.
  private func firstHideable(_ types: AVPSet, in source: Span<UInt8>) -> Int? {
    guard types != [], octets.count > ControlHeader.lengthOctets else { return nil }
    var cursor = AVPCursor(messageOctets: octets.count)
    guard let first = try? cursor.next(in: source), first.valueOctets == 2,
      source.number16(at: first.valueOffset) != MessageType.stopNotification.rawValue
    else { return nil }
    while let avp = try? cursor.next(in: source) {
      if avp.isHideable(types) { return avp.offset }
    }
    return nil
  }

  private static func append(
    _ type: AVPType, isMandatory: Bool, isHidden: Bool, _ value: [UInt8], to message: inout [UInt8]
  ) {
    let length = AVPView.headerOctets + value.count
    let bits = (isMandatory ? 0x8000 : 0) | (isHidden ? 0x4000 : 0) | length
    message += [UInt8(bits >> 8), UInt8(bits & 0xFF), 0, 0, UInt8(type.rawValue >> 8), UInt8(type.rawValue & 0xFF)]
    message += value
  }
}

extension AVPHiding {
  /// Octets that fill the last chunk of a value with its length, as far as an AVP has room.
  static func paddingOctets(for valueOctets: Int) -> Int {
    let short = (lengthOctets + valueOctets) % chunkOctets
    return min(short == 0 ? 0 : chunkOctets - short, max(0, maximumValueOctets - valueOctets))
  }
}

extension AVPView {
  /// Whether it is a Random Vector in clear.
  var isRandomVector: Bool { vendorID == 0 && type == AVPType.randomVector.rawValue && !isHidden }

  fileprivate func isHideable(_ types: AVPSet) -> Bool { vendorID == 0 && !isHidden && types.contains(type) }
}
