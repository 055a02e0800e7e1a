/// A control message of RFC 3931 section 6, typed; one struct each, its spec and its coding beside it.
public enum ControlMessage: Equatable, Sendable {
  /// Start-Control-Connection-Request (section 6.1).
  case startRequest(StartRequest)
  /// Start-Control-Connection-Reply (section 6.2).
  case startReply(StartReply)
  /// Start-Control-Connection-Connected (section 6.3).
  case startConnected(StartConnected)
  /// Stop-Control-Connection-Notification (section 6.4).
  case stopNotification(StopNotification)
  /// Hello (section 6.5).
  case hello(Hello)
  /// Explicit Acknowledgement (section 6.15), with its Message Type AVP; a zero-length body is `nil` wherever messages go.
  case acknowledgement(Acknowledgement)
  /// Outgoing-Call-Request (section 6.9).
  case outgoingCallRequest(OutgoingCallRequest)
  /// Outgoing-Call-Reply (section 6.10).
  case outgoingCallReply(OutgoingCallReply)
  /// Outgoing-Call-Connected (section 6.11).
  case outgoingCallConnected(OutgoingCallConnected)
  /// Incoming-Call-Request (section 6.6).
  case incomingCallRequest(IncomingCallRequest)
  /// Incoming-Call-Reply (section 6.7).
  case incomingCallReply(IncomingCallReply)
  /// Incoming-Call-Connected (section 6.8).
  case incomingCallConnected(IncomingCallConnected)
  /// Call-Disconnect-Notify (section 6.12).
  case callDisconnect(CallDisconnect)
  /// WAN-Error-Notify (section 6.13).
  case wanError(WANError)
  /// Set-Link-Info (section 6.14).
  case setLinkInfo(SetLinkInfo)
  /// A message type that this catalogue does not know; its mandatory bit decides what becomes of the connection.
  case unknown(UnknownMessage)
}
