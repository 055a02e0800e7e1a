/// A control message that arrived, and what was passed over in it.
public struct ReceivedMessage: Equatable, Sendable {
  /// Identifier and sequence numbers.
  public var header: ControlHeader
  /// The message; nil for a header alone ("ZLB"), which acknowledges and nothing else.
  public var message: ControlMessage?
  /// AVPs that were ignored though somebody might wonder: malformed ones without M. They are in the message's `others` too.
  public var ignored: [MessageError] = []
  /// Whether its sender hid AVPs in it that could be read.
  public var hadHiddenAVPs = false
  /// Whether it has AVPs of Cisco's that the catalogue knows, whether they count or not.
  public var hasCiscoAVPs = false
}
