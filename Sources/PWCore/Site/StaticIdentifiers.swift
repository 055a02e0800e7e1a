/// The identifiers of a tunnel without signalling (`signalling: none`): both ends have written them down.
///
/// RFC 3931 section 3 allows data messages without a control channel; Linux's `ip l2tp` and most routers call such a
/// tunnel static.
public struct StaticConnection: Equatable, Codable, Sendable {
  /// Ours, which is not 0: the kernel names the tunnel by it. No data packet has it.
  public var localID: ControlConnectionID
  /// The peer's, which is not 0.
  public var peerID: ControlConnectionID

  /// The identifiers of both ends.
  public init(localID: ControlConnectionID, peerID: ControlConnectionID) {
    self.localID = localID
    self.peerID = peerID
  }
}

/// The values of a pseudowire without signalling, as both ends have written them down.
public struct StaticSession: Equatable, Codable, Sendable {
  /// The Session ID in the packets that arrive here; not 0 (RFC 3931 section 4.1).
  public var localID: SessionID
  /// The Session ID in the packets that we send; not 0.
  public var peerID: SessionID
  /// The cookie of 0, 4 or 8 octets that the packets must have that arrive here.
  public var receiveCookie: Cookie
  /// The cookie in the packets that we send.
  public var transmitCookie: Cookie

  /// The values of both directions.
  public init(
    localID: SessionID, peerID: SessionID, receiveCookie: Cookie = Cookie(), transmitCookie: Cookie = Cookie()
  ) {
    self.localID = localID
    self.peerID = peerID
    self.receiveCookie = receiveCookie
    self.transmitCookie = transmitCookie
  }
}
