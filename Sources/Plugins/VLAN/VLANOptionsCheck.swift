import PWCore

/// What is wrong with the options of one VLAN pseudowire.
struct VLANOptionsCheck {
  /// How many parts of a list are looked at: of one more than there are VLANs two are the same.
  private static let partLimit = VLANTag.identifiers.count + 1
  private var reading: OptionReading
  var diagnostics: [Diagnostic] { reading.diagnostics }

  init(_ options: OptionNode, _ context: OptionContext) {
    reading = OptionReading(options, context)
    reading.require(VLANOptions.port)
    if !reading.isMeant("vlans") { reading.require(VLANOptions.vlan) }
    reading.checkInterface("port")
    checkPortIsNoBridge()
    checkIdentifier()
    checkIdentifiers()
    checkTag()
    checkPriority()
    reading.checkMTU()
  }

  private mutating func checkPortIsNoBridge() {
    guard let node = reading.values["port"], case .scalar(let name, _) = node.content,
      reading.context.bridges.contains(name)
    else { return }
    reading.error(node.mark, "port", "'\(name)' is a bridge; name the link that the VLAN is on")
  }

  private mutating func checkIdentifier() {
    guard let (text, mark) = reading.scalar("vlan"), VLANTag.identifier(text) == nil else { return }
    let range = VLANTag.identifiers
    reading.error(
      mark, "vlan",
      "'\(text)' is not a VLAN; write a number from \(range.lowerBound) to \(range.upperBound) (0 and 4095 are "
        + "reserved)")
  }

  private mutating func checkIdentifiers() {
    guard let (text, mark) = reading.scalar("vlans") else { return }
    if reading.values["vlan"] != nil {
      reading.error(mark, "vlans", "'vlan' is there too; keep one of them: 'vlan' is rewritten, 'vlans' are a trunk")
    }
    var known: [ClosedRange<UInt16>] = []
    for part in VLANSet.parts(text).prefix(Self.partLimit) {
      guard let range = VLANSet.range(part) else {
        reading.error(mark, "vlans", "'\(part)' is neither a VLAN nor a range of them; \(Self.cure(for: part))")
        continue
      }
      if let other = known.first(where: { $0.overlaps(range) }) {
        let identifier = max(other.lowerBound, range.lowerBound)
        reading.error(mark, "vlans", "VLAN \(identifier) is there twice; write each of them once")
      }
      known.append(range)
    }
  }

  /// What to write in place of a part that says nothing.
  private static func cure(for part: Substring) -> String {
    let ends = part.split(separator: "-").compactMap { VLANTag.identifier($0) }
    if ends.count == 2, ends[0] > ends[1] { return "write '\(ends[1])-\(ends[0])'" }
    let range = VLANTag.identifiers
    return "write numbers from \(range.lowerBound) to \(range.upperBound), as in '1-50,100'"
  }

  private mutating func checkTag() {
    guard let (text, mark) = reading.scalar("tag"), VLANOptions.kind(text) == nil else { return }
    let names = VLANTag.Kind.allCases.map(\.name)
    reading.error(
      mark, "tag",
      "'\(text)' is not a kind of tag"
        + Spelling.hint(for: text, among: names, otherwise: "; write '802.1q' or '802.1ad'")
    )
  }

  private mutating func checkPriority() {
    guard let node = reading.values["priority"] else { return }
    switch node.content {
    case .scalar(let text, _):
      if text != "keep" { checkPriority(text, node.mark) }
    case .mapping(let pairs):
      for pair in pairs {
        checkPriority(pair.key, pair.keyMark)
        guard case .scalar(let text, _) = pair.value.content else {
          reading.error(
            pair.value.mark, "priority", "'\(pair.key)' has more than one value; write one number from 0 to 7")
          continue
        }
        checkPriority(text, pair.value.mark)
      }
    case .sequence:
      reading.error(node.mark, "priority", "a list says nothing; write 'keep', a number, or a mapping such as '{5: 3}'")
    }
  }

  private mutating func checkPriority(_ text: String, _ mark: Mark) {
    guard VLANOptions.priority(text) == nil else { return }
    reading.error(mark, "priority", "'\(text)' is not a priority; write 'keep', a number from 0 to 7, or '{5: 3}'")
  }
}
