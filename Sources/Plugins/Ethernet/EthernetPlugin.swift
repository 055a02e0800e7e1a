public import PWCore

/// Ethernet pseudowires in port mode (RFC 4719, type 0x0005): whole frames, tags included, through an interface of the
/// session's own that joins a bridge, is joined to one other link, or stands alone.
public struct EthernetPlugin: PseudowirePlugin {
  /// Ready to be asked.
  public init() {}

  /// `type: ethernet`.
  public var name: String { "ethernet" }
  /// The pseudowire type 0x0005, Ethernet (RFC 4719).
  public var type: PseudowireType { .ethernet }
  /// Its sessions carry Ethernet frames.
  public var payload: PseudowirePayload { .ethernet }

  /// The keys that may stand in a pseudowire of this type.
  public var optionKeys: [KeyDescription] { Self.keys }
  /// Made once: each pseudowire of a site asks for them, and reflection takes its time.
  private static let keys = KeyDescription.all(of: EthernetKeys.declared)

  /// Reads the options, and complains of values that say nothing and of keys that exclude each other.
  public func read(_ reading: inout OptionReading) -> EthernetOptions? { EthernetOptions(&reading) }

  /// The bridge's members, the one member, or nothing.
  public func outline(of options: EthernetOptions) -> PseudowireOutline {
    var outline = PseudowireOutline()
    switch options.joint {
    case .none: break
    case .member(let member, let passesFault):
      outline.attachment = .member(member)
      outline.passesFault = passesFault
    case .bridge(let port):
      outline.attachment = .bridge(port.bridge)
      outline.splitHorizonGroup = port.splitHorizonGroup
    }
    return outline
  }

  /// The links of a session: its interface, and what the interface joins.
  ///
  /// The interface joins while the session is still connecting, its link down: no frame passes, and none is lost when the
  /// link comes up. It is up while the session is established and the peer's circuit is active (RFC 3931 section 5.4.5:
  /// nothing is sent to a peer that says it is not).
  public func answer(_ question: PluginQuestion, _ options: EthernetOptions) -> PluginAnswer {
    let link = question.declaration.interfaceName
    guard let mtu = options.mtu.linkMTU(question, headerOctets: EthernetFrame.headerOctets) else {
      return MTUOption.tooNarrow(question, headerOctets: EthernetFrame.headerOctets)
    }
    let isUp = question.phase == .established && question.isPeerCircuitActive
    let session = LinkRequest.session(.init(name: link, mtu: mtu, isUp: isUp, addresses: options.addresses))
    switch options.joint {
    case .none: return .links([session])
    case .bridge(let port):
      let request = LinkRequest.bridgePort(
        .init(link: link, bridge: port.bridge, isIsolated: port.splitHorizonGroup != nil, vlans: port.vlans))
      return .links([session, request])
    case .member(let member, let passesFault):
      return .links([
        session, .pointToPoint(.init(link: link, member: member, passesFaultToMember: passesFault)),
      ])
    }
  }
}

/// The frame that a pseudowire carries (IEEE 802.3; RFC 4719 section 3.1: without preamble and FCS).
enum EthernetFrame {
  /// Two addresses and a type: what `mtu: fit` counts (RFC 4719 section 3.3). A frame with an 802.1Q tag has 4 octets more.
  static let headerOctets = 14
}
