import PWCore

/// The wishes for a session's interface.
struct SessionWish: Equatable, Sendable {
  /// The pseudowire whose session has the interface.
  var owner: LinkOwner
  /// The MTU that the link shall have.
  var mtu: LinkRequest.MTU
  /// Whether it is up.
  var isUp: Bool
  /// The bridge that it joins.
  var bridge: String?
  /// Whether it is isolated there.
  var isIsolated = false
  /// Its addresses, where it joins nothing.
  var addresses: [InterfaceAddress] = []
  /// The VLANs that pass there, where the bridge filters by VLAN.
  var vlans: PortVLANs?
}

/// A bridge as those who join it see it.
struct BridgeView: Equatable {
  /// The bridge as the kernel reports it.
  var link: LinkInfo
  /// Whether we found it: then it keeps its MAC address and its MTU.
  var isAdopted: Bool
  /// Whether it has a port.
  var hasPorts: Bool
  /// Whether its MAC address was fixed, so that ports do not change it any more.
  var isAddressFixed: Bool
  /// Whether its MTU was fixed.
  var isMTUFixed: Bool
}

/// The steps for one link, worked out from what is wanted and what is there, by nothing else.
struct LinkPlan: Equatable {
  /// In their order; the first that fails ends it.
  var steps: [LinkStep] = []
  /// Whether the steps fix the bridge's MAC address.
  var fixesAddress = false
  /// Whether the steps fix the bridge's MTU.
  var fixesMTU = false

  /// The plan for a session's interface.
  ///
  /// - Parameters:
  ///   - wish: what is wanted; nil takes it out of service: its session goes away by itself.
  ///   - link: what is there.
  ///   - bridge: the wanted bridge, when it is there.
  ///   - carriedMTU: the MTU of the LAN that it serves, in octets.
  ///   - alias: the mark that it gets.
  ///   - address: the MAC address that it gets together with the mark.
  ///   - addresses: its IP addresses, as wanted and as they are.
  ///   - vlans: its VLANs in a bridge that filters them, as wanted and as they are.
  static func session(
    _ wish: SessionWish?, link: LinkInfo, bridge: BridgeView?, carriedMTU: Int, alias: String,
    address: @autoclosure () -> [UInt8], addresses: AddressPlan = .none, vlans: PortVLANPlan? = nil
  ) -> LinkPlan {
    guard let wish else {
      guard link.isUp else { return LinkPlan() }
      var down = LinkSettings()
      down.isUp = false
      return LinkPlan(steps: [.set(link.index, name: link.name, down)])
    }
    var plan = LinkPlan()
    var first = LinkSettings()
    if link.isUp, !wish.isUp { first.isUp = false }
    if link.alias != alias {
      first.alias = alias
      // Only while it is down: most drivers insist.
      if !link.isUp { first.address = address() }
    }
    let mtu = octets(of: wish.mtu, carried: carriedMTU)
    if link.mtuOctets != mtu { first.mtuOctets = mtu }
    if let generates = link.generatesAddresses, generates != addresses.needsVersion6 {
      first.generatesAddresses = addresses.needsVersion6
    }
    let master = wish.bridge == nil ? 0 : bridge?.link.index
    if let master, link.master != master {
      first.master = master
      if let bridge {
        let joining = first.address ?? link.address
        plan.fix(bridge, joiningAddress: joining, joiningMTU: mtu)
      }
    }
    if !first.isEmpty { plan.steps.append(.set(link.index, name: link.name, first)) }
    // The VLANs that the kernel gives a port are known once it is one: until it has its own VLANs, no frame passes.
    let awaitsVLANs = vlans != nil && first.master != nil
    if let vlans, !awaitsVLANs { plan.steps += vlans.steps(link.index, name: link.name) }
    var second = LinkSettings()
    if let master, master != 0, (first.master == nil ? link.isIsolated ?? false : false) != wish.isIsolated {
      second.isIsolated = wish.isIsolated
    }
    // A port that waits for its bridge stays down: it would be a link of the machine instead.
    if wish.isUp, !link.isUp, master != nil, !awaitsVLANs { second.isUp = true }
    if !second.isEmpty { plan.steps.append(.set(link.index, name: link.name, second)) }
    if wish.isUp, link.isUp || second.isUp == true { plan.steps += addresses.steps(link.index, name: link.name) }
    return plan
  }

  /// An MTU in octets.
  static func octets(of mtu: LinkRequest.MTU, carried: Int) -> Int {
    switch mtu {
    case .carry: carried
    case .octets(let octets): octets
    }
  }

  /// Keeps an adopted bridge's MAC address and MTU from following a new port.
  ///
  /// A bridge takes the lowest MAC address among its ports, and the smallest MTU, unless somebody has set them (net/bridge/br_if.c,
  /// br_stp_if.c). Setting the MAC address to what it is counts; setting the MTU to what it is does nothing, so it goes up by one
  /// octet and back.
  mutating func fix(_ bridge: BridgeView, joiningAddress: [UInt8], joiningMTU: Int) {
    guard bridge.isAdopted else { return }
    let (index, name) = (bridge.link.index, bridge.link.name)
    let isLower = joiningAddress.lexicographicallyPrecedes(bridge.link.address)
    if !bridge.isAddressFixed, isLower || !bridge.hasPorts {
      var settings = LinkSettings()
      settings.address = bridge.link.address
      steps.append(.set(index, name: name, settings))
      fixesAddress = true
    }
    if !bridge.isMTUFixed, joiningMTU < bridge.link.mtuOctets {
      for mtu in [bridge.link.mtuOctets + 1, bridge.link.mtuOctets] {
        var settings = LinkSettings()
        settings.mtuOctets = mtu
        steps.append(.set(index, name: name, settings))
      }
      fixesMTU = true
    }
  }
}
