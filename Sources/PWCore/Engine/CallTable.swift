/// Which of a tunnel's pseudowires a call is for: by its type and Remote End ID (RFC 3931 section 5.4.4), and by the group and the
/// other end where they are declared (RFC 4667 sections 4.3 and 5.1).
struct CallTable: Codable {
  /// The pair of AVPs that every call names.
  fileprivate struct Target: Hashable, Codable {
    /// AVP 68.
    var type: PseudowireType
    /// AVP 66: the end that is called.
    var end: RemoteEndID
  }

  /// The group and the calling end, which a call may name besides.
  fileprivate struct Particulars: Hashable, Codable {
    var target: Target
    /// AVP 89; nil is the default group.
    var group: [UInt8]?
    /// AVP 90: the end that calls; nil where any may.
    var source: RemoteEndID?
  }

  /// Whose a call is.
  enum Match: Equatable {
    /// The call is for this pseudowire.
    case pseudowire(PseudowireReference)
    /// There is an end of that name, which another one may call (CDN 25).
    case notAuthorised
    /// There is none (CDN 24).
    case unknown
  }

  /// In the default group, whoever calls: as good as all are found here, by the shorter name.
  private var plain: [Target: PseudowireReference] = [:]
  /// Those whose declaration names a group or a Local End ID.
  private var particular: [Particulars: PseudowireReference] = [:]
  /// How many there are whose caller matters, by what is called alone.
  private var exclusive: [Particulars: Int] = [:]

  /// Enters a pseudowire by what a call for it names.
  mutating func insert(_ declaration: PseudowireDeclaration, _ pseudowire: PseudowireReference) {
    let target = Target(type: declaration.type, end: declaration.ownEndID)
    guard let particulars = particulars(target, declaration) else { return plain[target] = pseudowire }
    let isNew = particular.updateValue(pseudowire, forKey: particulars) == nil
    if isNew, particulars.source != nil { exclusive[particulars.ofAnySource, default: 0] += 1 }
  }

  /// Takes a pseudowire out, if another one has not taken its place.
  mutating func remove(_ declaration: PseudowireDeclaration, _ pseudowire: PseudowireReference) {
    let target = Target(type: declaration.type, end: declaration.ownEndID)
    guard let particulars = particulars(target, declaration) else {
      if plain[target] == pseudowire { plain[target] = nil }
      return
    }
    guard particular[particulars] == pseudowire else { return }
    particular[particulars] = nil
    guard particulars.source != nil, let count = exclusive[particulars.ofAnySource] else { return }
    exclusive[particulars.ofAnySource] = count > 1 ? count - 1 : nil
  }

  /// Finds the pseudowire that a call is for; one whose end-id the peer spells as text, and we as a number, or the
  /// other way round, where nothing is declared as the peer spells it.
  func match(_ request: CallRequest) -> Match {
    if particular.isEmpty, request.attachmentGroup == nil,
      let found = plain[Target(type: request.pseudowireType, end: request.remoteEndID)]
    {
      return .pseudowire(found)
    }
    let source = request.localEndID.map { RemoteEndID(octets: $0) }
    let asSpelled = match(request, end: request.remoteEndID, source: source ?? request.remoteEndID)
    if case .pseudowire = asSpelled { return asSpelled }
    return matchAnyForm(request, source: source)
  }

  /// Finds the pseudowire of the same ends in any of their forms, for a call whose spelling nobody here declares: only
  /// then are the forms worked out.
  private func matchAnyForm(_ request: CallRequest, source: RemoteEndID?) -> Match {
    var best = Match.unknown
    for end in [request.remoteEndID] + request.remoteEndID.otherForms {
      for source in [source ?? end] + (source?.otherForms ?? []) {
        switch match(request, end: end, source: source) {
        case .pseudowire(let found): return .pseudowire(found)
        case .notAuthorised: best = .notAuthorised
        case .unknown: break
        }
      }
    }
    return best
  }

  /// Finds the pseudowire of exactly these ends. A call that does not name its own end has the name that it calls.
  private func match(_ request: CallRequest, end: RemoteEndID, source: RemoteEndID) -> Match {
    let target = Target(type: request.pseudowireType, end: end)
    let group = request.attachmentGroup.flatMap { $0.isEmpty ? nil : $0 }
    if !particular.isEmpty {
      let exact = Particulars(target: target, group: group, source: source)
      if let found = particular[exact] ?? particular[exact.ofAnySource] { return .pseudowire(found) }
    }
    if group == nil, let found = plain[target] { return .pseudowire(found) }
    guard !exclusive.isEmpty else { return .unknown }
    return exclusive[Particulars(target: target, group: group)] == nil ? .unknown : .notAuthorised
  }

  /// The particulars that are declared of a pseudowire; nil where it has only the target that every call names.
  private func particulars(_ target: Target, _ declaration: PseudowireDeclaration) -> Particulars? {
    let group = declaration.attachmentGroup.flatMap { $0.octets.isEmpty ? nil : $0.octets }
    guard declaration.localEndID != nil || group != nil else { return nil }
    return Particulars(
      target: target, group: group, source: declaration.localEndID == nil ? nil : declaration.remoteEndID)
  }
}

extension CallTable.Particulars {
  /// The same call, whoever makes it.
  fileprivate var ofAnySource: CallTable.Particulars {
    var particulars = self
    particulars.source = nil
    return particulars
  }
}
