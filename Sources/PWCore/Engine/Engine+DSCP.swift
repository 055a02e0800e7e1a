/// Differentiated Services (RFC 3308): whoever begins says which code point both ends shall use, and the other end answers with the
/// one that it is willing to use. Ours is the declared one, in either role, for the connection and for all its sessions; a peer
/// that declares another one must be told, and one that knows nothing of it is let be.
extension Engine {
  /// AVP 47 of our SCCRQ, or of our answer to one that has it; nil where nothing is declared, or nobody has asked.
  func controlPHB(of connection: ConnectionReference) -> UInt16? {
    guard connections[connection].isInitiator || connections[connection].peer.controlPHB != nil else { return nil }
    return tunnels[connections[connection].tunnel].declaration.dscp?.phbCode
  }

  /// AVP 48 of our call, or of our answer to one that has it.
  func sessionPHB(of session: SessionReference) -> UInt16? {
    guard sessions[session].peerID == .unknown || sessions[session].peerPHB != nil else { return nil }
    return tunnels[pseudowires[sessions[session].pseudowire].tunnel].declaration.dscp?.phbCode
  }

  /// Why an SCCRP cannot be taken that answers with another code point (RFC 3308 section 3).
  func refusal(ofControlPHB theirs: UInt16?, _ connection: ConnectionReference) -> StopResult? {
    guard let theirs, let dscp = tunnels[connections[connection].tunnel].declaration.dscp, theirs != dscp.phbCode
    else { return nil }
    return StopResult(.controlDSCPMismatch, text: Self.dscpWords(theirs, dscp))
  }

  /// Why an ICRP cannot be taken that answers with another code point (RFC 3308 section 4).
  func refusal(ofSessionPHB theirs: UInt16?, _ pseudowire: PseudowireReference) -> CallResult? {
    guard let theirs, let dscp = tunnels[pseudowires[pseudowire].tunnel].declaration.dscp, theirs != dscp.phbCode
    else { return nil }
    return CallResult(.sessionDSCPMismatch, text: Self.dscpWords(theirs, dscp))
  }

  private static func dscpWords(_ theirs: UInt16, _ ours: DSCP) -> String {
    guard theirs & 0x03FF == 0 else {
      return "PHB code \(theirs) is not a code point; the end that refuses declares `dscp: \(ours.rawValue)`"
    }
    return CallTerms.disagreement("dscp", requested: "\(theirs >> 10)", declared: "\(ours.rawValue)")
  }
}
