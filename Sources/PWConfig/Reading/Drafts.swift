import PWCore

/// A tunnel as far as it could be read, with the places of its parts: checks across the site need both, also when the
/// file is refused in the end.
struct TunnelDraft {
  var section: Section<TunnelKeys>
  /// How its sessions come about.
  var signalling: Signalling
  var declaration: TunnelDeclaration
  /// Whether the peer could be read; else `declaration.peer` says nothing.
  var isPeerKnown: Bool
  /// Where each of the peer's `hosts` stands; where the value stands, if the peer has none.
  var peerMarks: [Mark]
  var pseudowires: [PseudowireDraft]

  /// Where the peer may be called, each address or name with its place.
  var hosts: [(host: PeerHost, mark: Mark)] {
    zip(declaration.peer.hosts, peerMarks).map { (host: $0, mark: $1) }
  }
}

/// A pseudowire as far as it could be read.
struct PseudowireDraft {
  var section: Section<PseudowireKeys>
  var owner: LinkOwner
  var declaration: PseudowireDeclaration
  /// The pseudowires that it stands for: itself, or many.
  var expanded: [PseudowireDeclaration]
  var options: OptionNode
  /// The outline that its plugin makes of the options.
  var outline: PseudowireOutline
  /// The kind of frames that its sessions carry.
  var payload: PseudowirePayload
  /// The files that it takes secrets from.
  var secretFiles: [SecretFilePlace]
  /// The programs that are run for it.
  var programs: [ProgramPlace]

  /// The attachment circuit behind it.
  var attachment: AttachmentCircuit { outline.attachment }
  /// The split-horizon group of its port.
  var splitHorizonGroup: String? { outline.splitHorizonGroup }

  /// `pseudowire 'lan' of tunnel 'berlin'`.
  var title: String {
    "pseudowire '\(owner.pseudowire)' of tunnel '\(owner.tunnel)'"
  }

  /// Where the value of one of the plugin's keys stands; the pseudowire's name, if it is not there.
  func place(ofKey key: String) -> Mark {
    guard case .mapping(let pairs) = options.content else { return section.mark }
    return pairs.first { $0.key == key }?.value.mark ?? section.mark
  }

  /// Where a value stands in the plugin's options; the pseudowire's name, if it does not.
  func place(ofOption text: String) -> Mark {
    guard case .mapping(let pairs) = options.content else { return section.mark }
    return pairs.first { $0.value.value == .scalar(text) }?.value.mark ?? section.mark
  }
}

/// A bridge as far as it could be read.
struct BridgeDraft {
  var section: Section<BridgeKeys>
  var declaration: BridgeDeclaration
  /// Where each member stands, in the order of `declaration.members`.
  var memberMarks: [Mark]
}

/// The whole file as far as it could be read.
struct SiteDraft {
  var tunnels: [TunnelDraft] = []
  var bridges: [BridgeDraft] = []
}
