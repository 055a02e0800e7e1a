/// The Interface MTU AVP (RFC 4667 section 4.3): what the attachment circuits of both ends take must be the same, or what one takes
/// is too large for the other and lost without a word.
extension Engine {
  /// The MTU that we tell the peer, in octets; nil when none is known, or none is to be told. Of a bridge the narrowest
  /// member counts.
  func interfaceMTU(of pseudowire: PseudowireReference) -> UInt16? {
    switch pseudowires[pseudowire].declaration.interfaceMTU {
    case .unsaid: return nil
    case .octets(let octets): return octets
    case .automatic:
      guard let circuit = pseudowires[pseudowire].circuit else { return nil }
      return circuits.narrowestMTUOctets(circuit).flatMap { UInt16(exactly: $0) }
    }
  }

  /// Keeps what the peer says; 0 says nothing.
  mutating func noteInterfaceMTU(_ octets: UInt16?, _ session: SessionReference) {
    sessions[session].peerMTUOctets = octets == 0 ? nil : octets
  }

  /// Why a session cannot be whose ends take packets of different sizes, where the site declares that it must not be.
  func refusal(ofInterfaceMTU theirs: UInt16?, _ pseudowire: PseudowireReference) -> CallResult? {
    guard pseudowires[pseudowire].declaration.refusesMTUMismatch, let theirs, theirs != 0,
      let ours = interfaceMTU(of: pseudowire), ours != theirs
    else { return nil }
    return CallResult(
      .mtuMismatch,
      text: "`interface-mtu: \(theirs)` was announced; the end that refuses has `interface-mtu: \(ours)` and "
        + "`mtu-mismatch: refuse`")
  }

  /// The warning that the two MTUs differ; nil when they are the same, or one of them is not known.
  func interfaceMTUWarning(_ pseudowire: PseudowireReference) -> String? {
    guard let session = pseudowires[pseudowire].session, let theirs = sessions[session].peerMTUOctets,
      let ours = interfaceMTU(of: pseudowire), ours != theirs
    else { return nil }
    return
      "the peer's attachment circuit has MTU \(theirs) and ours \(ours): packets larger than \(min(ours, theirs)) "
      + "octets are lost silently; give both LANs the same MTU"
  }

  /// Tells of a difference between the two when a session comes up, or an MTU has changed.
  mutating func noteInterfaceMTUWarning(_ pseudowire: PseudowireReference) {
    guard pseudowires[pseudowire].machine.state == .established, let warning = interfaceMTUWarning(pseudowire) else {
      return
    }
    note(.warning, .interfaceMTUMismatch, of: pseudowire, warning)
  }

  /// The MTU of a link may be another one: whoever stands behind it is compared anew.
  mutating func memberMTUChanged(_ member: String) {
    for pseudowire in circuits.pseudowires(beforeLink: member) where pseudowires.contains(pseudowire) {
      noteInterfaceMTUWarning(pseudowire)
    }
  }
}
