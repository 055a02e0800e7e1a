/// Which of a tunnel's pseudowires a call is for: by its type and Remote End ID (RFC 3931 section 5.4.4), and by the group and the
/// other end where they are declared (RFC 4667 sections 4.3 and 5.1).
struct CallTable {
  /// What a call names.
  fileprivate struct Key: Hashable {
    /// AVP 68.
    var type: PseudowireType
    /// AVP 89; empty is the default group.
    var group: [UInt8]
    /// AVP 66: the end that is called.
    var target: RemoteEndID
    /// AVP 90: the end that calls; nil where any may.
    var source: RemoteEndID?
  }

  /// Whose a call is.
  enum Match: Equatable {
    /// This one's.
    case pseudowire(PseudowireReference)
    /// There is an end of that name, which another one may call (CDN 25).
    case notAuthorised
    /// There is none (CDN 24).
    case unknown
  }

  private var pseudowires: [Key: PseudowireReference] = [:]
  /// How many there are whose caller matters, by what is called alone.
  private var exclusive: [Key: Int] = [:]

  /// Enters a pseudowire.
  mutating func insert(_ declaration: PseudowireDeclaration, _ pseudowire: PseudowireReference) {
    let key = key(of: declaration)
    let isNew = pseudowires.updateValue(pseudowire, forKey: key) == nil
    if isNew, key.source != nil { exclusive[key.ofAnySource, default: 0] += 1 }
  }

  /// Takes a pseudowire out, if another one has not taken its place.
  mutating func remove(_ declaration: PseudowireDeclaration, _ pseudowire: PseudowireReference) {
    let key = key(of: declaration)
    guard pseudowires[key] == pseudowire else { return }
    pseudowires[key] = nil
    guard key.source != nil, let count = exclusive[key.ofAnySource] else { return }
    exclusive[key.ofAnySource] = count > 1 ? count - 1 : nil
  }

  /// Finds the pseudowire that a call is for. A call that does not name its own end has the name that it calls.
  func match(_ request: CallRequest) -> Match {
    let any = Key(
      type: request.pseudowireType, group: request.attachmentGroup, target: request.remoteEndID, source: nil)
    if !exclusive.isEmpty {
      var exact = any
      exact.source = request.localEndID ?? request.remoteEndID
      if let found = pseudowires[exact] { return .pseudowire(found) }
    }
    if let found = pseudowires[any] { return .pseudowire(found) }
    return exclusive[any] == nil ? .unknown : .notAuthorised
  }

  private func key(of declaration: PseudowireDeclaration) -> Key {
    Key(
      type: declaration.type, group: declaration.attachmentGroup?.octets ?? [],
      target: declaration.localEndID ?? declaration.remoteEndID,
      source: declaration.localEndID == nil ? nil : declaration.remoteEndID)
  }
}

extension CallTable.Key {
  /// The same call, whoever makes it.
  fileprivate var ofAnySource: CallTable.Key {
    var key = self
    key.source = nil
    return key
  }
}
