/// The terms on which the two ends of a session must agree, and the messages where they do not: both values, in the
/// words of the site file.
extension Engine {
  /// Why a session cannot be as the peer wants it. Both data planes use one sublayer, and sequence numbers or none, for
  /// both directions, so what the peer wants to receive must be what is declared here.
  func refusal(of wanted: DataPathParameters, _ pseudowire: PseudowireReference) -> CallResult? {
    let terms = CallTerms(
      sublayer: pseudowires[pseudowire].sublayer, isSequenced: pseudowires[pseudowire].declaration.isSequenced)
    return terms.refusal(of: wanted) ?? refusal(ofInterfaceMTU: wanted.interfaceMTUOctets, pseudowire)
  }

  /// Takes the sublayer that a peer asks for, where the site leaves that to it; one that we do not know is refused
  /// later.
  mutating func adoptSublayer(of wanted: DataPathParameters, _ pseudowire: PseudowireReference) {
    guard pseudowires[pseudowire].declaration.adoptsSublayer,
      let sublayer = PseudowireDeclaration.Sublayer(rawValue: wanted.sublayer ?? 0)
    else { return }
    pseudowires[pseudowire].sublayer = sublayer
  }

  /// The peer does not take our call as it is: where the sublayer is left to it, the other one is tried next.
  mutating func tryOtherSublayer(_ pseudowire: PseudowireReference) {
    guard pseudowires[pseudowire].declaration.adoptsSublayer, pseudowires[pseudowire].machine.state == .waitReply
    else { return }
    let declared = pseudowires[pseudowire].declaration.sublayer
    let isOther = pseudowires[pseudowire].sublayer != declared
    pseudowires[pseudowire].sublayer = isOther ? declared : declared.other
  }

  /// The wishes of an ICCN that names only some: the others are as in ICRQ, which was as declared.
  func completed(_ wanted: DataPathParameters, _ pseudowire: PseudowireReference) -> DataPathParameters {
    let (sublayer, isSequenced) = (
      pseudowires[pseudowire].sublayer, pseudowires[pseudowire].declaration.isSequenced
    )
    var wanted = wanted
    wanted.sublayer = wanted.sublayer ?? sublayer.rawValue
    wanted.dataSequencing = wanted.dataSequencing ?? (isSequenced ? CallTerms.highestSequencingLevel : 0)
    return wanted
  }

  // MARK: Calls that match no pseudowire

  /// A call for a pseudowire that is not there, or not for that caller (RFC 4667 section 5.1).
  mutating func refuseCall(
    _ request: CallRequest, _ match: CallTable.Match, on connection: ConnectionReference
  ) {
    let tunnel = connections[connection].tunnel
    if match == .notAuthorised {
      noteRefusal(
        tunnel,
        "refused the peer's call for \(request.words): it \(request.callerWords); this site declares "
          + declaredCallers(of: tunnel, like: request, atMost: Self.namedCalls))
      disconnectUnknown(
        request.identifiers.local, CallResult(.forwarderNotAuthorised, text: toldOfCallers(to: tunnel, like: request)),
        on: connection)
    } else {
      let declared = "this site declares \(declaredCalls(of: tunnel, like: request, atMost: Self.namedCalls))"
      noteRefusal(tunnel, "refused the peer's call for \(request.words): \(declared)")
      disconnectUnknown(
        request.identifiers.local, CallResult(.noSuchForwarder, text: toldOfCalls(to: tunnel, like: request)),
        on: connection)
    }
  }

  /// Refuses a call where both ends are to have declared the sessions.
  mutating func refuseUnexpectedCall(_ request: CallRequest, on connection: ConnectionReference) {
    noteRefusal(
      connections[connection].tunnel,
      "refused the peer's call for \(request.words): this tunnel has `signalling: keepalive`, where both ends declare "
        + "the sessions; write the same at both ends")
    disconnectUnknown(
      request.identifiers.local,
      CallResult(.administrative, text: "sessions are declared here and not called for (`signalling: keepalive`)"),
      on: connection)
  }

  /// Tells people of a call that was refused. What has been told of is not told again, several calls in turn included;
  /// and calls that differ each time are told of at most once in `refusedCallInterval`.
  private mutating func noteRefusal(_ tunnel: TunnelReference, _ message: String) {
    let told = tunnels[tunnel].toldRefusals ?? []
    let isSoon = told.last.map { now - $0.since < EngineLimits.refusedCallInterval } ?? false
    guard !isSoon, !told.contains(where: { $0.value == message }) else {
      return note(.debug, .callRefused, tunnel: tunnel, message)
    }
    tunnels[tunnel].toldRefusals = told.suffix(EngineLimits.rememberedRefusals - 1) + [Since(message, since: now)]
    note(.warning, .callRefused, tunnel: tunnel, message)
  }

  /// Whether a tunnel's peer hears what is declared, so that its operator sees both values. A peer that may be anybody
  /// does not: it could call each pseudowire then.
  private func hearsDeclarations(_ tunnel: TunnelReference) -> Bool {
    let declaration = tunnels[tunnel].declaration
    return declaration.peer.isOneHost || declaration.authentication?.secretFile != nil
  }

  /// The words that tell the peer who may call the end that it has called.
  private func toldOfCallers(to tunnel: TunnelReference, like request: CallRequest) -> String {
    guard hearsDeclarations(tunnel) else { return "that end may not be called from yours" }
    let declared = declaredCallers(of: tunnel, like: request, atMost: 1)
    return "the call \(request.callerWords); the called site declares \(declared)".printable
  }

  /// The ends that may call the one that a call is for.
  private func declaredCallers(of tunnel: TunnelReference, like request: CallRequest, atMost limit: Int) -> String {
    let called = [request.remoteEndID] + request.remoteEndID.otherForms
    let all = tunnels[tunnel].pseudowires.map { pseudowires[$0].declaration }.filter {
      $0.type == request.pseudowireType && $0.localEndID != nil && called.contains($0.ownEndID)
        && ($0.attachmentGroup?.octets ?? []) == (request.attachmentGroup ?? [])
    }
    let callers = all.prefix(limit).map { "`end-id: \($0.remoteEndID.words)`" }.joined(separator: ", ")
    return callers + (all.count > limit ? " and \(all.count - limit) more" : "") + " for it"
  }

  /// The words that tell the peer of a tunnel's pseudowires.
  private func toldOfCalls(to tunnel: TunnelReference, like request: CallRequest) -> String {
    guard hearsDeclarations(tunnel) else { return "no such pseudowire is declared here" }
    return "the called site declares \(declaredCalls(of: tunnel, like: request, atMost: 1))".printable
  }

  /// The types and end-ids that a tunnel's pseudowires may be called by; of many those with the end-id of the call,
  /// then the first.
  private func declaredCalls(of tunnel: TunnelReference, like request: CallRequest, atMost limit: Int) -> String {
    let called = [request.remoteEndID] + request.remoteEndID.otherForms
    let all = tunnels[tunnel].pseudowires.map { pseudowires[$0].declaration }
    let (near, far) = (all.filter { called.contains($0.ownEndID) }, all.filter { !called.contains($0.ownEndID) })
    let declared = (near + far).prefix(limit).map {
      $0.type.words(calledBy: $0.ownEndID, in: $0.attachmentGroup)
    }
    let more = tunnels[tunnel].pseudowires.count - declared.count
    return (declared.isEmpty ? "none" : declared.joined(separator: "; ")) + (more > 0 ? "; and \(more) more" : "")
  }

  private static let namedCalls = 3
}

/// The demands of one end of a session on its data path, in either direction of the call.
struct CallTerms {
  /// The sublayer of both directions.
  var sublayer: PseudowireDeclaration.Sublayer
  /// Whether data packets are numbered.
  var isSequenced: Bool

  /// Everything is numbered (RFC 3931 section 5.4.4); 1 is "all but IP", 0 is none.
  static let highestSequencingLevel: UInt16 = 2

  /// Why a session cannot be as the other end wants it.
  func refusal(of wanted: DataPathParameters) -> CallResult? {
    let asked = (sublayer: wanted.sublayer ?? 0, isSequenced: (wanted.dataSequencing ?? 0) != 0)
    if asked.isSequenced, asked.sublayer == 0 { return CallResult(.sequencingWithoutSublayer) }
    if let level = wanted.dataSequencing, level > Self.highestSequencingLevel {
      return CallResult(.generalError, error: .valueOutOfRange, text: "Data Sequencing \(level) is not known here")
    }
    if asked.sublayer != sublayer.rawValue {
      return CallResult(
        .generalError, error: .valueOutOfRange,
        text: Self.disagreement(
          "sublayer", requested: Self.words(ofSublayer: asked.sublayer),
          declared: Self.words(ofSublayer: sublayer.rawValue)))
    }
    guard asked.isSequenced == isSequenced else {
      return CallResult(
        .generalError, error: .valueOutOfRange,
        text: Self.disagreement("sequencing", requested: "\(asked.isSequenced)", declared: "\(isSequenced)"))
    }
    return nil
  }

  /// Two values of a key that have to be the same, in words that are right at either end: both read them.
  static func disagreement(_ key: String, requested: String, declared: String) -> String {
    "`\(key): \(requested)` was requested; the end that refuses declares `\(key): \(declared)`"
  }

  /// As the site file has it, or its number.
  static func words(ofSublayer number: UInt16) -> String {
    switch PseudowireDeclaration.Sublayer(rawValue: number) {
    case .some(.none): "none"
    case .some(.standard): "default"
    case nil: "\(number)"
    }
  }
}

extension CallRequest {
  /// The pseudowire type and the end-id that it calls for, in the words of the site file.
  fileprivate var words: String {
    pseudowireType.words(calledBy: remoteEndID, in: attachmentGroup.map { RemoteEndID(octets: $0) })
  }
}

extension CallRequest {
  /// The end that calls, in the words of its own site file. A call that does not name it has the name that it calls.
  fileprivate var callerWords: String {
    guard let localEndID else {
      return "has no `local-end-id`, so it comes from the same name, \(remoteEndID.words)"
    }
    return "comes from `local-end-id: \(RemoteEndID(octets: localEndID).words)`"
  }
}

extension PseudowireType {
  /// A pseudowire of this type and what it is called by, in the words of the site file; the group where it is not the
  /// default one.
  func words(calledBy endID: RemoteEndID, in group: RemoteEndID? = nil) -> String {
    "`type: \(words)`, `end-id: \(endID.words)`" + (group.map { ", `attachment-group: \($0.words)`" } ?? "")
  }

  /// As the site file has it, or its number.
  var words: String {
    switch self {
    case .ethernet: "ethernet"
    case .ethernetVLAN: "vlan"
    case .ppp: "ppp"
    default: "\(rawValue)"
    }
  }
}

extension RemoteEndID {
  /// As the site file has it: a number, text in quotation marks, or else its octets. Four octets that all print are
  /// text.
  var words: String {
    let prints = !octets.isEmpty && octets.allSatisfy { (0x20...0x7E).contains($0) }
    if prints { return "\"\(String(decoding: octets, as: UTF8.self).printable)\" (text)" }
    guard octets.count == 4 else { return octets.isEmpty ? "nothing" : "the octets \(octets)" }
    return "\(octets.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }) (number)"
  }
}
