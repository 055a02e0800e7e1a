/// AVPs of vendors that pwmgr does not speak, for people to read: what their owners have published of them.
struct PublishedAVP {
  /// The name that its owner gave it.
  var name: String
  /// The form of its value.
  var shape = Shape.octets

  /// The form of the octets of such an AVP.
  enum Shape: Equatable {
    case octets
    case text
    case presence
    /// A number of 2, 4 or 8 octets, and what is counted, if anything.
    case number(String? = nil)
  }

  /// The IANA number of the Broadband Forum, which was the DSL Forum (RFC 5515).
  static let broadbandForumVendorID: UInt16 = 3561
  /// The IANA number of Cable Television Laboratories.
  static let cableLabsVendorID: UInt16 = 4491

  /// Whose AVPs they are, where that is known.
  static func owner(vendorID: UInt16) -> String? {
    switch vendorID {
    case AVPCatalogue.ciscoVendorID: "Cisco"
    case broadbandForumVendorID: "Broadband Forum"
    case cableLabsVendorID: "CableLabs"
    default: nil
    }
  }

  /// The published name and shape of an AVP; nil if nothing was published.
  static func of(vendorID: UInt16, type: UInt16) -> PublishedAVP? {
    switch vendorID {
    case broadbandForumVendorID: broadbandForum[type]
    case cableLabsVendorID: cableLabs[type]
    default: nil
    }
  }

  /// Octets as they are shown; those that are not as published are shown as octets.
  func value(_ raw: [UInt8]) -> AVPDescription.Value {
    switch shape {
    case .presence where raw.isEmpty: .presence
    case .text where !raw.isEmpty: .text(String(decoding: raw, as: UTF8.self))
    case .number(let unit) where [2, 4, 8].contains(raw.count):
      .number(raw.reduce(0) { $0 << 8 | UInt64($1) }, meaning: unit)
    case .presence, .text, .number, .octets: .octets(raw)
    }
  }

  /// Access line information (RFC 5515 section 5, with the numbers of RFC 4679).
  private static let broadbandForum: [UInt16: PublishedAVP] = [
    1: .init(name: "Agent Circuit ID", shape: .text), 2: .init(name: "Agent Remote ID", shape: .text),
    129: .rate("Actual Data Rate Upstream"), 130: .rate("Actual Data Rate Downstream"),
    131: .rate("Minimum Data Rate Upstream"), 132: .rate("Minimum Data Rate Downstream"),
    133: .rate("Attainable Data Rate Upstream"), 134: .rate("Attainable Data Rate Downstream"),
    135: .rate("Maximum Data Rate Upstream"), 136: .rate("Maximum Data Rate Downstream"),
    137: .rate("Minimum Data Rate Upstream Low Power"), 138: .rate("Minimum Data Rate Downstream Low Power"),
    139: .delay("Maximum Interleaving Delay Upstream"), 140: .delay("Actual Interleaving Delay Upstream"),
    141: .delay("Maximum Interleaving Delay Downstream"), 142: .delay("Actual Interleaving Delay Downstream"),
    144: .init(name: "Access Loop Encapsulation"), 145: .init(name: "ANCP Access Line Type", shape: .number()),
    254: .init(name: "IWF Session", shape: .presence),
  ]

  /// Remote QAM modulators and remote PHY devices (DEPI of CableLabs' M-CMTS and R-PHY specifications).
  private static let cableLabs: [UInt16: PublishedAVP] = [
    1: .init(name: "DEPI Result and Error Code"), 2: .init(name: "DEPI Resource Allocation Request"),
    3: .init(name: "DEPI Resource Allocation Reply"), 4: .init(name: "DEPI Local MTU", shape: .number("octets")),
    5: .init(name: "DOCSIS SYNC Control"), 6: .init(name: "EQAM Capability Bits"),
    7: .init(name: "DEPI Remote MTU", shape: .number("octets")),
    8: .init(name: "DEPI Local UDP Port", shape: .number()),
    9: .init(name: "DPR Session Type"), 10: .init(name: "DPR Session Status"),
    11: .init(name: "DEPI Remote Multicast Join"), 12: .init(name: "DEPI Remote Multicast Leave"),
    13: .init(name: "DEPI Multicast Capability"), 14: .init(name: "Upstream Flow"),
    15: .init(name: "DEPI Pseudowire Subtype Capabilities List"),
    16: .init(name: "DEPI Pseudowire Subtype", shape: .number()),
    17: .init(name: "DEPI L2-Specific Sublayer Subtype", shape: .number()),
    100: .channel("TSID Group"), 101: .channel("Frequency"), 102: .channel("Power"), 103: .channel("Modulation"),
    104: .channel("J.83 Annex"), 105: .channel("Symbol Rate"), 106: .channel("Interleaver Depth"),
    107: .channel("RF Block Muting"), 200: .init(name: "DEPI Redundancy Capabilities"),
  ]

  private static func rate(_ name: String) -> PublishedAVP { .init(name: name, shape: .number("bit/s")) }
  private static func delay(_ name: String) -> PublishedAVP { .init(name: name, shape: .number("ms")) }
  private static func channel(_ name: String) -> PublishedAVP { .init(name: "Downstream QAM Channel \(name)") }
}
