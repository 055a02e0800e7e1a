/// Facts that the peer of a control connection states of itself in SCCRQ or SCCRP.
struct PeerFacts: Codable {
  /// Its Host Name; nil while it has said nothing.
  private(set) var hostName: String?
  /// Its Router ID.
  private(set) var routerID: UInt32?
  /// The PHB code that it asked for, or answered with (RFC 3308).
  private(set) var controlPHB: UInt16?
  /// The pseudowire types that it can do (RFC 3931 section 5.4.3).
  private(set) var capabilities: [PseudowireType] = []

  /// A peer that has said nothing yet.
  init() {}

  init(_ parameters: StartParameters) {
    hostName = parameters.hostName
    routerID = parameters.routerID
    controlPHB = parameters.controlPHB
    capabilities = parameters.pseudowireCapabilities
  }
}
