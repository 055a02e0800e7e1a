public import PWCore

/// VLAN pseudowires (RFC 4719, type 0x0004): the frames of one VLAN of a port, tagged on the network with their sender's tag,
/// which the receiver rewrites to its own.
///
/// The kernel has a driver for Ethernet pseudowires and none for this type, and needs none: what crosses the network is the same
/// frame. Taking the VLAN out of the port and rewriting its tag is the attachment circuit's part (RFC 4719 section 1).
public struct VLANPlugin: PseudowirePlugin {
  /// Ready to be asked.
  public init() {}

  /// `type: vlan`.
  public var name: String { "vlan" }
  /// The pseudowire type 0x0004, Ethernet VLAN (RFC 4719).
  public var type: PseudowireType { .ethernetVLAN }
  /// Its sessions carry Ethernet frames.
  public var payload: PseudowirePayload { .ethernet }

  /// The keys that may stand in a pseudowire of this type.
  public var optionKeys: [KeyDescription] { Self.keys }
  /// Made once: each pseudowire of a site asks for them, and reflection takes its time.
  private static let keys = KeyDescription.all(of: VLANKeys.declared)

  /// Reads the options, and complains of what is missing, and of values that say nothing.
  public func read(_ reading: inout OptionReading) -> VLANOptions? { VLANOptions(&reading) }

  /// The VLANs of the port.
  public func outline(of options: VLANOptions) -> PseudowireOutline {
    switch options.vlans {
    case .one(let tag): PseudowireOutline(attachment: .vlan(port: options.port, tag))
    case .several(let vlans): PseudowireOutline(attachment: .trunk(port: options.port, vlans))
    }
  }

  /// The links of a session: its interface, and the VLAN that it is joined to.
  ///
  /// As with Ethernet pseudowires the joint is made while the session is still connecting, and the interface is up while the
  /// session is established and the peer's circuit is active (RFC 3931 section 5.4.5).
  public func answer(_ question: PluginQuestion, _ options: VLANOptions) -> PluginAnswer {
    let link = question.declaration.interfaceName
    guard let mtu = options.mtu.linkMTU(question, headerOctets: TaggedFrame.headerOctets) else {
      return MTUOption.tooNarrow(question, headerOctets: TaggedFrame.headerOctets)
    }
    let isUp = question.phase == .established && question.isPeerCircuitActive
    let circuit: LinkRequest
    switch options.vlans {
    case .one(let tag):
      circuit = .vlanCircuit(.init(link: link, port: options.port, tag: tag, priorities: options.priorities))
    case .several(let vlans):
      circuit = .vlanTrunk(.init(link: link, port: options.port, vlans: vlans, priorities: options.priorities))
    }
    return .links([.session(.init(name: link, mtu: mtu, isUp: isUp)), circuit])
  }
}

/// The frame that a pseudowire carries (IEEE 802.1Q; RFC 4719 section 3.1: without preamble and FCS).
enum TaggedFrame {
  /// Two addresses, one tag and a type: what `mtu: fit` counts. Each further tag adds 4 octets.
  static let headerOctets = 14 + VLANTag.octets
}
