public import PWCore

/// Ethernet pseudowires in port mode (RFC 4719, type 0x0005): whole frames, tags included, through an interface of the
/// session's own that joins a bridge, is joined to one other link, or stands alone.
public struct EthernetPlugin: PseudowirePlugin {
  /// Ready to be asked.
  public init() {}

  /// `type: ethernet`.
  public var name: String { "ethernet" }
  /// 0x0005.
  public var type: PseudowireType { .ethernet }
  /// Ethernet frames.
  public var payload: PseudowirePayload { .ethernet }

  /// What may stand in a pseudowire of this type.
  public var optionKeys: [KeyDescription] { EthernetOptions.keys }

  /// Complains of values that say nothing, of bridges that are not there, and of keys that exclude each other.
  public func check(_ options: OptionNode, in context: OptionContext) -> [Diagnostic] {
    EthernetOptionsCheck(options, context).diagnostics
  }

  /// The bridge's members, the one member, or nothing.
  public func attachmentCircuit(of options: OptionValue) -> AttachmentCircuit {
    EthernetOptions(options).attachment
  }

  /// The `split-horizon` of a port of a bridge.
  public func splitHorizonGroup(of options: OptionValue) -> String? {
    EthernetOptions(options).splitHorizonGroup
  }

  /// The links of a session: its interface, and what the interface joins.
  ///
  /// The interface joins while the session is still connecting, its link down: no frame passes, and none is lost when the
  /// link comes up. It is up while the session is established and the peer's circuit is active (RFC 3931 section 5.4.5:
  /// nothing is sent to a peer that says it is not).
  public func answer(_ question: PluginQuestion) -> PluginAnswer {
    let options = EthernetOptions(question.declaration.options)
    let link = question.declaration.interfaceName
    guard let mtu = options.mtu.linkMTU(question, headerOctets: EthernetFrame.headerOctets) else {
      return MTUOption.tooNarrow(question, headerOctets: EthernetFrame.headerOctets)
    }
    let isUp = question.phase == .established && question.isPeerCircuitActive
    var requests: [LinkRequest] = [
      .session(.init(name: link, mtu: mtu, isUp: isUp, addresses: options.addresses))
    ]
    switch options.attachment {
    case .none: break
    case .vlan, .trunk, .pppoe: preconditionFailure("no option of ours names a VLAN, or clients")
    case .bridge(let bridge):
      requests.append(
        .bridgePort(
          .init(
            link: link, bridge: bridge, isIsolated: options.splitHorizonGroup != nil, vlans: options.vlans)))
    case .member(let member):
      requests.append(
        .pointToPoint(.init(link: link, member: member, passesFaultToMember: options.passesFault)))
    }
    return .links(requests)
  }
}

/// The frame that a pseudowire carries (IEEE 802.3; RFC 4719 section 3.1: without preamble and FCS).
enum EthernetFrame {
  /// Two addresses and a type: what `mtu: fit` counts (RFC 4719 section 3.3). A frame with an 802.1Q tag has 4 octets more.
  static let headerOctets = 14
}
