/// What the peer of a session says of its circuit besides the status, and what it has agreed to: for people, nothing is decided by
/// it. Most sessions have none, so that it is kept beside their records.
struct PeerRemarks: Equatable {
  /// AVP 74, bit/s.
  var transmitSpeed: UInt64?
  /// AVP 75, bit/s.
  var receiveSpeed: UInt64?
  /// AVP 34 of the last WEN: counters since the session came up.
  var errors: CircuitErrors?
  /// The addresses that were agreed on with it, as people read them (PPP).
  var addresses: [String] = []
  /// What its plugin has told ours.
  var avps: [PluginAVP] = []
}

extension Engine {
  /// Keeps the speeds that ICRQ, ICRP, ICCN or OCRQ names (RFC 3931 section 5.4.4); 0 says that they are not known.
  mutating func noteSpeeds(_ parameters: DataPathParameters, _ pseudowire: PseudowireReference) {
    guard parameters.transmitSpeed ?? 0 > 0 || parameters.receiveSpeed ?? 0 > 0 else { return }
    if let speed = parameters.transmitSpeed { peerRemarks[pseudowire, default: PeerRemarks()].transmitSpeed = speed }
    if let speed = parameters.receiveSpeed { peerRemarks[pseudowire, default: PeerRemarks()].receiveSpeed = speed }
  }

  /// Keeps the addresses that a link report names, as long as the session is there.
  mutating func noteAddresses(_ addresses: [String], _ pseudowire: PseudowireReference) {
    guard peerRemarks[pseudowire]?.addresses ?? [] != addresses else { return }
    peerRemarks[pseudowire, default: PeerRemarks()].addresses = addresses
  }

  /// Keeps the counters of a WEN, and tells of those that have moved (RFC 3931 section 5.4.5): they count on from one WEN to
  /// the next.
  mutating func noteErrors(_ errors: CircuitErrors, _ pseudowire: PseudowireReference) {
    guard peerRemarks[pseudowire]?.errors != errors else { return }
    peerRemarks[pseudowire, default: PeerRemarks()].errors = errors
    note(
      .info, tunnel: pseudowires[pseudowire].tunnel, pseudowire: pseudowire,
      "the peer reports circuit errors: \(errors.words)")
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
