import PWCore

/// What is wrong with the options of one pseudowire. Keys are known to be ours and to have values.
struct EthernetOptionsCheck {
  private var reading: OptionReading
  var diagnostics: [Diagnostic] { reading.diagnostics }

  init(_ options: OptionNode, _ context: OptionContext) {
    reading = OptionReading(options, context)
    checkBridge()
    checkMember()
    reading.checkMTU()
    checkSplitHorizon()
    checkPassFault()
    checkAddresses()
    checkVLANs()
  }

  private mutating func checkBridge() {
    guard let (name, mark) = reading.scalar("bridge") else { return }
    if !reading.context.bridges.contains(name) {
      let otherwise = "; add '\(name):' below 'bridges:'"
      let hint = Spelling.hint(for: name, among: reading.context.bridges, otherwise: otherwise)
      reading.error(mark, "bridge", "the site has no bridge '\(name)'\(hint)")
    }
  }

  private mutating func checkMember() {
    guard let (name, mark) = reading.scalar("member") else { return }
    if reading.values["bridge"] != nil {
      reading.error(mark, "member", "'bridge' is there too; keep one of them, or make '\(name)' a member of the bridge")
    }
    reading.checkInterface("member")
  }

  private mutating func checkSplitHorizon() {
    guard let (name, mark) = reading.scalar("split-horizon") else { return }
    if !reading.isMeant("bridge") {
      reading.error(mark, "split-horizon", "only ports of a bridge have one; add 'bridge', or remove it")
    }
    let isName =
      !name.isEmpty && name.utf8.count <= 63
      && name.utf8.allSatisfy { octet in
        (0x30...0x39).contains(octet) || (0x41...0x5A).contains(octet) || (0x61...0x7A).contains(octet)
          || "-_.".utf8.contains(octet)
      }
    if !isName {
      reading.error(mark, "split-horizon", "'\(name)' is not a name; use letters, digits, '-', '_' and '.'")
    }
  }

  private mutating func checkVLANs() {
    let tagged = reading.scalar("vlans")
    let vlans = tagged.flatMap { PortVLANs.tagged($0.text) }
    if let (text, mark) = tagged {
      requireBridge("vlans", mark)
      if vlans == nil {
        reading.error(
          mark, "vlans", "'\(text)' is not a list of VLANs; write 'none', or numbers from 1 to 4094, as in '10,20-30'")
      }
    }
    guard let (text, mark) = reading.scalar("untagged-vlan") else { return }
    requireBridge("untagged-vlan", mark)
    guard let untagged = PortVLANs.untagged(text) else {
      return reading.error(mark, "untagged-vlan", "'\(text)' is not a VLAN; write 'none', or a number from 1 to 4094")
    }
    if case .vlan(let identifier) = untagged, vlans?.ranges.contains(where: { $0.contains(identifier) }) == true {
      reading.error(
        mark, "untagged-vlan", "'vlans' has VLAN \(text), too; its frames have a tag or none: remove one of them")
    }
  }

  private mutating func requireBridge(_ key: String, _ mark: Mark) {
    guard !reading.isMeant("bridge") else { return }
    reading.error(mark, key, "only ports of a bridge that filters by VLAN have it; add 'bridge', or remove it")
  }

  private mutating func checkAddresses() {
    guard let node = reading.values["addresses"] else { return }
    if reading.values["bridge"] != nil {
      reading.error(node.mark, "addresses", "an address on a port reaches nobody; write it below the bridge")
    } else if reading.values["member"] != nil {
      reading.error(node.mark, "addresses", "what arrives goes to the member, and never to an address here; remove one")
    }
    guard case .sequence(let nodes) = node.content else {
      return reading.error(node.mark, "addresses", "a list is wanted; write 'addresses: [192.0.2.1/24]'")
    }
    var seen: Set<InterfaceAddress> = []
    for node in nodes {
      guard case .scalar(let text, _) = node.content, let address = InterfaceAddress(text) else {
        let text = if case .scalar(let text, _) = node.content { text } else { "" }
        reading.error(node.mark, "addresses", InterfaceAddress.fault(of: text) ?? "write one like 192.0.2.1/24")
        continue
      }
      if !seen.insert(address).inserted { reading.error(node.mark, "addresses", "'\(text)' is there twice") }
    }
  }

  private mutating func checkPassFault() {
    guard let (text, mark) = reading.scalar("pass-fault") else { return }
    guard let passes = Switch.value(of: text) else {
      return reading.error(mark, "pass-fault", "'\(text)' is neither; write 'true' or 'false'")
    }
    if passes, !reading.isMeant("member") {
      reading.error(mark, "pass-fault", "there is no 'member' to pass a fault to; add one, or remove it")
    }
  }
}
