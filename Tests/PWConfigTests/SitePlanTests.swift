import EthernetPlugin
import PPPPlugin
import PWConfig
import PWCore
import Testing
import VLANPlugin

/// The changes that a file would bring, foretold.
struct SitePlanTests {
  private static let plugins: [any PseudowirePlugin] = [EthernetPlugin(), PPPPlugin(), VLANPlugin()]
  private static let text = """
    site: amsterdam
    router-id: 192.0.2.1
    tunnels:
      berlin:
        peer: 192.0.2.2
        hello: 60s
        retransmit: {count: 10}
        pseudowires:
          lan: {type: ethernet, end-id: 100, bridge: br0}
          voice: {type: ethernet, end-id: 101}
      rome:
        peer: 192.0.2.3
        pseudowires:
          lan: {type: ethernet, end-id: 100}
    bridges:
      br0: {members: [eth1]}

    """

  private static func plan(_ old: String = text, to new: String, isInKernel: Bool = false) throws -> SitePlan {
    let reader = SiteReader(plugins: plugins)
    let readings = [old, new].map(reader.read)
    for reading in readings { try #require(!reading.hasErrors, "\(reading.diagnostics)") }
    return SitePlan(from: readings[0], to: readings[1], plugins: plugins, isInKernel: isInKernel)
  }

  /// The plan for a file with something in it replaced.
  private static func plan(replacing old: String, by new: String) throws -> SitePlan {
    #expect(text.contains(old))
    return try plan(to: text.replacing(old, with: new))
  }

  private static let berlin = LinkOwner(tunnel: "berlin", pseudowire: "lan")
  private static let voice = LinkOwner(tunnel: "berlin", pseudowire: "voice")
  private static let rome = LinkOwner(tunnel: "rome", pseudowire: "lan")

  @Test("Nothing is said of a file that says the same in other words")
  func same() throws {
    #expect(try Self.plan(to: Self.text).changes.isEmpty)
    #expect(try Self.plan(replacing: "hello: 60s", by: "hello: 1m").changes.isEmpty)
    #expect(try Self.plan(replacing: "hello: 60s", by: "role: both").changes.isEmpty)
    #expect(try Self.plan(to: Self.text).impact == nil)
  }

  @Test("A pseudowire that is disabled stops, and costs nothing any more")
  func disabled() throws {
    let off = "lan: {type: ethernet, end-id: 100, bridge: br0, enabled: false}"
    let on = "lan: {type: ethernet, end-id: 100, bridge: br0}"
    let down = try Self.plan(replacing: on, by: off)
    #expect(down.changes.map(\.action) == [.disable] && down.changes.map(\.impact) == [.session])
    #expect(down.changes.flatMap(\.stops) == [Self.berlin])
    #expect(down.changes[0].keys.map { [$0.key, $0.before, $0.after] } == [["enabled", "true", "false"]])
    let disabled = Self.text.replacing(on, with: off)
    let up = try Self.plan(disabled, to: Self.text)
    #expect(up.changes.map(\.action) == [.enable] && up.impact == .inPlace && up.changes[0].stops.isEmpty)
    let other = try Self.plan(disabled, to: disabled.replacing("end-id: 100, bridge", with: "end-id: 102, bridge"))
    #expect(other.changes.map(\.action) == [.update] && other.impact == .inPlace && other.changes[0].stops.isEmpty)
    let gone = try Self.plan(disabled, to: disabled.replacing("      \(off)\n", with: ""))
    #expect(gone.changes[0].object == .pseudowire(Self.berlin) && gone.impact == .inPlace)
  }

  @Test("A tunnel that is disabled stops with all that it has")
  func disabledTunnel() throws {
    let disabled = Self.text.replacing("    peer: 192.0.2.2\n", with: "    peer: 192.0.2.2\n    enabled: false\n")
    let down = try Self.plan(to: disabled)
    #expect(down.changes.map(\.action) == [.disable] && down.changes.map(\.impact) == [.tunnel])
    #expect(down.changes[0].stops == [Self.berlin, Self.voice])
    let up = try Self.plan(disabled, to: Self.text)
    #expect(up.changes.map(\.action) == [.enable] && up.impact == .inPlace && up.changes[0].stops.isEmpty)
    #expect(try Self.plan(disabled, to: disabled.replacing("hello: 60s", with: "hello: 5s")).impact == .inPlace)
    #expect(try Self.plan(disabled, to: disabled.replacing("hello: 60s", with: "ttl: 5")).impact == .inPlace)
    let below = try Self.plan(disabled, to: disabled.replacing("end-id: 101", with: "end-id: 102"))
    #expect(below.impact == .inPlace && below.changes.flatMap(\.stops).isEmpty)
  }

  @Test("A tunnel's timers change in place, each key named with both values")
  func inPlace() throws {
    let plan = try Self.plan(
      replacing: "hello: 60s\n    retransmit: {count: 10}", by: "retransmit: {count: 9}\n    hello: 5s")
    #expect(plan.changes.map(\.object) == [.tunnel("berlin")] && plan.impact == .inPlace)
    #expect(
      plan.changes[0].keys == [
        KeyChange(key: "hello", before: "60s", after: "5s", impact: .inPlace),
        KeyChange(key: "retransmit.count", before: "10", after: "9", impact: .inPlace),
      ])
    #expect(plan.changes[0].stops.isEmpty)
    let without = try Self.plan(replacing: "hello: 60s\n", by: "mtu-probe: false\n").changes[0].keys
    #expect(without == [KeyChange(key: "mtu-probe", before: "true", after: "false", impact: .inPlace)])
  }

  @Test("A tunnel that starts again stops its pseudowires, and no other's")
  func tunnel() throws {
    let plan = try Self.plan(replacing: "peer: 192.0.2.2", by: "peer: 192.0.2.9")
    #expect(plan.changes.map(\.object) == [.tunnel("berlin")] && plan.impact == .tunnel)
    #expect(plan.changes[0].stops == [Self.berlin, Self.voice])
    #expect(plan.changes[0].keys == [KeyChange(key: "peer", before: "192.0.2.2", after: "192.0.2.9", impact: .tunnel)])
    let inherited = try Self.plan(replacing: "router-id: 192.0.2.1", by: "router-id: 192.0.2.1\nlisten-port: 1703")
    #expect(inherited.changes.map(\.object) == [.tunnel("berlin"), .tunnel("rome")])
    #expect(inherited.changes[1].keys.map(\.key) == ["listen-port"])
  }

  @Test("A name that peers know stops every tunnel")
  func renamed() throws {
    let plan = try Self.plan(replacing: "router-id: 192.0.2.1", by: "router-id: 192.0.2.4")
    #expect(plan.changes.map(\.object) == [.site] && plan.impact == .tunnel)
    #expect(plan.changes[0].stops == [Self.berlin, Self.voice, Self.rome])
  }

  @Test("A pseudowire's options change in place, its cookie by a new session")
  func pseudowires() throws {
    let plan = try Self.plan(
      replacing: "end-id: 100, bridge: br0}\n      voice: {type: ethernet, ",
      by: "end-id: 100, bridge: br0, mtu: fit}\n      voice: {type: ethernet, cookie: 4, ")
    #expect(plan.changes.map(\.object) == [.pseudowire(Self.berlin), .pseudowire(Self.voice)])
    #expect(plan.changes.map(\.impact) == [.inPlace, .session])
    #expect(plan.changes.map(\.stops) == [[], [Self.voice]])
    #expect(plan.changes[0].keys.map(\.before) == ["carry"] && plan.changes[0].keys.map(\.after) == ["fit"])
    #expect(plan.changes[1].keys.map(\.key) == ["cookie"])
  }

  @Test("Objects come and go")
  func comeAndGo() throws {
    let plan = try Self.plan(
      to: """
        site: amsterdam
        router-id: 192.0.2.1
        tunnels:
          oslo: {peer: 192.0.2.4, pseudowires: {lan: {type: ethernet, end-id: 1}}}
          berlin:
            peer: 192.0.2.2
            retransmit: {count: 10}
            pseudowires:
              lan: {type: ethernet, end-id: 100}
              new: {type: ethernet, end-id: 102, bridge: br9}
        bridges:
          br9: {}

        """)
    #expect(
      plan.changes.map(\.object) == [
        .tunnel("oslo"), .pseudowire(Self.berlin), .pseudowire(LinkOwner(tunnel: "berlin", pseudowire: "new")),
        .pseudowire(Self.voice), .tunnel("rome"), .bridge("br9"), .bridge("br0"),
      ])
    #expect(plan.changes.map(\.action) == [.add, .update, .add, .remove, .remove, .add, .remove])
    #expect(plan.changes.map(\.impact) == [.inPlace, .session, .inPlace, .session, .tunnel, .inPlace, .inPlace])
    #expect(plan.changes.flatMap(\.stops) == [Self.berlin, Self.voice, Self.rome])
  }

  @Test("A secret is replaced in place by way of a previous one, and costs the tunnel otherwise")
  func secrets() throws {
    func site(_ authentication: String) -> String {
      Self.text.replacing("hello: 60s", with: "authentication: {\(authentication)}")
    }
    let old = site("secret-file: /s/a")
    #expect(try Self.plan(old, to: site("secret-file: /s/b, previous-secret-file: /s/a")).impact == .inPlace)
    #expect(try Self.plan(old, to: site("secret-file: /s/b")).impact == .tunnel)
    #expect(try Self.plan(old, to: site("digest: sha1")).impact == .tunnel)
  }

  @Test("A plugin's own keys decide, not those of another plugin of its type")
  func pluginOfType() throws {
    let ethernet = PluginDescription(type: .ethernet, payload: .ethernet, options: EthernetPlugin().optionKeys)
    var pseudowire = PseudowireDeclaration(
      name: "lan", type: .ethernet, remoteEndID: RemoteEndID(number: 1), interfaceName: "pw0")
    let options = ChangeableOptions(["colour"])
    let paint = PluginDeclaration(
      name: "paint", path: "/p", type: .ethernet, payload: .ethernet, changeableOptions: options)
    #expect([ethernet].changeableOptions(of: pseudowire, [paint]) == ethernet.changeableOptions)
    pseudowire.plugin = "paint"
    #expect([ethernet].changeableOptions(of: pseudowire, [paint]) == options)
    #expect([ethernet].changeableOptions(of: pseudowire, []) == nil)
  }

  @Test("A bridge changes in place")
  func bridge() throws {
    let plan = try Self.plan(replacing: "[eth1]", by: "[eth1, eth2]")
    #expect(plan.changes.map(\.object) == [.bridge("br0")] && plan.impact == .inPlace)
    #expect(plan.changes[0].keys.map(\.after) == ["[eth1, eth2]"])
  }

  @Test("A file that would be refused while pwmgr runs is told as that")
  func refused() throws {
    let plan = try Self.plan(replacing: "site: amsterdam", by: "site: mokum")
    #expect(plan.changes.map(\.impact) == [.restart] && plan.changes[0].keys.map(\.key) == ["site"])
    #expect(plan.changes[0].reason?.contains("restart it") == true)
    let limited = Self.text.replacing("end-id: 101", with: "end-id: 101, mss: 1200")
    #expect(try Self.plan(to: limited, isInKernel: true).impact == .restart)
    #expect(try Self.plan(to: limited).impact == .session)
  }
}
