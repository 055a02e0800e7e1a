/// How large a packet a pseudowire takes, as a site file says it: `carry`, `fit` or a number.
public enum MTUOption: Equatable, Sendable {
  /// The MTU of the LAN; larger outer packets are fragmented.
  case carry
  /// The largest packet that the path passes in one piece.
  case fit
  /// A fixed size in octets.
  case octets(Int)

  /// The sizes that the kernel takes for an IPv4 link (RFC 791), up to its largest.
  public static let range = 68...65_535

  /// Reads a value of the site file; nil when it is none of the three.
  public init?(_ text: String) {
    switch text {
    case "carry": self = .carry
    case "fit": self = .fit
    default:
      guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let octets = Int(text),
        MTUOption.range.contains(octets)
      else { return nil }
      self = .octets(octets)
    }
  }

  /// The MTU of a session's interface.
  ///
  /// - Parameters:
  ///   - question: whose session, with its path and its overhead.
  ///   - headerOctets: what stands between the session's header and the packet: addresses, tags, type.
  /// - Returns: nil where `fit` leaves no room for any packet.
  public func linkMTU(_ question: PluginQuestion, headerOctets: Int) -> LinkRequest.MTU? {
    switch self {
    case .carry: return .carry
    case .octets(let octets): return .octets(octets)
    case .fit:
      let octets = question.pathMTUOctets - question.overheadOctets - headerOctets
      guard octets >= MTUOption.range.lowerBound else { return nil }
      return .octets(min(octets, MTUOption.range.upperBound))
    }
  }

  /// The refusal of a session for which ``linkMTU(_:headerOctets:)`` found no room, with the cure.
  public static func tooNarrow(_ question: PluginQuestion, headerOctets: Int) -> PluginAnswer {
    let reason =
      "'mtu: fit' leaves no room: the path passes packets of \(question.pathMTUOctets) octets, "
      + "\(question.overheadOctets + headerOctets) of them overhead; write 'mtu: carry'"
    return .refuse(CallResult(.noFacilitiesTemporary, text: "path MTU too small"), reason: reason)
  }
}

extension KeyType where Value == MTUOption {
  /// `carry`, `fit` or a number.
  public static var mtu: KeyType {
    let (least, most) = (MTUOption.range.lowerBound, MTUOption.range.upperBound)
    return KeyType(
      "`carry`, `fit` or a number, \(least) to \(most)",
      written: { option in
        switch option {
        case .carry: "`carry`"
        case .fit: "`fit`"
        case .octets(let octets): "\(octets)"
        }
      },
      read: { (scalar) throws(ValueFault) in
        if let option = MTUOption(scalar.text) { return option }
        throw ValueFault(
          "'\(scalar.text)' is not an MTU; write 'carry', 'fit', or a number from \(least) to \(most)"
            + Spelling.hint(for: scalar.text, among: ["carry", "fit"]))
      })
  }
}
