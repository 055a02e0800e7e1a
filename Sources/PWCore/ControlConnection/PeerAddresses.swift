/// Where a tunnel's peer may be, in the order in which it is called: the declared addresses, and those that the
/// declared names have.
///
/// Attempts go through them in rounds: one that fails is followed by one to the next address, and only after the last
/// one there is a back-off. A name is resolved when its turn comes, so that a name server that is silent is in nobody's
/// way but its own. An address that an entry before had already is not called twice in a round.
struct PeerAddresses: Codable {
  /// The most addresses of one name that are called.
  static let addressesPerName = 64

  private struct Entry: Codable {
    var host: PeerHost
    /// Of a name: what it resolved to last.
    var addresses: [IPAddress]
    /// Of a name: when it was asked for last.
    var askedAt: Instant?
  }

  /// A place in the list: an entry, and one of its addresses.
  private struct Position: Codable {
    var entry = 0
    var address = 0
  }

  /// The first step of an attempt.
  enum Candidate: Equatable {
    /// A call of this address.
    case address(IPAddress)
    /// The resolution of a name, and which entry that is.
    case name(String, entry: Int)
  }

  private var entries: [Entry]
  /// Whose turn it is: the entry, and which of its addresses.
  private var position = Position()
  /// Whether the peer has shown that it is at the address whose turn it is, though the attempt fails.
  private var isPeerThere = false

  /// The addresses of a declared peer; none where it only calls.
  init(_ peer: TunnelDeclaration.Peer) {
    entries = peer.hosts.map { host in
      switch host {
      case .address(let address): Entry(host: host, addresses: [address])
      case .name: Entry(host: host, addresses: [])
      }
    }
  }

  // MARK: Turns

  /// The first step of the next attempt; nil where the peer cannot be called.
  var current: Candidate? {
    guard entries.indices.contains(position.entry) else { return nil }
    let entry = entries[position.entry]
    switch entry.host {
    case .address(let address): return .address(address)
    case .name(let name):
      guard position.address > 0, let address = currentAddress else { return .name(name, entry: position.entry) }
      return .address(address)
    }
  }

  /// The address whose turn it is; nil as long as it is that of a name which has none.
  var currentAddress: IPAddress? {
    guard entries.indices.contains(position.entry) else { return nil }
    let addresses = entries[position.entry].addresses
    return addresses.indices.contains(position.address) ? addresses[position.address] : addresses.first
  }

  /// Whether another address comes after this one before the round is over.
  var hasNext: Bool {
    guard !isPeerThere, entries.indices.contains(position.entry) else { return false }
    return position.entry + 1 < entries.count || position.address + 1 < entries[position.entry].addresses.count
  }

  /// Whether there is more than one.
  var areSeveral: Bool { count > 1 }

  /// The attempt has failed: the next address has its turn.
  ///
  /// - Returns: whether there is one; else the round is over, and the next one begins with the first, or with this one
  ///   where the peer has shown that it is there.
  mutating func advance() -> Bool {
    guard !isPeerThere else {
      isPeerThere = false
      return false
    }
    if position.entry < entries.count, position.address + 1 < entries[position.entry].addresses.count {
      position.address += 1
    } else {
      position = Position(entry: position.entry + 1)
    }
    guard position.entry < entries.count else {
      restart()
      return false
    }
    return true
  }

  /// The next attempt is the first one's.
  mutating func restart() {
    position = Position()
    isPeerThere = false
  }

  /// The attempt under way will fail, but not for its address: the next one has the same.
  mutating func stay() { isPeerThere = true }

  // MARK: Names

  /// The names that nobody has asked for in so long a time; they count as asked for.
  mutating func takeNamesToAsk(at now: Instant, notWithin interval: Duration) -> [(name: String, entry: Int)] {
    var due: [(name: String, entry: Int)] = []
    for index in entries.indices {
      guard case .name(let name) = entries[index].host else { continue }
      if let last = entries[index].askedAt, now - last < interval { continue }
      entries[index].askedAt = now
      due.append((name: name, entry: index))
    }
    return due
  }

  /// A name is being asked for.
  mutating func ask(_ entry: Int, at now: Instant) { entries[entry].askedAt = now }

  /// Keeps the addresses that a name resolved to, without those that entries before it have.
  ///
  /// - Returns: whether that is something new.
  mutating func learn(_ addresses: [IPAddress], of entry: Int) -> Bool {
    let earlier = entries[..<entry].flatMap(\.addresses)
    let fresh = addresses.filter { address in !earlier.contains { $0.isSameHost(as: address) } }
    let kept = Array(fresh.prefix(Self.addressesPerName))
    guard entries[entry].addresses != kept else { return false }
    entries[entry].addresses = kept
    return true
  }

  /// The addresses that the names have resolved to.
  var resolved: [IPAddress] {
    entries.flatMap { entry -> [IPAddress] in if case .name = entry.host { entry.addresses } else { [] } }
  }

  // MARK: Places

  /// Whether one of them is this one.
  func contains(_ address: IPAddress) -> Bool {
    entries.contains { $0.addresses.contains { $0.isSameHost(as: address) } }
  }

  /// How many there are; a name that has not been resolved counts as one.
  var count: Int { entries.reduce(0) { $0 + max(1, $1.addresses.count) } }

  /// Which one an address is, counted from 1; nil where it is none of them.
  func number(of address: IPAddress) -> Int? {
    var before = 0
    for entry in entries {
      if let index = entry.addresses.firstIndex(where: { $0.isSameHost(as: address) }) { return before + index + 1 }
      before += max(1, entry.addresses.count)
    }
    return nil
  }
}
