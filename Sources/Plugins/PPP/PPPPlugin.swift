public import PWCore

/// PPP pseudowires (type 0x0007, as Linux has it) whose PPP links end at the two sites: each session is an interface with the
/// addresses that the ends agree on.
public struct PPPPlugin: PseudowirePlugin {
  /// Ready to be asked.
  public init() {}

  /// `type: ppp`.
  public var name: String { "ppp" }
  /// 0x0007.
  public var type: PseudowireType { .ppp }
  /// PPP frames.
  public var payload: PseudowirePayload { .ppp }

  /// What may stand in a pseudowire of this type.
  public var optionKeys: [KeyDescription] { PPPOptions.keys }

  /// Complains of values that say nothing and of keys that do not go together.
  public func check(_ options: OptionNode, in context: OptionContext) -> [Diagnostic] {
    if case .mapping(let pairs) = options.content, pairs.contains(where: { $0.key == "pppoe" }) {
      return PPPoEOptionsCheck(options, context).diagnostics
    }
    return PPPOptionsCheck(options, context).diagnostics
  }

  /// Clients that come by PPPoE; nothing where the link ends here.
  public func attachmentCircuit(of options: OptionValue) -> AttachmentCircuit {
    PPPoEOptions.service(options).map(AttachmentCircuit.pppoe) ?? .none
  }

  /// As many pseudowires as `sessions` says.
  public func template(of options: OptionValue) -> PseudowireTemplate? { PPPTemplate.template(of: options) }

  /// Those keys that name programs.
  public static var programKeys: [String] { PPPOptions.programKeys }

  /// The keys below `pppoe`.
  public static var accessKeys: [KeyDescription] { PPPoEOptions.keys }

  /// Ours and the peer's.
  public func secretFiles(in options: OptionNode) -> [SecretFilePlace] {
    guard case .mapping(let pairs) = options.content else { return [] }
    return pairs.compactMap { pair in
      guard PPPOptions.secretFileKeys.contains(pair.key), case .scalar(let path, _) = pair.value.content,
        FilePath.isFull(path)
      else { return nil }
      return SecretFilePlace(path: path, mark: pair.value.mark)
    }
  }

  /// The link of a session: spoken on while the session is established and the peer's circuit is active (RFC 3931 section 5.4.5:
  /// nothing is sent to a peer that says it is not).
  public func answer(_ question: PluginQuestion) -> PluginAnswer {
    guard question.declaration.options["pppoe"] == nil else { return Self.carriage(question) }
    let options = PPPOptions(question.declaration.options)
    let mtu: Int
    switch options.mtu {
    case .octets(let octets): mtu = octets
    case .fit:
      mtu = min(PPPFrame.payloadThatFits(question), PPPOptions.mtuRange.upperBound)
      guard mtu >= PPPOptions.mtuRange.lowerBound else { return Self.tooNarrow(question) }
    }
    var link = LinkRequest.PPPTermination(
      name: question.declaration.interfaceName, isUp: question.phase == .established && question.isPeerCircuitActive,
      mtuOctets: mtu)
    link.ipv4 = options.ipv4
    link.hasIPv6 = options.hasIPv6
    link.isDefaultRoute = options.isDefaultRoute
    link.credentials = options.credentials
    link.demand = options.demand
    link.echo = options.echo
    link.hooks = options.hooks
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
