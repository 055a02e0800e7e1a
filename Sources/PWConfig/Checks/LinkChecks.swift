import PWCore

/// A link of the machine has one place in a site: it is a pseudowire's interface, a bridge, a port of one bridge, or
/// joined to one pseudowire.
enum LinkChecks {
  static func check(_ draft: SiteDraft, _ complaints: inout Complaints) {
    var places: [String: Use] = [:]
    for use in uses(of: draft).sorted(by: { $0.mark < $1.mark }) {
      guard let earlier = places[use.link] else {
        places[use.link] = use
        continue
      }
      // Any number of pseudowires share a port, each with a VLAN of its own.
      if case .port = use.role, case .port = earlier.role { continue }
      // One more has what their VLANs leave of it.
      if case .port = use.role, case .joined = earlier.role { continue }
      if case .joined = use.role, case .port = earlier.role {
        places[use.link] = use
        continue
      }
      // So do the clients of several services, and a bridge may be what they are on.
      if case .access = use.role, earlier.role.takesClients { continue }
      if case .access = earlier.role, use.role.takesClients { continue }
      let line = complaints.line(of: earlier.mark, from: use.mark)
      complaints.error(at: use.mark, use.complaint(about: earlier, in: line))
    }
    checkVLANs(draft, &complaints)
    checkFaults(draft, &complaints)
    checkServices(draft, &complaints)
    for tunnel in draft.tunnels {
      guard let device = tunnel.declaration.bindDevice, let use = places[device] else { continue }
      switch use.role {
      case .bridge, .port, .access: continue
      case .interface, .member, .joined: break
      }
      let mark = tunnel.section.place(of: \.bindDevice)
      complaints.error(
        at: mark,
        "'bind-device' in \(tunnel.section.name) is '\(device)', which is \(use.role.title) "
          + "(\(complaints.line(of: use.mark, from: mark))); name the interface that leads to the peer")
    }
  }

  /// A VLAN of a port leads to one pseudowire.
  private static func checkVLANs(_ draft: SiteDraft, _ complaints: inout Complaints) {
    let pseudowires = draft.tunnels.flatMap(\.pseudowires)
    var first: [String: [VLANTag: Int]] = [:]
    for (index, pseudowire) in pseudowires.enumerated() {
      let (port, tags, key) = vlans(of: pseudowire)
      let shared = tags.first { first[port]?[$0] != nil }
      for tag in tags where first[port]?[tag] == nil { first[port, default: [:]][tag] = index }
      guard let tag = shared, let earlier = first[port]?[tag] else { continue }
      let known = pseudowires[earlier]
      let mark = pseudowire.place(ofKey: key)
      let line = complaints.line(of: known.place(ofKey: vlans(of: known).key), from: mark)
      complaints.error(
        at: mark,
        "VLAN \(tag.identifier) of '\(port)' already belongs to \(known.title) (\(line)); remove it from one of the "
          + "two")
    }
  }

  /// A member that is taken down takes its VLANs along.
  private static func checkFaults(_ draft: SiteDraft, _ complaints: inout Complaints) {
    let pseudowires = draft.tunnels.flatMap(\.pseudowires)
    for pseudowire in pseudowires {
      guard case .member(let member) = pseudowire.attachment, pseudowire.outline.passesFault,
        let other = pseudowires.first(where: { vlans(of: $0).port == member })
      else { continue }
      let mark = pseudowire.place(ofKey: "pass-fault")
      let line = complaints.line(of: other.place(ofKey: "port"), from: mark)
      complaints.error(
        at: mark,
        "'pass-fault' of \(pseudowire.title) takes down '\(member)', whose VLANs belong to \(other.title) (\(line)); "
          + "remove it")
    }
  }

  /// The VLANs that lead to a pseudowire, their port, and the key that names them.
  private static func vlans(of pseudowire: PseudowireDraft) -> (port: String, tags: [VLANTag], key: String) {
    switch pseudowire.attachment {
    case .none, .bridge, .member, .pppoe: ("", [], "")
    case .vlan(let port, let tag): (port, [tag], "vlan")
    case .trunk(let port, let vlans): (port, vlans.tags, "vlans")
    }
  }

  /// A client on a link that asks for a service finds one that has it.
  private static func checkServices(_ draft: SiteDraft, _ complaints: inout Complaints) {
    var known: [(PPPoEService, PseudowireDraft)] = []
    for pseudowire in draft.tunnels.flatMap(\.pseudowires) {
      guard case .pppoe(let service) = pseudowire.attachment else { continue }
      let other = known.first { other, _ in
        other.interface == service.interface
          && (other.serviceNames.isEmpty || service.serviceNames.isEmpty
            || !Set(other.serviceNames).isDisjoint(with: service.serviceNames))
      }
      if let (other, earlier) = other {
        let shared = Set(other.serviceNames).intersection(service.serviceNames).sorted().first
        let mark = pseudowire.place(ofKey: "pppoe")
        let line = complaints.line(of: earlier.place(ofKey: "pppoe"), from: mark)
        complaints.error(
          at: mark,
          "clients on '\(service.interface)' that ask for \(shared.map { "service '\($0)'" } ?? "a service") are "
            + "already served by \(earlier.title) (\(line)); give each its own 'service-names'")
      }
      known.append((service, pseudowire))
    }
  }

  /// One link and what it is for.
  private struct Use {
    var link: String
    var role: Role
    var mark: Mark

    /// - Parameter line: where the earlier one stands.
    func complaint(about earlier: Use, in line: String) -> String {
      guard role.title != earlier.role.title else {
        return "'\(link)' is \(role.title) twice (first in \(line)); remove one of the two"
      }
      return "'\(link)' cannot be \(role.title): it is \(earlier.role.title) (\(line)) already; \(role.cure)"
    }
  }

  private enum Role {
    case interface(of: String, isDerived: Bool)
    case bridge
    case member(of: String)
    case joined(to: String)
    case port(of: String)
    case access(of: String)

    /// Whether PPPoE clients may be on it as well.
    var takesClients: Bool {
      switch self {
      case .bridge, .access: true
      case .interface, .member, .joined, .port: false
      }
    }

    /// The use of the link in words, as they follow "is" in a complaint.
    var title: String {
      switch self {
      case .interface(let pseudowire, _): "the interface of \(pseudowire)"
      case .bridge: "a bridge"
      case .member(let bridge): "a member of bridge '\(bridge)'"
      case .joined(let pseudowire): "the member of \(pseudowire)"
      case .port(let pseudowire): "the port of \(pseudowire)"
      case .access(let pseudowire): "the link of the clients of \(pseudowire)"
      }
    }

    /// The cure if the link has another use already.
    var cure: String {
      switch self {
      case .interface(_, isDerived: true): "add an 'interface' with another name"
      case .interface(_, isDerived: false): "write another name"
      case .bridge: "rename the bridge"
      case .member, .joined, .port, .access: "remove it from one of the two"
      }
    }
  }

  private static func uses(of draft: SiteDraft) -> [Use] {
    var uses: [Use] = []
    for pseudowire in draft.tunnels.flatMap(\.pseudowires) {
      let isDerived = !pseudowire.section.has(\.interface)
      for declaration in pseudowire.expanded {
        uses.append(
          Use(
            link: declaration.interfaceName, role: .interface(of: pseudowire.title, isDerived: isDerived),
            mark: pseudowire.section.place(of: \.interface)))
      }
      switch pseudowire.attachment {
      case .none, .bridge: break
      case .member(let member):
        uses.append(
          Use(link: member, role: .joined(to: pseudowire.title), mark: pseudowire.place(ofOption: member)))
      case .pppoe(let service):
        uses.append(
          Use(
            link: service.interface, role: .access(of: pseudowire.title), mark: pseudowire.place(ofKey: "pppoe")))
      case .vlan(let port, _), .trunk(let port, _):
        uses.append(Use(link: port, role: .port(of: pseudowire.title), mark: pseudowire.place(ofOption: port)))
      }
    }
    for bridge in draft.bridges {
      uses.append(Use(link: bridge.declaration.name, role: .bridge, mark: bridge.section.mark))
      for (member, mark) in zip(bridge.declaration.members, bridge.memberMarks) {
        uses.append(Use(link: member, role: .member(of: bridge.declaration.name), mark: mark))
      }
    }
    return uses
  }
}
