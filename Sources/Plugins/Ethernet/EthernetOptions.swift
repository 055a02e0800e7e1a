import PWCore

/// The options of an Ethernet pseudowire, read and checked.
public struct EthernetOptions: Sendable {
  var joint = Joint.none
  var mtu: MTUOption
  var addresses: [InterfaceAddress]

  /// The link that the interface joins.
  enum Joint: Sendable {
    /// No other link: the interface stands by itself.
    case none
    /// A bridge, as a port of it.
    case bridge(Port)
    /// One link, end to end.
    case member(String, passesFault: Bool)
  }

  /// A port of a bridge.
  struct Port: Sendable {
    var bridge: String
    var splitHorizonGroup: String?
    var vlans: PortVLANs?
  }

  /// Reads them, and complains of values that say nothing, of bridges that are not there, and of keys that exclude each
  /// other.
  init(_ reading: inout OptionReading) {
    let keys = EthernetKeys.declared
    let bridge = reading.value(of: keys.bridge)
    reading.check(bridge: bridge, keys)
    let member = reading.value(of: keys.member)
    reading.refuseMemberOfBridge(keys)
    mtu = reading.value(of: keys.mtu)
    let group = reading.value(of: keys.splitHorizon)
    let passesFault = reading.value(of: keys.passFault)
    addresses = reading.addresses(keys)
    let (tagged, untagged) = (reading.value(of: keys.vlans), reading.value(of: keys.untaggedVLAN))
    if let bridge {
      let vlans = PortVLANs(tagged: tagged ?? VLANSet([]), untagged: untagged ?? .asGiven)
      joint = .bridge(
        Port(bridge: bridge, splitHorizonGroup: group, vlans: tagged == nil && untagged == nil ? nil : vlans))
    } else if let member {
      joint = .member(member, passesFault: passesFault)
    }
    reading.requireBridge(of: keys.splitHorizon, "only ports of a bridge have one; add 'bridge', or remove it", keys)
    reading.requireMember(passesFault: passesFault, keys)
    reading.check(tagged: tagged, untagged: untagged, keys)
  }
}

extension OptionReading {
  fileprivate mutating func check(bridge name: String?, _ keys: EthernetKeys) {
    guard let name, let mark = mark(of: keys.bridge), !context.bridges.contains(name) else { return }
    let otherwise = "; add '\(name):' below 'bridges:'"
    let hint = Spelling.hint(for: name, among: context.bridges, otherwise: otherwise)
    error(mark, keys.bridge.name, "the site has no bridge '\(name)'\(hint)")
  }

  fileprivate mutating func refuseMemberOfBridge(_ keys: EthernetKeys) {
    guard has(keys.bridge), let (name, mark) = scalar(keys.member.name) else { return }
    error(
      mark, keys.member.name,
      "'bridge' is set too; keep one of them, or make '\(name)' a member of the bridge")
  }

  fileprivate mutating func requireMember(passesFault: Bool, _ keys: EthernetKeys) {
    guard passesFault, !isMeant(keys.member), let mark = mark(of: keys.passFault) else { return }
    error(mark, keys.passFault.name, "there is no 'member' to pass a fault to; add one, or remove it")
  }

  fileprivate mutating func requireBridge(of key: some DescribedKey, _ message: String, _ keys: EthernetKeys) {
    guard !isMeant(keys.bridge), let node = node(of: key), Scalar(node) != nil else { return }
    error(node.mark, key.name, message)
  }

  fileprivate mutating func check(tagged: VLANSet?, untagged: PortVLANs.Untagged?, _ keys: EthernetKeys) {
    let message = "only ports of a bridge that filters by VLAN have it; add 'bridge', or remove it"
    requireBridge(of: keys.vlans, message, keys)
    requireBridge(of: keys.untaggedVLAN, message, keys)
    guard case .vlan(let identifier)? = untagged, let mark = mark(of: keys.untaggedVLAN),
      tagged?.ranges.contains(where: { $0.contains(identifier) }) == true
    else { return }
    error(
      mark, keys.untaggedVLAN.name,
      "'vlans' has VLAN \(identifier), too; its frames have a tag or none: remove one of them")
  }

  /// The interface's addresses; complains of what is not an address, and of addresses where nothing arrives.
  fileprivate mutating func addresses(_ keys: EthernetKeys) -> [InterfaceAddress] {
    let key = keys.addresses
    guard let node = node(of: key) else { return [] }
    if has(keys.bridge) {
      error(node.mark, key.name, "an address on a port cannot be reached; write it below the bridge")
    } else if has(keys.member) {
      error(
        node.mark, key.name, "every frame goes to the member, and none to an address here; remove one")
    }
    guard case .sequence(let nodes) = node.content else {
      error(node.mark, key.name, "expected a list; write 'addresses: [192.0.2.1/24]'")
      return []
    }
    var addresses: [InterfaceAddress] = []
    var seen: Set<InterfaceAddress> = []
    for node in nodes {
      let text = Scalar(node)?.text ?? ""
      guard let address = InterfaceAddress(text) else {
        error(node.mark, key.name, InterfaceAddress.fault(of: text) ?? "write one like 192.0.2.1/24")
        continue
      }
      addresses.append(address)
      if !seen.insert(address).inserted { error(node.mark, key.name, "'\(text)' appears twice") }
    }
    return addresses
  }
}
