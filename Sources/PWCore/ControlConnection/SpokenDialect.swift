/// Whose AVPs a control connection speaks, and whether the peer has shown it.
enum SpokenDialect: Equatable, Codable {
  /// It is settled: by the declaration, or by the peer's first message.
  case settled(AVPDialect)
  /// We call, and the peer has said nothing yet: either is read, and this one is written.
  case open(AVPDialect)

  /// How a connection that we begin starts.
  ///
  /// - Parameters:
  ///   - declared: what the tunnel says.
  ///   - learned: what the peer spoke when the tunnel was up last.
  init(calling declared: Compatibility, learned: AVPDialect) {
    switch declared {
    case .rfc: self = .settled(.rfc)
    case .cisco: self = .settled(.cisco)
    case .automatic: self = .open(learned)
    }
  }

  /// How a connection that the peer begins starts.
  ///
  /// - Parameter hasCiscoAVPs: whether its SCCRQ has AVPs of Cisco's.
  init(answering declared: Compatibility, hasCiscoAVPs: Bool) {
    switch declared {
    case .rfc: self = .settled(.rfc)
    case .cisco: self = .settled(.cisco)
    case .automatic: self = .settled(hasCiscoAVPs ? .cisco : .rfc)
    }
  }

  /// The AVPs that our messages are written with.
  var written: AVPDialect {
    switch self {
    case .settled(let dialect), .open(let dialect): dialect
    }
  }

  /// The AVPs that the peer's messages are read with.
  var read: AVPDialect {
    switch self {
    case .settled(let dialect): dialect
    case .open: .cisco
    }
  }

  /// The peer has said something.
  mutating func heard(hasCiscoAVPs: Bool) {
    switch self {
    case .settled: break
    case .open: self = .settled(hasCiscoAVPs ? .cisco : .rfc)
    }
  }
}
