import PWCore

/// The `peer` of a tunnel: one value, or a list of the addresses and names of one peer.
struct PeerReader {
  /// The peer that the tunnel talks to; nil where that could not be read.
  private(set) var peer: TunnelDeclaration.Peer?
  /// Where each of its `hosts` stands.
  private(set) var marks: [Mark] = []

  init(_ section: Section<TunnelKeys>, _ complaints: inout Complaints) {
    switch section.value(of: \.peer, &complaints) {
    case .value(let value):
      peer = value
      marks = [section.place(of: \.peer)]
    case .list(let found, let count):
      take(found, count: count, section, &complaints)
    }
  }

  private mutating func take(
    _ found: [(value: PeerHost, mark: Mark)], count: Int, _ section: Section<TunnelKeys>,
    _ complaints: inout Complaints
  ) {
    guard count > 0 else {
      complaints.error(
        at: section.place(of: \.peer),
        "'peer' in \(section.name) is an empty list; write the peer's addresses into it, or 'any'")
      return
    }
    guard count <= TunnelDeclaration.Peer.maximumHosts else {
      complaints.error(
        at: section.place(of: \.peer),
        "'peer' in \(section.name) has \(count) addresses; write \(TunnelDeclaration.Peer.maximumHosts) at most")
      return
    }
    guard found.count == count, !hasTwins(found, section, &complaints) else { return }
    marks = found.map(\.mark)
    peer =
      switch (found.first?.value, count) {
      case (.address(let address)?, 1): .address(address)
      case (.name(let name)?, 1): .name(name)
      default: .list(found.map(\.value))
      }
  }

  private func hasTwins(
    _ found: [(value: PeerHost, mark: Mark)], _ section: Section<TunnelKeys>, _ complaints: inout Complaints
  ) -> Bool {
    var seen: Set<String> = []
    for (host, mark) in found where !seen.insert(host.text).inserted {
      complaints.error(at: mark, "'peer' in \(section.name) has '\(host.text)' twice; remove one of them")
      return true
    }
    return false
  }
}
