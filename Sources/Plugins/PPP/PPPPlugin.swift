public import PWCore

/// PPP pseudowires (type 0x0007, as Linux has it) whose PPP links end at the two sites: each session is an interface with the
/// addresses that the ends agree on.
public struct PPPPlugin: PseudowirePlugin {
  /// Ready to be asked.
  public init() {}

  /// `type: ppp`.
  public var name: String { "ppp" }
  /// The pseudowire type 0x0007, PPP.
  public var type: PseudowireType { .ppp }
  /// Its sessions carry PPP frames.
  public var payload: PseudowirePayload { .ppp }

  /// The keys that may stand in a pseudowire of this type.
  public var optionKeys: [KeyDescription] { Self.keys }
  /// Made once: each pseudowire of a site asks for them, and reflection takes its time.
  private static let keys = KeyDescription.all(of: PPPKeys.declared)

  /// The keys below `pppoe`.
  public static let accessKeys = KeyDescription.all(of: PPPoEKeys.declared)

  /// Reads the options, and complains of values that say nothing and of keys that do not go together.
  public func read(_ reading: inout OptionReading) -> PPPOptions? { PPPOptions(&reading) }

  /// As many pseudowires as `sessions` says, with clients that come by PPPoE; nothing behind where the link ends here.
  public func outline(of options: PPPOptions) -> PseudowireOutline {
    var outline = PseudowireOutline()
    if case .carriage(let carriage) = options { outline.attachment = .pppoe(carriage.service) }
    outline.template = options.template
    return outline
  }

  /// The link of a session: spoken on while the session is established and the peer's circuit is active (RFC 3931 section 5.4.5:
  /// nothing is sent to a peer that says it is not).
  public func answer(_ question: PluginQuestion, _ options: PPPOptions) -> PluginAnswer {
    guard case .termination(let termination) = options else { return Self.carriage(question) }
    var link = termination.link
    switch termination.mtu {
    case .octets(let octets): link.mtuOctets = octets
    case .fit:
      link.mtuOctets = min(PPPFrame.payloadThatFits(question), PPPKeys.mtuRange.upperBound)
      guard link.mtuOctets >= PPPKeys.mtuRange.lowerBound else { return Self.tooNarrow(question) }
    }
    link.name = question.declaration.interfaceName
    link.isUp = question.phase == .established && question.isPeerCircuitActive
    return .links([.pppTermination(link)])
  }

  /// PPP that ends at the peer: whoever is there says how large its packets may be.
  private static func carriage(_ question: PluginQuestion) -> PluginAnswer {
    .links([
      .pppCarriage(
        .init(
          isUp: question.phase == .established && question.isPeerCircuitActive,
          payloadOctets: PPPFrame.payloadThatFits(question)))
    ])
  }

  private static func tooNarrow(_ question: PluginQuestion) -> PluginAnswer {
    let reason =
      "'mtu: fit' leaves no room: the path passes packets of \(question.pathMTUOctets) octets, "
      + "\(question.overheadOctets + PPPFrame.headerOctets) of them overhead; write a number"
    return .refuse(CallResult(.noFacilitiesTemporary, text: "path MTU too small"), reason: reason)
  }
}

/// The frame that a pseudowire carries: RFC 1662's without flags and FCS.
enum PPPFrame {
  /// Address and control field (FF 03, which Linux never leaves out), and the protocol number.
  static let headerOctets = 4

  /// The largest packet that crosses the path in one piece.
  static func payloadThatFits(_ question: PluginQuestion) -> Int {
    question.pathMTUOctets - question.overheadOctets - headerOctets
  }
}
