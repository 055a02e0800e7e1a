public import PWCore

/// The interfaces that sockets are bound to, followed by their names. The kernel binds a socket to an interface's index: when
/// the interface is removed and made again, the socket hears nothing any more, and nobody is told.
///
/// Used on the loop's thread only.
public final class BoundDevices {
  /// Called with what is worth the journal.
  public var noticed: (Event) -> Void = { _ in }

  private let plane: any DataPlane
  /// The tunnels of each interface, in the order of the site.
  private var users: [String: [String]] = [:]
  private var missing: Set<String> = []

  /// Follows the machine's links.
  ///
  /// - Parameters:
  ///   - service: whose table of links it is.
  ///   - plane: whose sockets they are.
  public init(service: NetlinkService, plane: any DataPlane) {
    self.plane = plane
    service.monitor.observe { [weak self] in self?.linkChanged($0) }
  }

  /// Follows the interfaces that the tunnels of a site are bound to.
  public func follow(_ site: Site) {
    users = [:]
    for tunnel in site.tunnels {
      let device = BoundDevice.name(bindDevice: tunnel.bindDevice, local: tunnel.local)
      if let device { users[device, default: []].append(tunnel.name) }
    }
    missing = missing.filter { users[$0] != nil }
  }

  /// Interfaces that went and are not there again, in words.
  public var problems: [String] { missing.sorted().map { "\(words(of: $0)) \(BoundDevices.complaint)" } }

  private static let complaint = "is gone: nothing passes until it is there again"

  private func linkChanged(_ change: LinkChange) {
    switch change {
    case .changed(let old, let new) where old?.name != new.name: appeared(new.name)
    case .removed(let link): went(link.name)
    case .changed, .addressed: break
    }
  }

  private func appeared(_ name: String) {
    guard users[name] != nil else { return }
    plane.bindAgain(toDevice: name)
    guard missing.remove(name) != nil else { return }
    noticed(Event(.notice, "\(words(of: name)) is there again, and its sockets are bound to the new one"))
  }

  private func went(_ name: String) {
    guard users[name] != nil, missing.insert(name).inserted else { return }
    noticed(Event(.warning, "\(words(of: name)) \(BoundDevices.complaint)"))
  }

  private func words(of name: String) -> String {
    let tunnels = users[name] ?? []
    let whose = tunnels.first.map { tunnels.count == 1 ? "tunnel '\($0)'" : "\(tunnels.count) tunnels ('\($0)', …)" }
    return "the interface \(name) of \(whose ?? "no tunnel")"
  }
}
