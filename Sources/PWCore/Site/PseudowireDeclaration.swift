/// One pseudowire of a tunnel, as declared: what the engine needs, and what its plugin reads.
public struct PseudowireDeclaration: Equatable, Codable, Sendable {
  /// The name in the file, unique in its tunnel.
  public var name: String
  /// The pseudowire type that is signalled (AVP 68).
  public var type: PseudowireType
  /// The Remote End ID, the same at both ends (AVP 66).
  public var remoteEndID: RemoteEndID
  /// The name that the peer calls our end by, where the two ends have different ones (AVP 90, RFC 4667); nil is `remoteEndID`.
  public var localEndID: RemoteEndID?
  /// The group that both ends belong to (AVP 89, RFC 4667); nil is the default one.
  public var attachmentGroup: RemoteEndID?
  /// Octets of the cookie that we assign: 0, 4 or 8 (AVP 65).
  public var cookieLengthOctets: Int
  /// The L2-Specific Sublayer that both directions use (AVP 69); where the peer's is adopted, what we ask for first.
  public var sublayer: Sublayer
  /// Whether data packets are sequenced (AVP 70, level 2) or not.
  public var isSequenced: Bool
  /// The name of the interface that the session gets; never left to the kernel.
  public var interfaceName: String
  /// The plugin that serves it, where that is not the one for its type in this process (`Site.plugins`).
  public var plugin: String?
  /// The plugin's part: the keys of the file that are not the engine's.
  public var options: OptionValue
  /// The attachment circuit, as its plugin tells of those options (`PseudowireOutline.attachment`).
  public var circuit = AttachmentCircuit.none

  /// A pseudowire with 8 octets of cookie and no sublayer.
  public init(
    name: String, type: PseudowireType, remoteEndID: RemoteEndID, interfaceName: String,
    cookieLengthOctets: Int = 8, sublayer: Sublayer = .none, isSequenced: Bool = false,
    options: OptionValue = .mapping([])
  ) {
    self.name = name
    self.type = type
    self.remoteEndID = remoteEndID
    self.interfaceName = interfaceName
    self.cookieLengthOctets = cookieLengthOctets
    self.sublayer = sublayer
    self.isSequenced = isSequenced
    self.options = options
  }

  // Nil is as usual, so that a recording from before there were such keys is still read.
  private var toldMTU: InterfaceMTU?
  private var isMTUMismatchRefused: Bool?
  private var begins: Calling?
  private var isSublayerAdopted: Bool?
  private var isCookieAutomatic: Bool?
  private(set) var offers: [PluginAVP]?

  /// Of a hundred of the peer's data packets, how many may be lost before the session ends for a while (RFC 4719 section 5), 1 to 100;
  /// nil is all of them. Needs sequencing.
  public var lossLimitPercent: UInt8?
  /// The value that the MSS of TCP connections through it is lowered to; nil leaves it as it is. Only of pseudowires
  /// that carry Ethernet frames.
  public var segmentLimit: SegmentLimit?
  /// The identifiers and cookies of a pseudowire without signalling; nil where a call agrees on them.
  public var staticSession: StaticSession?
  /// A line of the operator's, for people; nil where there is none.
  public var descriptionText: String?
  /// Why it is not carried out; nil where it is, as far as its tunnel is.
  public var disabled: Disablement?
  /// The AVPs that tell the peer's plugin something when the session is set up.
  public var offeredAVPs: [PluginAVP] {
    get { offers ?? [] }
    set { offers = newValue.isEmpty ? nil : Array(newValue.prefix(PluginAVP.maximumCount)) }
  }

  /// Whether what the peer's plugin tells is of any interest.
  var readsAVPs: Bool { plugin != nil || offers != nil }

  /// The name of the declaration in the file, where that stands for many pseudowires (``PseudowireTemplate``); nil for one of its own.
  public var template: String?

  /// The name that the peer calls our end by (AVP 66 of its ICRQ).
  var ownEndID: RemoteEndID { localEndID ?? remoteEndID }

  /// When we call for a session.
  public var calling: Calling {
    get { begins ?? .always }
    set { begins = newValue == .always ? nil : newValue }
  }

  /// When we call for a session.
  public enum Calling: String, Codable, Sendable {
    /// As soon as there is a control connection, and again after each end.
    case always
    /// When the attachment circuit asks for it (``CircuitDemand``), and not again; the peer's own calls are refused.
    case onDemand = "on-demand"
    /// Never: the peer calls.
    case never
  }

  /// The MTU of our attachment circuit that the peer is told (AVP 91, RFC 4667).
  public var interfaceMTU: InterfaceMTU {
    get { toldMTU ?? .automatic }
    set { toldMTU = newValue == .automatic ? nil : newValue }
  }

  /// Whether a peer that asks for the other sublayer gets it (`sublayer: auto`). Never where data packets are
  /// sequenced: the numbers are in the sublayer.
  public var adoptsSublayer: Bool {
    get { isSublayerAdopted ?? false }
    set { isSublayerAdopted = newValue ? true : nil }
  }

  /// Whether a peer that ignores the cookie gets a session without one (`cookie: auto`).
  public var isCookieGivenUp: Bool {
    get { isCookieAutomatic ?? false }
    set { isCookieAutomatic = newValue ? true : nil }
  }

  /// Whether a session whose ends have different MTUs must not be.
  public var refusesMTUMismatch: Bool {
    get { isMTUMismatchRefused ?? false }
    set { isMTUMismatchRefused = newValue ? true : nil }
  }

  /// The MTU of an attachment circuit that the peer is told, if any.
  public enum InterfaceMTU: Equatable, Codable, Sendable {
    /// That of the narrowest link of the circuit, as far as it is there.
    case automatic
    /// The peer is told nothing: no Interface MTU AVP is sent.
    case unsaid
    /// A fixed MTU in octets.
    case octets(UInt16)
  }

  /// The L2-Specific Sublayer types that a site may declare (RFC 3931 section 4.6).
  public enum Sublayer: UInt16, Codable, Sendable {
    /// No L2-Specific Sublayer: nothing stands between cookie and frame.
    case none = 0
    /// The default one: 4 octets.
    case standard = 1

    /// The other one of the two.
    var other: Sublayer { self == .none ? .standard : .none }
  }
}
