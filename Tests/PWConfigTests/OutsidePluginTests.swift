import EthernetPlugin
import PWConfig
import PWCore
import Testing

/// Plugins that are not in this process, as a site file names them.
struct OutsidePluginTests {
  /// A plugin whose `colour` must be red.
  private struct Colours: PseudowirePlugin {
    var name = "colours"
    var type = PseudowireType(rawValue: 0x7001)
    var payload = PseudowirePayload.ethernet
    var optionKeys: [KeyDescription] { [colour.description] }
    private let colour = Key<String?>("colour", .text("`red`"), change: .session, "What it looks like.")

    func read(_ reading: inout OptionReading) -> String? {
      let value = reading.value(of: colour)
      if let value, value != "red", let mark = reading.mark(of: colour) {
        reading.error(mark, "colour", "'\(value)' is not red")
      }
      return value
    }

    func outline(of options: String) -> PseudowireOutline { PseudowireOutline(attachment: .bridge("br-lan")) }

    func answer(_ question: PluginQuestion, _ options: String) -> PluginAnswer { .links([]) }
  }

  /// Knows some plugins, and how often it was asked.
  private final class Finder: PluginFinder {
    let names = ["colours"]
    let place = "/plugins"
    let type: PseudowireType
    let payload: PseudowirePayload

    init(type: UInt16 = 0x7001, payload: PseudowirePayload = .ethernet) {
      self.type = PseudowireType(rawValue: type)
      self.payload = payload
    }

    func plugin(named name: String, path: String?) throws(PluginUnusable) -> FoundPlugin? {
      if name == "broken" { throw PluginUnusable("it is broken; mend it") }
      guard name == "colours" || path != nil else { return nil }
      var plugin = Colours()
      (plugin.type, plugin.payload) = (type, payload)
      return FoundPlugin(
        plugin: plugin,
        declaration: PluginDeclaration(name: name, path: path ?? "/plugins/\(name)", type: type, payload: payload))
    }
  }

  private func read(
    _ pseudowires: String, plugins: String = "", finder: (any PluginFinder)? = Finder()
  ) -> SiteReading {
    let indented = pseudowires.split(separator: "\n").map { "      \($0)" }.joined(separator: "\n")
    return SiteReader(plugins: [EthernetPlugin()], finder: finder).read(
      """
      site: a
      router-id: 1
      \(plugins)
      tunnels:
        t:
          peer: 192.0.2.2
          authentication: {}
          pseudowires:
      \(indented)
      bridges:
        br-lan: {members: [eth1]}
      """)
  }

  private func complaints(_ reading: SiteReading) -> [String] {
    reading.diagnostics.filter { $0.severity == .error }.map { String($0.line(file: "").dropFirst()) }
  }

  @Test("A type that is found: its declaration, its type, its attachment, and the plugin once")
  func found() throws {
    let reading = read(
      """
      one: {type: colours, end-id: 1, colour: red}
      two: {type: colours, end-id: 2, colour: red}
      three: {type: ethernet, end-id: 3}
      """)
    #expect(complaints(reading) == [])
    let site = try #require(reading.site)
    #expect(
      site.plugins == [
        PluginDeclaration(
          name: "colours", path: "/plugins/colours", type: PseudowireType(rawValue: 0x7001), payload: .ethernet)
      ])
    #expect(site.tunnels[0].pseudowires.map(\.plugin) == ["colours", "colours", nil])
    #expect(site.tunnels[0].pseudowires.map(\.type.rawValue) == [0x7001, 0x7001, 5])
    #expect(reading.site?.tunnels[0].pseudowires.first { $0.name == "one" }?.circuit == .bridge("br-lan"))
  }

  @Test("Its keys are the plugin's, and its complaints have their places")
  func faults() {
    #expect(
      complaints(read("one: {type: colours, end-id: 1, colour: green}"))
        == ["9:47: error: 'colour' in pseudowire 'one': 'green' is not red"])
    #expect(
      complaints(read("one: {type: colours, end-id: 1, color: red}"))
        == ["9:39: error: unknown key 'color' in pseudowire 'one'; did you mean 'colour'?"])
  }

  @Test("A type that there is not is answered with those that there are")
  func unknown() {
    #expect(
      complaints(read("one: {type: colour, end-id: 1}"))
        == ["9:19: error: 'type' in pseudowire 'one': no pseudowire type is called 'colour'; did you mean 'colours'?"])
    #expect(
      complaints(read("one: {type: smells, end-id: 1}", finder: nil)).first?
        .contains("no pseudowire type is called 'smells'; write 'ethernet'") == true)
  }

  @Test("One that cannot be used says why, at each place that names it")
  func unusable() {
    let complaints = complaints(read("one: {type: broken, end-id: 1}\ntwo: {type: broken, end-id: 2}"))
    #expect(complaints.count == 2)
    for complaint in complaints { #expect(complaint.contains("plugin 'broken' cannot be used: it is broken; mend it")) }
  }

  @Test("A site names the executable itself")
  func paths() throws {
    let reading = read("one: {type: mine, end-id: 1, colour: red}", plugins: "plugins: {mine: {path: /opt/mine}}")
    #expect(try #require(reading.site).plugins.map(\.path) == ["/opt/mine"])
    #expect(
      complaints(read("one: {type: ethernet, end-id: 1}", plugins: "plugins: {ethernet: {path: /opt/mine}}"))
        == ["3:11: error: plugin 'ethernet': pwmgr itself has a plugin of that name; choose another"])
    #expect(
      complaints(read("one: {type: ethernet, end-id: 1}", plugins: "plugins: {Mine: {path: mine}}")).count == 2)
    #expect(
      complaints(read("one: {type: ethernet, end-id: 1}", plugins: "plugins: {mine: {}}")).first?
        .contains("plugin 'mine' has no 'path'") == true)
  }

  @Test("A plugin may signal the type of another, if it carries the same")
  func sharedTypes() {
    #expect(complaints(read("one: {type: colours, end-id: 1, colour: red}", finder: Finder(type: 5))) == [])
    let complaint = complaints(
      read("one: {type: colours, end-id: 1, colour: red}", finder: Finder(type: 5, payload: .ppp)))
    #expect(complaint.first?.contains("'ethernet' carries ethernet; let it signal another type") == true)
  }
}
