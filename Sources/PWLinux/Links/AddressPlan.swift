import PWCore

/// The addresses that a link of ours is to have, beside those that it has.
struct AddressPlan: Equatable {
  /// The addresses that the site file wants on the link.
  var wanted: [InterfaceAddress]
  /// The addresses that it has, whoever gave them.
  var present: Set<LinkAddress>
  /// The addresses that we gave it: these alone are taken from it when they are not wanted any more.
  var placed: Set<InterfaceAddress>

  /// Nothing is wanted, and nothing there.
  static let none = AddressPlan(wanted: [], present: [], placed: [])

  /// Whether an IPv6 address is wanted: then the link has its link-local one as well (RFC 4291 section 2.1).
  var needsVersion6: Bool { wanted.contains { $0.address.family == .v6 } }

  /// The steps to do, for a link that is up: of one that is down the kernel takes IPv6 addresses away.
  func steps(_ index: Int32, name: String) -> [LinkStep] {
    let surplus = placed.subtracting(wanted).filter(isPresent).sorted { "\($0)" < "\($1)" }
    return surplus.map { .takeAddress($0, from: index, name: name) }
      + wanted.filter { !isPresent($0) }.map { .giveAddress($0, to: index, name: name) }
  }

  /// Those of the wanted ones that it has.
  var effective: [InterfaceAddress] { wanted.filter(isPresent) }

  private func isPresent(_ address: InterfaceAddress) -> Bool {
    present.contains { $0.address == address.address && $0.prefixLengthBits == address.prefixLengthBits }
  }
}

/// The addresses that we gave a link.
struct PlacedAddresses: Equatable {
  /// Which link it was.
  var index: Int32
  /// The addresses that we gave it, or may have given it.
  var addresses: Set<InterfaceAddress>
}

extension LinkKeeper {
  /// The addresses of a link that is there.
  func addressPlan(_ link: LinkInfo, _ wanted: [InterfaceAddress]) -> AddressPlan {
    let placed = placedAddresses[link.name].flatMap { $0.index == link.index ? $0.addresses : nil } ?? []
    guard !wanted.isEmpty || !placed.isEmpty else { return .none }
    return AddressPlan(wanted: wanted, present: monitor.addresses(of: link.index), placed: placed)
  }

  /// Before a job: what it is about to give.
  func noteGiving(_ plan: AddressPlan, to link: LinkInfo) {
    let addresses = plan.placed.union(plan.wanted)
    placedAddresses[link.name] = addresses.isEmpty ? nil : PlacedAddresses(index: link.index, addresses: addresses)
  }

  /// After a job: what it has taken is not ours any more.
  func noteGiven(_ plan: AddressPlan, to link: LinkInfo) {
    let addresses = Set(plan.wanted)
    placedAddresses[link.name] = addresses.isEmpty ? nil : PlacedAddresses(index: link.index, addresses: addresses)
  }
}
