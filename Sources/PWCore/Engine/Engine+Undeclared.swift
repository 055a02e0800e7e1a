/// SCCRQs that no tunnel takes: people are told why in the words of the site file, but not of each.
extension Engine {
  /// Tells why nobody takes an SCCRQ. Strangers cause one such line in `EngineLimits.strangersErrorInterval`; the others are
  /// for those who look for a fault.
  ///
  /// - Parameter caller: who sent it, as far as it can be read.
  mutating func noteUndeclared(_ datagram: Datagram, caller: String) {
    guard admission.tellsOfUndeclared(at: now) else {
      noteStranger("no tunnel of the site accepts the SCCRQ of \(caller)")
      return
    }
    let reason = reasonForRefusal(of: datagram)
    note(.info, .callerRefused, tunnel: nil, "refused the SCCRQ of \(caller): \(reason)")
  }

  /// The first thing that keeps an SCCRQ from a tunnel that is for its sender's address; else that there is none.
  private func reasonForRefusal(of datagram: Datagram) -> String {
    let address = datagram.source.address
    for tunnel in declaredTunnels where tunnels[tunnel].isPeer(address) {
      let declaration = tunnels[tunnel].declaration
      let name = "tunnel '\(declaration.name)'"
      if declaration.staticConnection != nil { return "\(name) has `signalling: none`" }
      if declaration.role == .initiate { return "\(name) has `role: initiate`" }
      if declaration.encapsulation != datagram.encapsulation {
        return "\(name) has `encapsulation: \(declaration.encapsulation)`, and it came over \(datagram.encapsulation)"
      }
      if let local = declaration.local, !local.isSameHost(as: datagram.local.address) {
        return "\(name) has `local: \(local)`, and it was sent to \(datagram.local.address)"
      }
      if let authentication = declaration.authentication, authentication.method == .digest,
        authentication.secretFile != nil
      {
        return "\(name) has a secret, and its digest is missing or wrong"
      }
      if let hostName = declaration.peerHostName { return "\(name) has `peer-host-name: \(hostName)`" }
      if let routerID = declaration.peerRouterID { return "\(name) has `peer-router-id: \(IPAddress.v4(routerID))`" }
    }
    return "no tunnel has `peer: \(address)`"
  }
}

extension MessageError {
  /// The cure in words where an SCCRQ asks for what only RFC 2661 has; empty where there is none to name.
  func cure(isVersion2: Bool) -> String {
    isVersion2 ? "; it speaks L2TPv2 (RFC 2661): set its tunnel to L2TPv3" : ""
  }
}
