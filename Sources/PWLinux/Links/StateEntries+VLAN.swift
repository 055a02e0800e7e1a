import PWCore

// VLANs in the state file: `vlan PORT KIND IDENTIFIER index=3 session=7 priorities=01234567 trunk`.
extension StateEntries {
  /// A change as words.
  static func words(_ place: VLANPlace, _ record: VLANRecord?) -> [String] {
    let name = ["vlan", place.port, place.tag.kind.name, "\(place.tag.identifier)"]
    guard let record else { return name + ["gone"] }
    let priorities = record.priorities.values.map { "\($0)" }.joined()
    let facts = ["index=\(record.index)", "session=\(record.session)", "priorities=\(priorities)"]
    return name + facts + (record.isOfTrunk ? ["trunk"] : [])
  }

  /// The VLANs in few words: `VLAN 1-50,100 of eth1`.
  var vlanTexts: [String] {
    VLANTag.Kind.allCases.flatMap { kind in
      Dictionary(grouping: vlans.keys.filter { $0.tag.kind == kind }, by: \.port).sorted { $0.key < $1.key }.map {
        port, places in
        let set = VLANSet(places.map { $0.tag.identifier...$0.tag.identifier }, kind)
        return "VLAN \(set.text) of \(port)"
      }
    }
  }

  /// Takes in a line's words; those that make no sense are passed over.
  mutating func takeVLAN(_ words: [Substring]) {
    guard words.count >= 5, let identifier = UInt16(words[3]), VLANTag.identifiers.contains(identifier),
      let kind = VLANTag.Kind.allCases.first(where: { $0.name == words[2] })
    else { return }
    let place = VLANPlace(port: String(words[1]), tag: VLANTag(identifier, kind))
    let facts = Facts(words[4...])
    if words.count == 5, facts.has("gone") {
      vlans[place] = nil
    } else if let index = facts.number("index"), let session = facts.number("session"),
      let priorities = facts.text("priorities").flatMap(TagPriorities.init)
    {
      vlans[place] = VLANRecord(index: index, session: session, priorities: priorities, isOfTrunk: facts.has("trunk"))
    }
  }
}

extension TagPriorities {
  /// Reads eight digits, one for each priority; nil when there are not eight, or one is not a priority.
  fileprivate init?(_ digits: Substring) {
    let values = digits.utf8.map { $0 &- 0x30 }
    guard values.count == TagPriorities.range.count, values.allSatisfy(TagPriorities.range.contains) else { return nil }
    self.init(Dictionary(uniqueKeysWithValues: zip(TagPriorities.range, values)))
  }
}
