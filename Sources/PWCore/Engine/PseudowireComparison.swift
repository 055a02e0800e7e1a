/// The pseudowires of two tunnels that are the ends of one connection: which call for which, and whether they agree.
struct PseudowireComparison {
  private typealias Place = SitePair.Place
  private typealias Finding = SitePair.Finding

  private let sides: (one: SitePair.Side, other: SitePair.Side)
  private let pair: TunnelPair
  private var unmatched: (one: [PseudowireDeclaration], other: [PseudowireDeclaration]) = ([], [])
  private(set) var findings: [SitePair.Finding] = []
  /// How many come up.
  private(set) var count = 0

  init(_ sites: SitePair, _ pair: TunnelPair) {
    sides = (sites.one, sites.other)
    self.pair = pair
    match()
    tellUnmatched()
  }

  // MARK: Pseudowires that call each other

  private mutating func match() {
    let tables = (CallTable(of: pair.one), CallTable(of: pair.other))
    var found: Set<String> = []
    for ours in pair.one.pseudowires {
      let theirs = pair.other.pseudowires.first { theirs in
        if let session = ours.staticSession { return theirs.staticSession.map { session.isMeant(for: $0) } ?? false }
        return
          ours.isCalled(by: theirs, tables.0, pair.one) || theirs.isCalled(by: ours, tables.1, pair.other)
      }
      if let theirs {
        found.insert(theirs.name)
        compare(ours, theirs, tables)
      } else {
        unmatched.one.append(ours)
      }
    }
    unmatched.other = pair.other.pseudowires.filter { !found.contains($0.name) }
  }

  /// Two that find each other by what a call names: do they come up?
  private mutating func compare(
    _ ours: PseudowireDeclaration, _ theirs: PseudowireDeclaration, _ tables: (CallTable, CallTable)
  ) {
    let ways = (
      ours.mayCall(theirs) && theirs.isCalled(by: ours, tables.1, pair.other),
      theirs.mayCall(ours) && ours.isCalled(by: theirs, tables.0, pair.one)
    )
    var obstacles: [Finding] = []
    if ours.disabled != nil || theirs.disabled != nil {
      let isBoth = ours.disabled != nil && theirs.disabled != nil
      let end = isBoth ? "both ends disable it" : "the \(ours.disabled != nil ? "first" : "second") end disables it"
      return findings.append(finding(ours, "enabled", theirs, "enabled", end, isObstacle: false))
    }
    if let session = ours.staticSession, let other = theirs.staticSession {
      return compareStatic(ours, theirs, session.obstacle(to: other))
    }
    if !ways.0, !ways.1 { obstacles.append(nobodyCalls(ours, theirs)) }
    let terms = (
      ways.0 ? refusal(of: ours, by: theirs) : nil, ways.1 ? refusal(of: theirs, by: ours) : nil
    )
    // One call that is taken is enough, and both ends ask the same of each other.
    if let key = terms.0 ?? terms.1, !(ways.0 && terms.0 == nil), !(ways.1 && terms.1 == nil) {
      let values = [ours, theirs].map { "`\(key): \(value(of: key, in: $0))`" }
      obstacles.append(finding(ours, key, theirs, key, "\(values[0]) and \(values[1]); declare the same at both ends"))
    }
    obstacles += vlans(ours, theirs)
    findings += obstacles
    if !obstacles.contains(where: \.isObstacle) { count += 1 }
  }

  /// Two that both ends declare: nobody refuses anything, and packets are lost instead.
  private mutating func compareStatic(
    _ ours: PseudowireDeclaration, _ theirs: PseudowireDeclaration, _ obstacle: (key: String, words: String)?
  ) {
    var obstacles = obstacle.map { [finding(ours, $0.key, theirs, $0.key, $0.words)] } ?? []
    if ours.type != theirs.type { obstacles.append(difference(ours, theirs)) }
    if let key = refusal(of: ours, by: theirs) ?? refusal(of: theirs, by: ours) {
      let values = [ours, theirs].map { "`\(key): \(value(of: key, in: $0))`" }
      obstacles.append(finding(ours, key, theirs, key, "\(values[0]) and \(values[1]); declare the same at both ends"))
    }
    obstacles += vlans(ours, theirs)
    findings += obstacles
    if !obstacles.contains(where: \.isObstacle) { count += 1 }
  }

  private func nobodyCalls(_ ours: PseudowireDeclaration, _ theirs: PseudowireDeclaration) -> Finding {
    if !ours.mayCall(theirs), !theirs.mayCall(ours) {
      return finding(
        ours, "type", theirs, "type",
        "neither end calls for a session: each waits for the other (PPPoE clients at both ends?)")
    }
    let caller = ours.mayCall(theirs) ? "first" : "second"
    return finding(
      ours, "end-id", theirs, "end-id",
      "\(ours.endWords) and \(theirs.endWords): only the \(caller) end calls, and not for the other one")
  }

  /// The key that lets the called end refuse a call as the caller makes it.
  private func refusal(of caller: PseudowireDeclaration, by callee: PseudowireDeclaration) -> String? {
    // Where either end leaves the sublayer to the other, that one's is used.
    let taken = callee.adoptsSublayer ? caller.sublayer : callee.sublayer
    let asked = caller.adoptsSublayer ? taken : caller.sublayer
    var wanted = DataPathParameters()
    wanted.sublayer = asked.rawValue
    wanted.dataSequencing = caller.isSequenced ? CallTerms.highestSequencingLevel : 0
    if CallTerms(sublayer: taken, isSequenced: callee.isSequenced).refusal(of: wanted) != nil {
      return asked == taken ? "sequencing" : "sublayer"
    }
    guard caller.refusesMTUMismatch || callee.refusesMTUMismatch, case .octets(let one) = caller.interfaceMTU,
      case .octets(let other) = callee.interfaceMTU, one != other
    else { return nil }
    return "interface-mtu"
  }

  /// A value of that key, as the file has it.
  private func value(of key: String, in declaration: PseudowireDeclaration) -> String {
    switch (key, declaration.interfaceMTU) {
    case ("sublayer", _): CallTerms.words(ofSublayer: declaration.sublayer.rawValue)
    case ("interface-mtu", .octets(let octets)): "\(octets)"
    case _: "\(declaration.isSequenced)"
    }
  }

  // MARK: VLANs

  /// VLANs of a trunk keep their tags on the way, one alone gets the far end's: what is at one end only is lost there.
  private func vlans(_ ours: PseudowireDeclaration, _ theirs: PseudowireDeclaration) -> [Finding] {
    guard let one = set(of: ours), let other = set(of: theirs), one.isTrunk || other.isTrunk else { return [] }
    let identifiers = [one, other].map { Set($0.set.tags.map(\.identifier)) }
    guard identifiers[0] != identifiers[1] else { return [] }
    let isObstacle = identifiers[0].isDisjoint(with: identifiers[1])
    let what = isObstacle ? "no VLAN is declared at both ends" : "VLANs that are declared at one end only do not pass"
    let keys = [one, other].map { $0.isTrunk ? "vlans" : "vlan" }
    return [
      finding(
        ours, keys[0], theirs, keys[1],
        "`\(keys[0]): \(one.set.text)` and `\(keys[1]): \(other.set.text)`: \(what)", isObstacle: isObstacle)
    ]
  }

  private func set(of pseudowire: PseudowireDeclaration) -> (set: VLANSet, isTrunk: Bool)? {
    switch pseudowire.circuit {
    case .vlan(_, let tag): (VLANSet([tag.identifier...tag.identifier], tag.kind), false)
    case .trunk(_, let set): (set, true)
    case .none, .bridge, .member, .pppoe: nil
    }
  }

  // MARK: Those that find nobody

  private mutating func tellUnmatched() {
    for ours in unmatched.one {
      let candidates = unmatched.other
      let near =
        candidates.first { ours.hasSameEnd(as: $0) } ?? candidates.first { $0.name == ours.name }
        ?? (unmatched.one.count == 1 && candidates.count == 1 ? candidates.first : nil)
      guard let near else {
        findings.append(
          alone(Place(tunnel: pair.one.name, pseudowire: ours.name), Place(tunnel: pair.other.name), ours))
        continue
      }
      unmatched.other.removeAll { $0.name == near.name }
      findings.append(difference(ours, near))
    }
    for theirs in unmatched.other {
      findings.append(
        alone(Place(tunnel: pair.one.name), Place(tunnel: pair.other.name, pseudowire: theirs.name), theirs))
    }
  }

  private func alone(_ one: Place, _ other: Place, _ declaration: PseudowireDeclaration) -> Finding {
    let identifiers = declaration.staticSession.map { session in
      "`session-ids: {local: \(session.peerID.rawValue), peer: \(session.localID.rawValue)}`"
    }
    return Finding(
      isObstacle: true, one: one, other: other,
      message: "pseudowire '\(declaration.name)' is at one end only: nothing at the other one is "
        + (identifiers ?? declaration.type.words(calledBy: declaration.ownEndID)))
  }

  private func difference(_ ours: PseudowireDeclaration, _ theirs: PseudowireDeclaration) -> Finding {
    if ours.type != theirs.type {
      return finding(
        ours, "type", theirs, "type",
        "`type: \(ours.type.words)` and `type: \(theirs.type.words)`; declare the same type at both ends")
    }
    if ours.attachmentGroup != theirs.attachmentGroup {
      let groups = [ours, theirs].map { $0.attachmentGroup?.words ?? "the default one" }
      return finding(
        ours, "attachment-group", theirs, "attachment-group",
        "`attachment-group: \(groups[0])` and `attachment-group: \(groups[1])`; declare the same at both ends")
    }
    if let session = ours.staticSession, let other = theirs.staticSession, let obstacle = session.obstacle(to: other) {
      return finding(ours, obstacle.key, theirs, obstacle.key, obstacle.words)
    }
    return finding(
      ours, "end-id", theirs, "end-id",
      "\(ours.endWords) and \(theirs.endWords); declare the same 'end-id' at both ends, or at each the other's as "
        + "'end-id' and its own as 'local-end-id'")
  }

  private func finding(
    _ ours: PseudowireDeclaration, _ key: String, _ theirs: PseudowireDeclaration, _ otherKey: String,
    _ message: String, isObstacle: Bool = true
  ) -> Finding {
    Finding(
      isObstacle: isObstacle, one: Place(tunnel: pair.one.name, pseudowire: ours.name, key: key),
      other: Place(tunnel: pair.other.name, pseudowire: theirs.name, key: otherKey),
      message: "pseudowire '\(ours.name)' of tunnel '\(pair.one.name)': \(message)")
  }
}

extension CallTable {
  /// The table of a tunnel's pseudowires by what they are called by; each as its number in the file.
  fileprivate init(of tunnel: TunnelDeclaration) {
    self.init()
    for (number, pseudowire) in tunnel.pseudowires.enumerated() {
      insert(pseudowire, PseudowireReference(rawValue: UInt64(number)))
    }
  }
}

extension PseudowireDeclaration {
  /// The end-id that it calls, and the one that it is called by if it has its own, as the file has them.
  fileprivate var endWords: String {
    "`end-id: \(remoteEndID.words)`" + (localEndID.map { ", `local-end-id: \($0.words)`" } ?? "")
  }

  /// Whether a session may begin with a call of this end's.
  fileprivate func mayCall(_ other: PseudowireDeclaration) -> Bool { calling != .never && other.calling != .onDemand }

  /// Whether a call of the other end's is for this one.
  fileprivate func isCalled(
    by caller: PseudowireDeclaration, _ table: CallTable, _ tunnel: TunnelDeclaration
  ) -> Bool {
    var request = IncomingCallRequest(
      identifiers: SessionIdentifiers(local: .unknown, remote: .unknown), serialNumber: nil,
      pseudowireType: caller.type, remoteEndID: caller.remoteEndID, dataPath: DataPathParameters())
    request.localEndID = caller.localEndID?.octets
    request.attachmentGroup = caller.attachmentGroup?.octets
    guard case .pseudowire(let found) = table.match(CallRequest(request)) else { return false }
    return tunnel.pseudowires[Int(found.rawValue)].name == name
  }

  /// Whether either end calls the other one by its name, as either may spell it.
  fileprivate func hasSameEnd(as other: PseudowireDeclaration) -> Bool {
    ([remoteEndID] + remoteEndID.otherForms).contains(other.ownEndID)
      || ([other.remoteEndID] + other.remoteEndID.otherForms).contains(ownEndID)
  }
}
