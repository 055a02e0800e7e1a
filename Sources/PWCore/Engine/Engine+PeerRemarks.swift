/// Remarks of the peer of a session, for people to read (``PeerRemarks``).
extension Engine {
  /// Keeps the speeds that ICRQ, ICRP, ICCN or OCRQ names (RFC 3931 section 5.4.4); 0 says that they are not known.
  mutating func noteSpeeds(_ parameters: DataPathParameters, _ session: SessionReference) {
    guard parameters.transmitSpeed ?? 0 > 0 || parameters.receiveSpeed ?? 0 > 0 else { return }
    changeRemarks(of: session) { remarks in
      remarks.transmitSpeed = parameters.transmitSpeed ?? remarks.transmitSpeed
      remarks.receiveSpeed = parameters.receiveSpeed ?? remarks.receiveSpeed
    }
  }

  /// Keeps the addresses that a link report names.
  mutating func noteAddresses(_ addresses: [String], _ session: SessionReference) {
    guard sessions[session].remarks?.addresses ?? [] != addresses else { return }
    changeRemarks(of: session) { $0.addresses = addresses }
  }

  /// Keeps the counters of a WEN, and tells of those that have moved (RFC 3931 section 5.4.5): they count on from one WEN to
  /// the next.
  mutating func noteErrors(_ errors: CircuitErrors, _ session: SessionReference) {
    guard sessions[session].remarks?.errors != errors else { return }
    changeRemarks(of: session) { $0.errors = errors }
    let pseudowire = sessions[session].pseudowire
    note(
      .info, .peerCircuitErrors, of: pseudowire,
      "the peer reports circuit errors: \(errors.words)")
  }

  mutating func changeRemarks(of session: SessionReference, _ change: (inout PeerRemarks) -> Void) {
    var remarks = sessions[session].remarks ?? PeerRemarks()
    change(&remarks)
    sessions[session].remarks = remarks
  }
}

extension CircuitErrors {
  /// The counters that are not zero, for people.
  var words: String {
    let counters = [
      ("CRC", crc), ("framing", framing), ("hardware overruns", hardwareOverruns), ("buffer overruns", bufferOverruns),
      ("timeouts", timeouts), ("alignment", alignment),
    ]
    let shown = counters.filter { $0.1 > 0 }.map { "\($0.0) \($0.1)" }
    return shown.isEmpty ? "none" : shown.joined(separator: ", ")
  }
}
