/// The attachment circuits of a site, each with the pseudowires before it, and the links that they consist of.
struct CircuitTable: Codable {
  /// A circuit's place, until the table is filled anew.
  typealias Index = Int32

  private var circuits: [Circuit] = []
  private var indices: [AttachmentCircuit: Index] = [:]
  /// By the name of a link, the circuits that it is part of.
  private var circuitsByLink: [String: [Index]] = [:]
  /// The last known states of links by their names, whether they are part of a circuit now or not.
  private var links: [String: LinkState] = [:]

  /// A circuit, and who is before it.
  private struct Circuit: Codable {
    var circuit: AttachmentCircuit
    /// The links that it consists of; without any it is always active.
    var links: [String]
    var pseudowires: [PseudowireReference] = []
    var isActive: Bool
  }

  /// The changes that a link's new state makes.
  struct Change {
    /// Circuits that have become active, or ceased to be.
    var circuits: [Index] = []
    /// Whether the link has another MTU than before.
    var hasNewMTU = false
  }

  /// Takes all circuits out; what is known of links stays.
  mutating func removeAll() {
    circuits = []
    indices = [:]
    circuitsByLink = [:]
  }

  /// Puts a pseudowire before a circuit, which is entered where it is the first.
  ///
  /// - Returns: the circuit's place; nil where there is nothing behind the pseudowire.
  mutating func insert(
    _ pseudowire: PseudowireReference, before circuit: AttachmentCircuit, bridges: [BridgeDeclaration]
  ) -> Index? {
    if case .none = circuit { return nil }
    let index = indices[circuit] ?? add(circuit, links: circuit.links(bridges: bridges))
    circuits[Int(index)].pseudowires.append(pseudowire)
    return index
  }

  private mutating func add(_ circuit: AttachmentCircuit, links: [String]) -> Index {
    let index = Index(circuits.count)
    circuits.append(Circuit(circuit: circuit, links: links, isActive: isAnyUp(links)))
    indices[circuit] = index
    for link in links { circuitsByLink[link, default: []].append(index) }
    return index
  }

  /// Keeps the state of a link.
  mutating func update(_ state: LinkState) -> Change {
    var change = Change(hasNewMTU: links[state.name]?.mtuOctets != state.mtuOctets)
    links[state.name] = state
    for index in circuitsByLink[state.name] ?? [] {
      let isActive = isAnyUp(circuits[Int(index)].links)
      guard circuits[Int(index)].isActive != isActive else { continue }
      circuits[Int(index)].isActive = isActive
      change.circuits.append(index)
    }
    return change
  }

  private func isAnyUp(_ names: [String]) -> Bool {
    names.isEmpty || names.contains { links[$0]?.isUp == true }
  }

  /// Whether a circuit passes frames, as far as its links tell.
  func isActive(_ index: Index) -> Bool { circuits[Int(index)].isActive }

  /// As people read it.
  func words(_ index: Index) -> String { circuits[Int(index)].circuit.words }

  /// The pseudowires before a circuit; some may be gone.
  func pseudowires(before index: Index) -> [PseudowireReference] { circuits[Int(index)].pseudowires }

  /// The pseudowires before the circuits that a link is part of; some may be gone.
  func pseudowires(beforeLink link: String) -> [PseudowireReference] {
    (circuitsByLink[link] ?? []).flatMap { pseudowires(before: $0) }
  }

  /// The MTU of a circuit's narrowest link in octets, as far as there are any. For PPPoE clients there is none: LCP
  /// agrees on their packet size, and the link's own MTU is not what the peer's end has.
  func narrowestMTUOctets(_ index: Index) -> Int? {
    if case .pppoe = circuits[Int(index)].circuit { return nil }
    return circuits[Int(index)].links.compactMap { links[$0]?.mtuOctets }.min()
  }

  /// Why a circuit is down: what is wrong with each of its links. A link that its keeper refuses counts
  /// as down; why it is refused is a problem of the bridge, or of the pseudowire.
  func downWords(_ index: Index) -> String {
    let circuit = circuits[Int(index)]
    return circuit.links.map { link in
      guard links[link]?.mtuOctets != nil else { return "\(link) is not there" }
      guard case .bridge(let bridge) = circuit.circuit else { return "\(link) is down or refused" }
      return "\(link) is down or not a port of \(bridge)"
    }.joined(separator: ", ")
  }
}
