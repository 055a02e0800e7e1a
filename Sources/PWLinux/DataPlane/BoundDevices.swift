public import PWCore

/// The interfaces that sockets are bound to, followed by their names. The kernel binds a socket to an interface's
/// index: when the interface is removed and made again, the socket hears nothing any more, and nobody is told.
///
/// Used on the loop's thread only.
public final class BoundDevices {
  /// Called with what is worth a line of the log.
  public var noticed: (Event) -> Void = { _ in }
  /// Called when an interface passes nothing any more, and why (`Input.boundDevice`); with nil when it passes packets
  /// again, or no tunnel is bound to it any more.
  public var changed: (_ name: String, _ problem: String?) -> Void = { _, _ in }
  /// Called when sockets may have lost their address, or got it back: an interface has another address, or belongs to
  /// another VRF.
  public var addressesChanged: () -> Void = {}

  private let plane: any DataPlane
  private let monitor: LinkMonitor
  /// The tunnels of each interface, in the order of the site.
  private var users: [String: [String]] = [:]
  private var troubles: [String: Trouble] = [:]
  /// The names under which sockets were bound to an interface, by its index: it may have been given another since.
  private var names: [Int32: Set<String>] = [:]

  /// Why nothing passes an interface.
  private enum Trouble {
    case absent, gone, down, withoutCarrier

    /// The trouble that an interface is in; nil when it has none.
    init?(_ link: LinkInfo?, before: Trouble?) {
      switch link {
      case nil: self = before == .absent ? .absent : .gone
      case .some(let link) where !link.isUp: self = .down
      case .some(let link) where !link.hasCarrier: self = .withoutCarrier
      case .some: return nil
      }
    }

    /// As a sentence about the interface, which names it in a cure.
    func words(_ name: String) -> String {
      switch self {
      case .absent: "is not there (yet): nothing passes until it is"
      case .gone: "is gone: nothing passes until it is there again"
      case .down: "is down: nothing passes until it is up (`ip link set \(name) up`)"
      case .withoutCarrier: "has no carrier: nothing passes until it has one; look at its cable"
      }
    }
  }

  /// Follows the machine's links.
  ///
  /// - Parameters:
  ///   - service: whose table of links it is.
  ///   - plane: whose sockets they are.
  public init(service: NetlinkService, plane: any DataPlane) {
    monitor = service.monitor
    self.plane = plane
    monitor.observe { [weak self] in self?.linkChanged($0) }
  }

  /// Follows the interfaces that the tunnels of a site are bound to.
  public func follow(_ site: Site) {
    users = [:]
    for tunnel in site.tunnels {
      if let device = tunnel.boundDevice { users[device, default: []].append(tunnel.name) }
    }
    for name in troubles.keys.sorted() where users[name] == nil {
      troubles[name] = nil
      changed(name, nil)
    }
    for index in names.keys { names[index]?.formIntersection(users.keys) }
    for name in users.keys.sorted() where troubles[name] == nil && !isBound(name) {
      let link = monitor[name]
      if let link { names[link.index, default: []].insert(name) }
      note(Trouble(link, before: .absent), name)
    }
  }

  /// Interfaces that pass nothing, and why, in words.
  public var problems: [String] {
    troubles.sorted { $0.key < $1.key }.map { "\(words(of: $0.key)) \($0.value.words($0.key))" }
  }

  private func linkChanged(_ change: LinkChange) {
    switch change {
    case .changed(let old, let new):
      if old?.name != new.name, users[new.name] != nil { bindAgain(new) }
      look(at: new, under: names[new.index])
      if let old, old.master != new.master { addressesChanged() }
    case .removed(let link): look(at: nil, under: names.removeValue(forKey: link.index))
    case .addressed: addressesChanged()
    }
  }

  /// A link has the name of an interface that sockets are bound to: they are from now on bound to this one.
  private func bindAgain(_ link: LinkInfo) {
    for index in names.keys { names[index]?.remove(link.name) }
    names = names.filter { !$0.value.isEmpty }
    names[link.index, default: []].insert(link.name)
    plane.bindAgain(toDevice: link.name)
  }

  private func isBound(_ name: String) -> Bool { names.values.contains { $0.contains(name) } }

  private func look(at link: LinkInfo?, under names: Set<String>?) {
    for name in (names ?? []).sorted() { note(Trouble(link, before: troubles[name]), name) }
  }

  private func note(_ trouble: Trouble?, _ name: String) {
    let before = troubles[name]
    guard trouble != before else { return }
    troubles[name] = trouble
    if before == .gone, trouble != .gone {
      tell(.notice, .deviceRestored, name, "is there again, and its sockets are bound to the new one")
    }
    if let trouble {
      tell(.warning, .deviceFault, name, trouble.words(name))
    } else if before != .gone {
      tell(.notice, .deviceRestored, name, "passes packets again")
    }
    changed(name, trouble?.words(name))
  }

  private func tell(_ level: Event.Level, _ kind: EventKind, _ name: String, _ message: String) {
    noticed(Event(level, kind, fields: [.text(.link, name)], "\(words(of: name)) \(message)"))
  }

  private func words(of name: String) -> String {
    let tunnels = users[name] ?? []
    let whose = tunnels.first.map { tunnels.count == 1 ? "tunnel '\($0)'" : "\(tunnels.count) tunnels ('\($0)', …)" }
    return "the interface \(name) of \(whose ?? "no tunnel")"
  }
}
