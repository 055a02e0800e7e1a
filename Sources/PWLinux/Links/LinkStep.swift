import Glibc
import PWCore

/// One request to the kernel that brings a link nearer to its wanted state.
enum LinkStep: Equatable, Sendable {
  /// Makes a bridge, down.
  case createBridge(String, LinkSettings)
  /// Changes a link; index 0 finds it by its name.
  case set(Int32, name: String, LinkSettings)
  /// Gives a link an address.
  case giveAddress(InterfaceAddress, to: Int32, name: String)
  /// Takes an address from a link; one that is not there any more is not a failure.
  case takeAddress(InterfaceAddress, from: Int32, name: String)
  /// Takes VLANs from a bridge's port, then adds or changes others.
  case setPortVLANs(Int32, name: String, removals: [PortVLANRange], additions: [PortVLANRange])
  /// Removes a link that was made through rtnetlink.
  case delete(Int32, name: String)
  /// Takes a port out of its bridge, and down if it is ours, or the machine itself would hear what arrives for it; one that is
  /// gone is not a failure.
  case detach(Int32, name: String, isOurs: Bool)
  /// Refuses to go on when packets to one of these peers leave by the link: it would swallow the tunnel that feeds it.
  case requireNoRoute(Int32, name: String, peers: [IPAddress])
  /// Everything that enters one link leaves by the other.
  case redirect(Int32, name: String, to: Int32)
  /// Ends that; `withHook` also removes what holds the filters, if nobody else has one there.
  case removeRedirect(Int32, name: String, withHook: Bool)
  /// Makes what holds filters, unless it is there.
  case hook(Int32, name: String)
  /// Removes it, if nobody has a filter there.
  case removeHook(Int32, name: String)
  /// Has frames that enter a link with a tag leave by another.
  case takeVLAN(VLANTag, from: Int32, name: String, to: Int32)
  /// Ends a `takeVLAN`: frames with the tag are left to the port again.
  case leaveVLAN(VLANTag, to: Int32, name: String)
  /// Drops every frame that enters a session's interface unless `admitVLAN` lets it pass; of an interface that is so
  /// already nothing changes, of others whatever filters were there are gone.
  case makeTrunk(Int32, name: String)
  /// Has frames that enter a trunk's session's interface with a tag leave by a port.
  case admitVLAN(VLANTag, TagPriorities, from: Int32, name: String, to: Int32)
  /// Ends an `admitVLAN`: frames with the tag are dropped again.
  case dismissVLAN(VLANTag, TagPriorities, from: Int32, name: String)
  /// Has frames that enter a session's interface with a tag leave by a port with another; whatever filters were there
  /// are gone.
  case rewriteTags(Int32, name: String, to: VLANTag, TagPriorities, port: Int32)
  /// Treats the priorities of an `admitVLAN`, or of a `rewriteTags`, otherwise; frames pass meanwhile.
  case changePriorities(
    VLANTag, TagPriorities, to: TagPriorities, from: Int32, name: String, port: Int32, isOfTrunk: Bool)
}

/// The findings of the steps on their way.
struct StepFindings: Equatable, Sendable {
  /// Links that had a hook for filters before us.
  var foreignHooks: Set<Int32> = []
}

/// A step that failed, in words.
struct StepFailure: Error, Equatable {
  /// The failure in words, with the cure.
  var message: String
  /// Whether the link, or another one that it was to be joined with, went away before the kernel had the request.
  var isLinkGone = false
}

extension LinkStep {
  /// Performs steps in their order, up to the first that fails; on the worker's thread.
  ///
  /// - Parameters:
  ///   - steps: what to do.
  ///   - sockets: the worker's.
  ///   - isGivenUp: once set, what has not begun is left undone, which is a failure.
  static func perform(
    _ steps: [LinkStep], _ sockets: NetlinkSockets, unless isGivenUp: CloseFlag? = nil
  ) throws(StepFailure) -> StepFindings {
    do throws(NetlinkError) {
      var findings = StepFindings()
      let route = try sockets.route()
      for step in steps {
        if isGivenUp?.value == true { throw NetlinkError(refusal: "another signal came before it was done") }
        if let refusal = try step.perform(route, &findings) { throw NetlinkError(refusal: refusal) }
      }
      return findings
    } catch {
      throw StepFailure(
        message: error.code == 0 ? error.attempt : LinkStep.explain(error), isLinkGone: error.code == ENODEV)
    }
  }

  /// All that steps set of each link, the last where one thing is set twice; index 0 is known by its name.
  static func settings(in steps: [LinkStep]) -> [(index: Int32, name: String, settings: LinkSettings)] {
    var links: [(index: Int32, name: String, settings: LinkSettings)] = []
    for step in steps {
      let new: (index: Int32, name: String, settings: LinkSettings)
      switch step {
      case .set(let index, let name, let settings): new = (index, name, settings)
      case .createBridge(let name, let settings): new = (0, name, settings)
      default: continue
      }
      if let place = links.firstIndex(where: { $0.index == new.index && $0.name == new.name }) {
        links[place].settings.merge(new.settings)
      } else {
        links.append(new)
      }
    }
    return links
  }

  /// Performs one step with requests to the kernel, and adds to the findings.
  ///
  /// - Returns: why it must not be; nil when it is done.
  private func perform(_ route: NetlinkSocket, _ findings: inout StepFindings) throws(NetlinkError) -> String? {
    switch self {
    case .createBridge(let name, let settings):
      try route.transact(RouteRequests.createBridge(name, settings))
    case .set(let index, let name, let settings):
      try route.transact(RouteRequests.change(index, name: name, settings))
    case .giveAddress(let address, let index, let name):
      if address.address.family == .v6 { InterfaceIPv6.allow(name) }
      try route.transact(RouteRequests.address(address, on: index, name: name, isWanted: true))
    case .takeAddress(let address, let index, let name):
      try LinkStep.ignoring(EADDRNOTAVAIL, ENODEV) { () throws(NetlinkError) in
        try route.transact(RouteRequests.address(address, on: index, name: name, isWanted: false))
      }
    case .setPortVLANs(let index, let name, let removals, let additions):
      try LinkStep.changeVLANs(removals, of: index, name, isRemoval: true, route)
      try LinkStep.changeVLANs(additions, of: index, name, isRemoval: false, route)
    case .delete(let index, let name):
      try LinkStep.ignoring(ENODEV) { () throws(NetlinkError) in
        try route.transact(RouteRequests.delete(index, name: name))
      }
    case .detach(let index, let name, let isOurs):
      var settings = LinkSettings()
      settings.master = 0
      if isOurs { settings.isUp = false }
      try LinkStep.ignoring(ENODEV) { () throws(NetlinkError) in
        try route.transact(RouteRequests.change(index, name: name, settings))
      }
    case .requireNoRoute(let index, let name, let peers):
      for peer in peers where LinkStep.interface(towards: peer, route) == index {
        return "\(name) leads to the peer \(peer): a tunnel cannot carry itself; take it out of the members"
      }
    case .redirect(let index, let name, let target):
      try LinkStep.hook(index, name, route, &findings)
      do throws(NetlinkError) {
        try LinkStep.redirect(index, name, to: target, route)
      } catch {
        guard error.code == ENOENT || error.code == EOPNOTSUPP else { throw error }
        return
          "\(error): point to point needs the kernel's cls_matchall and act_mirred; load them, or join \(name) by a "
          + "bridge ('bridge:' in place of 'member:')"
      }
    case .removeRedirect(let index, let name, let withHook):
      try LinkStep.ignoring(ENOENT, EINVAL, ENODEV) { () throws(NetlinkError) in
        try route.transact(RedirectRequests.remove(index, name: name))
        guard withHook, try !LinkStep.hasFilters(index, name, route) else { return }
        try route.transact(RedirectRequests.removeHook(index, name: name))
      }
    case .hook(let index, let name): try LinkStep.hook(index, name, route, &findings)
    case .removeHook(let index, let name):
      try LinkStep.ignoring(ENOENT, EINVAL, ENODEV) { () throws(NetlinkError) in
        guard try !LinkStep.hasFilters(index, name, route) else { return }
        try route.transact(RedirectRequests.removeHook(index, name: name))
      }
    case .takeVLAN, .leaveVLAN, .makeTrunk, .admitVLAN, .dismissVLAN, .rewriteTags, .changePriorities:
      return try performOnTags(route)
    }
    return nil
  }

  private static func changeVLANs(
    _ ranges: [PortVLANRange], of index: Int32, _ name: String, isRemoval: Bool, _ route: NetlinkSocket
  ) throws(NetlinkError) {
    for start in stride(from: 0, to: ranges.count, by: PortVLANRequests.rangesPerRequest) {
      let part = Array(ranges[start..<min(start + PortVLANRequests.rangesPerRequest, ranges.count)])
      try route.transact(PortVLANRequests.change(index, name: name, part, isRemoval: isRemoval))
    }
  }

  /// Makes what holds a link's filters; notes a link that had it already.
  private static func hook(
    _ index: Int32, _ name: String, _ route: NetlinkSocket, _ findings: inout StepFindings
  ) throws(NetlinkError) {
    do throws(NetlinkError) {
      try route.transact(RedirectRequests.createHook(index, name: name))
    } catch {
      if error.code != EEXIST { throw error }
      findings.foreignHooks.insert(index)
    }
  }

  /// Redirects what enters a link, whatever our filter there did before: this classifier replaces nothing.
  private static func redirect(
    _ index: Int32, _ name: String, to target: Int32, _ route: NetlinkSocket
  ) throws(NetlinkError) {
    let request = { RedirectRequests.create(index, name: name, to: target) }
    do throws(NetlinkError) {
      try route.transact(request())
    } catch {
      guard error.code == EEXIST else { throw error }
      try route.transact(RedirectRequests.remove(index, name: name))
      try route.transact(request())
    }
  }

  /// Whether there are filters at either side of a link's hook, ours or others'.
  static func hasFilters(_ index: Int32, _ name: String, _ route: NetlinkSocket) throws(NetlinkError) -> Bool {
    var count = 0
    for direction in [RedirectRequests.Direction.ingress, .egress] {
      try route.dump(
        { RedirectRequests.dumpFilters(index, name: name, direction) }, restart: {}, each: { _ in count += 1 })
    }
    return count > 0
  }

  static func ignoring(
    _ codes: Int32..., body: () throws(NetlinkError) -> Void
  ) throws(NetlinkError) {
    do throws(NetlinkError) {
      try body()
    } catch {
      if !codes.contains(error.code) { throw error }
    }
  }

  /// The interface that packets to an address leave by; nil when there is no route.
  private static func interface(towards address: IPAddress, _ route: NetlinkSocket) -> Int32? {
    // Every link leads to link-local addresses: the zone says which one is meant (RFC 4007 section 11).
    if case .v6(_, _, .some(let zone)) = address {
      let index = if_nametoindex(zone.name)
      return index == 0 ? Int32(zone.name) : Int32(index)
    }
    var interface: Int32?
    do throws(NetlinkError) {
      try route.query(RouteRequests.route(to: address)) {
        interface = RouteRequests.outputInterface(in: $0) ?? interface
      }
      return interface
    } catch {
      // No route leads there: not by this link either.
      return nil
    }
  }

  private static func explain(_ error: NetlinkError) -> String {
    switch error.code {
    case EPERM: "\(error): run as root, or with CAP_NET_ADMIN"
    case EXFULL: "\(error): a bridge of the kernel has at most 1,023 ports; use another bridge"
    case ELOOP: "\(error): it is a bridge itself, or is on top of the bridge that it should join"
    case EOPNOTSUPP: "\(error): the kernel or the driver cannot do this"
    case _: "\(error)"
    }
  }
}

extension NetlinkError {
  /// A refusal of ours, complete as it is.
  fileprivate init(refusal: String) { self.init(code: 0, attempt: refusal) }
}
