/// The tunnel authentication of RFC 2661 (sections 4.4.3 and 5.1.1) in the set-up of one connection: each end may give
/// the other a challenge, in SCCRQ or SCCRP, and shows by a response to the other's, in SCCRP or SCCCN, that it has the
/// secret.
///
/// RFC 3931 has put the Message Digest in its place (section 4.3). It protects nothing but the set-up.
struct ConnectionChallenge: Equatable, Codable {
  /// The challenge that the peer has to answer.
  let ours: [UInt8]
  /// The peer's challenge to us; nil where it sends none, or has said nothing yet.
  var theirs: [UInt8]?
  /// Whether the peer has answered ours rightly.
  private(set) var isAnswered = false

  /// Octets of a challenge that we make.
  static let octets = 16

  init(ours: [UInt8], theirs: [UInt8]? = nil) {
    (self.ours, self.theirs) = (ours, theirs)
  }

  /// The fault of a response.
  enum Fault: Equatable {
    /// The message has no response, though we gave a challenge.
    case missing
    /// It was made of another secret, or for something else.
    case wrong
  }

  /// Our response to the peer's challenge; nil where there is none.
  ///
  /// - Parameter message: what it goes out in: SCCRP or SCCCN.
  func response(
    in message: MessageType, secret: [UInt8], using authenticator: any MessageAuthenticator
  ) -> [UInt8]? {
    theirs.map { Self.response(to: $0, in: message, secret: secret, using: authenticator) }
  }

  /// Takes the peer's response to ours.
  ///
  /// - Parameter message: what it came in.
  mutating func take(
    _ response: [UInt8]?, in message: MessageType, secret: [UInt8], using authenticator: any MessageAuthenticator
  ) -> Fault? {
    guard let response else { return .missing }
    let expected = Self.response(to: ours, in: message, secret: secret, using: authenticator)
    guard authenticator.isEqual(expected, response) else { return .wrong }
    isAnswered = true
    return nil
  }

  /// CHAP's response (RFC 1994 section 4.1): MD5 over the Identifier, which is the number of the message, the secret
  /// and the challenge.
  private static func response(
    to challenge: [UInt8], in message: MessageType, secret: [UInt8], using authenticator: any MessageAuthenticator
  ) -> [UInt8] {
    authenticator.md5([UInt8(truncatingIfNeeded: message.rawValue)] + secret + challenge)
  }
}
