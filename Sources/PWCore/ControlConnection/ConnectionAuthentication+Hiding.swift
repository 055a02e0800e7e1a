extension ConnectionAuthentication {
  /// Decodes a message that hides AVPs, with whichever secret reads them: of two, the peer need not hide with the one
  /// that the digest was right with first. The wrong one shows by a length that does not fit, all but once in thousands
  /// of times. Where none reads them all, the likeliest decides.
  func decode(
    _ octets: [UInt8], _ dialect: AVPDialect, using authenticator: any MessageAuthenticator
  ) throws(MessageError) -> ReceivedMessage {
    let readers = readers(using: authenticator)
    for reader in readers where readers.count > 1 {
      do throws(MessageError) {
        let received = try ControlCodec.decode(octets.span, hiding: reader, dialect: dialect)
        if !received.ignored.contains(where: \.isUnreadable) { return received }
      } catch {
        if !error.isUnreadable { throw error }
      }
    }
    return try ControlCodec.decode(octets.span, hiding: readers.first, dialect: dialect)
  }
}
