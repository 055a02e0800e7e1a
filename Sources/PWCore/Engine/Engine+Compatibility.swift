/// Peers that speak AVPs of Cisco's: what is read and written of them, and who is told.
extension Engine {
  /// The AVPs that an SCCRQ is read with: whether Cisco's count is declared for the sender's tunnel, which is found by
  /// those AVPs of the SCCRQ that are known in any case. One without AVPs of Cisco's costs no more than looking for
  /// them.
  ///
  /// - Parameters:
  ///   - request: the SCCRQ as version 3 has it.
  ///   - datagram: what it came in.
  func readDialect(of request: [UInt8], _ datagram: Datagram) -> AVPDialect {
    guard ControlCodec.hasCiscoAVPs(request.span), let tunnel = tunnel(presentedIn: request, datagram) else {
      return .rfc
    }
    switch tunnels[tunnel].declaration.compatibility {
    case .rfc: return .rfc
    case .cisco, .automatic: return .cisco
    }
  }

  /// The key that lets a message in which is refused for AVPs of Cisco's, or because it has them alone; nil where none
  /// would.
  func compatibilityCure(
    for error: MessageError, _ octets: [UInt8], on connection: ConnectionReference
  ) -> String? {
    guard connections[connection].dialect.read == .rfc, ControlCodec.hasCiscoAVPs(octets.span) else { return nil }
    switch error.fault {
    case .missing, .unrecognised(vendorID: AVPCatalogue.ciscoVendorID, type: _): break
    default: return nil
    }
    return "; the peer speaks AVPs that only Cisco's routers know: declare `compatibility: auto` here"
  }

  /// Tells the operator what would let an SCCRQ in that lacks what RFC 3931 asks for and has AVPs of Cisco's.
  ///
  /// - Returns: whether that is so.
  mutating func adviseCompatibility(_ error: MessageError, _ datagram: Datagram) -> Bool {
    let request = ControlCodec.version3Request(of: datagram.octets.span) ?? datagram.octets
    guard ControlCodec.hasCiscoAVPs(request.span), let tunnel = tunnel(presentedIn: request, datagram),
      tunnels[tunnel].declaration.compatibility == .rfc,
      (try? ControlCodec.decode(request.span, dialect: .cisco)) != nil
    else { return false }
    noteAnswer(
      tunnel,
      """
      \(datagram.source.address) speaks AVPs that only Cisco's routers know (\(error)): declare `compatibility: auto` here
      """)
    return true
  }
}
