/// The MTU of the path to a peer, outer headers included, and how surely it is known.
struct PathMTU: Equatable, Codable {
  /// The MTU that is believed, in octets.
  private(set) var octets: Int
  /// The MTU that the routes give, in octets.
  private(set) var toldOctets: Int
  /// The MTU of the interface that the path begins with, in octets, if it is known: no path passes more.
  private(set) var firstLinkOctets: Int?
  /// Where the path begins, if it is known.
  private var firstHop: FirstHop?
  private(set) var certainty = Certainty.told
  /// Whether packets that are cut on their way arrive; nil while nobody needs to know.
  private(set) var fragmentsArrive: Bool?
  /// Searches of which no probe was answered.
  private var silentSearches = 0

  /// How sure it is.
  enum Certainty: Codable {
    /// It is what the routes say.
    case told
    /// It was found by probing.
    case probed
    /// Another path to the peer was probed, before it moved or the routes changed: this one has not been yet, and what
    /// it passes is not believed to be more.
    case moved
    /// It cannot be probed: the peer does not acknowledge repetitions, or acknowledges without being asked.
    case unprobeable
  }

  /// - Parameter presumed: what is taken for it until the routes say something, in octets.
  init(presumed octets: Int) {
    self.octets = octets
    toldOctets = octets
  }

  /// The largest packet that is not cut: the kernel cuts at what the routes say, whatever a probe has found.
  var wholeOctets: Int { min(octets, toldOctets) }

  /// The socket has been connected for the first time: the routes give this MTU.
  mutating func routesSay(_ octets: Int) {
    self.octets = octets
    toldOctets = octets
  }

  /// The path is another one, because the peer has moved or the routes lead elsewhere: what was found of the old one is
  /// not known of this one. The MTU that is believed stays until it is replaced, and that the peer answers probes stays
  /// known.
  mutating func pathIsAnother(toldOctets octets: Int, firstHop: FirstHop?) {
    toldOctets = octets
    firstLinkOctets = nil
    self.firstHop = firstHop
    if certainty == .probed { certainty = .moved }
    fragmentsArrive = nil
  }

  /// The routes may say something other than before. The MTU that is believed stays.
  ///
  /// - Returns: whether they do.
  mutating func routesChange(to octets: Int) -> Bool {
    guard toldOctets != octets else { return false }
    toldOctets = octets
    fragmentsArrive = nil
    return true
  }

  /// The path is not probed any more.
  ///
  /// - Returns: the MTU that the routes give, in octets, which is the one to believe.
  mutating func believeRoutes() -> Int {
    certainty = .told
    silentSearches = 0
    fragmentsArrive = nil
    return toldOctets
  }

  /// The path begins here.
  ///
  /// - Returns: whether it began elsewhere before.
  mutating func begins(at hop: FirstHop) -> Bool {
    defer { firstHop = hop }
    return firstHop.map { $0 != hop } ?? false
  }

  /// The interface that the path begins with has this MTU.
  mutating func firstLinkHas(_ octets: Int) { firstLinkOctets = octets }

  /// A search has found the path's MTU.
  mutating func probed() { certainty = .probed }

  /// The peer's answers to probes mean nothing: nothing that was found by them is known.
  mutating func cannotBeProbed() {
    certainty = .unprobeable
    fragmentsArrive = nil
  }

  /// Takes a size for the path's MTU.
  ///
  /// - Returns: whether that is news.
  mutating func believe(_ octets: Int) -> Bool {
    guard self.octets != octets else { return false }
    self.octets = octets
    fragmentsArrive = nil
    return true
  }

  /// Notes whether pieces of packets arrive.
  ///
  /// - Returns: whether that is news.
  mutating func fragments(arrive: Bool) -> Bool {
    guard fragmentsArrive != arrive else { return false }
    fragmentsArrive = arrive
    return true
  }

  /// No probe of a search was acknowledged. That may be the path's doing: a peer that has answered probes is not
  /// doubted for it, and any other only after several searches.
  ///
  /// - Returns: whether this shows that the path cannot be probed.
  mutating func searchWasSilent(limit: Int) -> Bool {
    silentSearches += 1
    guard certainty == .told, silentSearches >= limit else { return false }
    certainty = .unprobeable
    return true
  }
}
