import EthernetPlugin
import PWConfig
import PWCore
import Testing

/// The keys of the site file, each of them: that what is declared is read, and as it is declared.
struct DeclaredKeyTests {
  /// A key, and the section that it is a key of.
  struct Place: Sendable, CustomTestStringConvertible {
    var section: String
    var key: KeyDescription

    var testDescription: String { "\(key.name) of a \(section)" }

    /// A site with a value for the key, or none, and for no other that may be left out.
    func site(_ value: String?) -> String {
      var required = [
        "site": "site: a", "router-id": "router-id: 1", "peer": "peer: 192.0.2.2", "type": "type: ethernet",
        "end-id": "end-id: 1", "path": "path: /bin/true",
      ]
      required[key.name] = nil
      let own = value.map { ["\(key.name): \($0)"] } ?? []
      func lines(_ names: [String], in section: String) -> [String] {
        (section == self.section ? own : []) + names.compactMap { required[$0] }
      }
      func mapping(_ lines: [String]) -> String { "{\(lines.joined(separator: ", "))}" }
      func below(_ sections: String...) -> [String] {
        sections.filter { $0 == section }.map { "\($0): \(mapping(own))" }
      }
      let ofPseudowire = below("session-ids", "cookies")
      let pseudowire =
        "pseudowires: {p: \(mapping(lines(["type", "end-id"], in: "pseudowire") + ofPseudowire))}"
      let ofTunnel = below("authentication", "retransmit", "reconnect", "connection-ids")
      let isStatic = ["connection-ids", "session-ids", "cookies"].contains(section)
      let tunnel =
        lines(["peer"], in: "tunnel") + ofTunnel + (isStatic ? ["signalling: none"] : [])
        + (key.name == "pseudowires" ? [] : [pseudowire])
      var top = lines(["site", "router-id"], in: "site")
      if key.name != "tunnels" { top.append("tunnels: {t: \(mapping(tunnel))}") }
      if section == "bridge" { top.append("bridges: {b: \(mapping(own))}") }
      if section == "plugin" { top.append("plugins: {x: \(mapping(own))}") }
      return top.joined(separator: "\n") + "\n"
    }

    /// The default as the file has it; nil where there is none, or words say what holds without the key.
    var defaultValue: String? {
      guard let absent = key.absent, absent.hasPrefix("`"), absent.hasSuffix("`") else { return nil }
      return String(absent.dropFirst().dropLast())
    }
  }

  static let places = SchemaSection.all.flatMap { section in
    section.keys.map { Place(section: section.title, key: $0) }
  }

  private static func reading(_ text: String) -> SiteReading { SiteReader(plugins: [EthernetPlugin()]).read(text) }

  @Test("A key that is declared is read: nothing takes a list of lists", arguments: places)
  func everyKeyIsRead(place: Place) {
    let messages = Self.reading(place.site("[[]]")).diagnostics.map(\.message)
    #expect(messages.contains { $0.contains("'\(place.key.name)' in ") }, "\(messages)")
    #expect(!messages.contains { $0.hasPrefix("unknown key") }, "\(messages)")
  }

  @Test("A key that is written with its default says nothing new", arguments: places.filter { $0.defaultValue != nil })
  func everyDefault(place: Place) throws {
    let value: String = try #require(place.defaultValue)
    let written = Self.reading(place.site(value))
    #expect(!written.hasErrors, "\(written.diagnostics)")
    #expect(written.site == Self.reading(place.site(nil)).site)
  }

  @Test("Most keys that take a word, a number or a duration have a default")
  func defaults() {
    #expect(Self.places.filter { $0.defaultValue != nil }.count >= 20)
  }
}
