import PWCore

/// The options of a VLAN pseudowire, read and checked.
public struct VLANOptions: Sendable {
  var port: String
  var vlans: VLANs
  var priorities: TagPriorities
  var mtu: MTUOption

  /// The VLAN, or the VLANs, that the pseudowire carries.
  enum VLANs: Sendable {
    /// One VLAN, under the number that it has here.
    case one(VLANTag)
    /// A trunk: VLANs that have the same numbers at both ends.
    case several(VLANSet)
  }

  /// Reads them, and complains of what is missing, and of values that say nothing; nil where port or VLAN are not said.
  init?(_ reading: inout OptionReading) {
    let keys = VLANKeys.declared
    let port = reading.value(of: keys.port)
    if !reading.isMeant(keys.vlans) { reading.require(keys.vlan) }
    reading.checkPortIsNoBridge(keys)
    let identifier = reading.value(of: keys.vlan)
    let ranges = reading.ranges(keys)
    let kind = reading.value(of: keys.tag)
    priorities = reading.priorities(keys) ?? .kept
    mtu = reading.value(of: keys.mtu)
    guard let port else { return nil }
    self.port = port
    if let identifier {
      vlans = .one(VLANTag(identifier, kind))
    } else if let ranges {
      vlans = .several(VLANSet(ranges, kind))
    } else {
      return nil
    }
  }
}

/// How many parts of a list are looked at: of one more than there are VLANs two are the same.
private let partLimit = VLANTag.identifiers.count + 1

extension OptionReading {
  fileprivate mutating func checkPortIsNoBridge(_ keys: VLANKeys) {
    guard let node = node(of: keys.port), let name = Scalar(node)?.text, context.bridges.contains(name) else { return }
    error(node.mark, keys.port.name, "'\(name)' is a bridge; name the link that the VLAN is on")
  }

  /// The VLANs of a trunk; nil where there are none, or something is wrong with them.
  fileprivate mutating func ranges(_ keys: VLANKeys) -> [ClosedRange<UInt16>]? {
    guard let (text, mark) = scalar(keys.vlans.name) else { return nil }
    if has(keys.vlan) {
      error(
        mark, keys.vlans.name, "'vlan' is set too; keep one of them: 'vlan' rewrites the tag, 'vlans' is a trunk")
    }
    let parts = VLANSet.parts(text).prefix(partLimit)
    var ranges: [ClosedRange<UInt16>] = []
    for part in parts {
      guard let range = VLANSet.range(part) else {
        error(mark, keys.vlans.name, "'\(part)' is neither a VLAN nor a range of them; \(Self.cure(for: part))")
        continue
      }
      if let other = ranges.first(where: { $0.overlaps(range) }) {
        let identifier = max(other.lowerBound, range.lowerBound)
        error(mark, keys.vlans.name, "VLAN \(identifier) appears twice; write each of them once")
      }
      ranges.append(range)
    }
    return ranges.count == parts.count ? ranges : nil
  }

  /// The cure for a part that says nothing.
  private static func cure(for part: Substring) -> String {
    let ends = part.split(separator: "-").compactMap { VLANTag.identifier($0) }
    if ends.count == 2, ends[0] > ends[1] { return "write '\(ends[1])-\(ends[0])'" }
    return "write numbers from \(VLANKeys.identifiers), as in '1-50,100'"
  }

  /// The change of priority bits; nil where nothing is said, or something is wrong with it.
  fileprivate mutating func priorities(_ keys: VLANKeys) -> TagPriorities? {
    guard let node = node(of: keys.priority) else { return nil }
    switch node.content {
    case .scalar(let text, _):
      guard text != "keep", let one = priority(text, node.mark, keys) else { return nil }
      return TagPriorities(Dictionary(uniqueKeysWithValues: TagPriorities.range.map { ($0, one) }))
    case .mapping(let pairs):
      var changes: [UInt8: UInt8] = [:]
      for pair in pairs {
        let from = priority(pair.key, pair.keyMark, keys)
        guard let text = Scalar(pair.value)?.text else {
          error(
            pair.value.mark, keys.priority.name,
            "'\(pair.key)' has more than one value; write one number from \(VLANKeys.priorities)")
          continue
        }
        let to = priority(text, pair.value.mark, keys)
        if let from, let to { changes[from] = to }
      }
      return TagPriorities(changes)
    case .sequence:
      error(
        node.mark, keys.priority.name,
        "a list has no meaning here; write 'keep', a number, or a mapping such as '{5: 3}'")
      return nil
    }
  }

  private mutating func priority(_ text: String, _ mark: Mark, _ keys: VLANKeys) -> UInt8? {
    let isNumber = text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    if isNumber, let priority = UInt8(text), TagPriorities.range.contains(priority) { return priority }
    error(
      mark, keys.priority.name,
      "'\(text)' is not a priority; write 'keep', a number from \(VLANKeys.priorities), or '{5: 3}'")
    return nil
  }
}
