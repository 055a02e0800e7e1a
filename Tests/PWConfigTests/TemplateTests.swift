import PPPPlugin
import PWConfig
import PWCore
import Testing

/// One declaration that stands for many pseudowires.
struct TemplateTests {
  private static func site(_ keys: String) throws -> Site {
    let text =
      "site: a\nrouter-id: 1\ntunnels:\n  t:\n    peer: 192.0.2.2\n    pseudowires:\n      dsl:\n        type: ppp\n"
      + keys.split(separator: "\n").map { "        \($0)\n" }.joined()
    let reading = SiteReader(plugins: [PPPPlugin()]).read(text)
    #expect(reading.diagnostics == [])
    return try #require(reading.site)
  }

  @Test("The end where PPP ends: names, identifiers, interfaces and addresses of their own, and the peer calls")
  func terminating() throws {
    let site = try Self.site(
      "end-id: 100\nsessions: 3\ninterface: ppp-dsl%d\nlocal-address: 10.0.0.1\npeer-address: 10.0.0.2-10.0.0.9\n")
    let pseudowires = site.tunnels[0].pseudowires
    #expect(pseudowires.map(\.name) == ["dsl/1", "dsl/2", "dsl/3"])
    #expect(pseudowires.map(\.remoteEndID) == (1...3).map { RemoteEndID(text: "100/\($0)") })
    #expect(pseudowires.map(\.interfaceName) == ["ppp-dsl1", "ppp-dsl2", "ppp-dsl3"])
    #expect(pseudowires.map { $0.options["peer-address"] } == (2...4).map { .scalar("10.0.0.\($0)") })
    #expect(pseudowires.allSatisfy { $0.calling == .never && $0.template == "dsl" })
    #expect(pseudowires.allSatisfy { $0.circuit == .none })
  }

  @Test(
    "A number is numbered as it is written, whatever its octets look like",
    arguments: ["3735928559", "1684302136", "0"])
  func numbers(text: String) throws {
    let site = try Self.site("end-id: \(text)\nlocal-end-id: dsl\nsessions: 2\n")
    #expect(site.tunnels[0].pseudowires.map(\.remoteEndID) == (1...2).map { RemoteEndID(text: "\(text)/\($0)") })
    #expect(site.tunnels[0].pseudowires.map(\.localEndID) == (1...2).map { RemoteEndID(text: "dsl/\($0)") })
  }

  @Test("The end where clients are: it calls when one asks, and all are behind one link")
  func carrying() throws {
    let site = try Self.site(
      "end-id: \"100\"\nsessions: 2\npppoe: {interface: eth1, ac-name: ac, service-names: [a, b], sessions-per-mac: 2}\n"
    )
    let pseudowires = site.tunnels[0].pseudowires
    #expect(pseudowires.map(\.remoteEndID) == (1...2).map { RemoteEndID(text: "100/\($0)") })
    #expect(pseudowires.map(\.interfaceName) == ["t-dsl-1", "t-dsl-2"])
    #expect(pseudowires.allSatisfy { $0.calling == .onDemand })
    let service = PPPoEService(
      interface: "eth1", concentratorName: "ac", serviceNames: ["a", "b"], sessionsPerClient: 2)
    #expect(pseudowires.allSatisfy { $0.circuit == .pppoe(service) })
  }

  @Test("As many as there may be have names that fit and differ")
  func most() throws {
    let site = try Self.site("end-id: a\nsessions: 1000\n")
    let names = site.tunnels[0].pseudowires.map(\.interfaceName)
    #expect(Set(names).count == 1000 && names.allSatisfy { $0.utf8.count <= 15 && !$0.contains("/") })
  }

  @Test("A declaration without `sessions` stands for itself")
  func one() throws {
    let pseudowire = try Self.site("end-id: 1\npeer-address: 10.0.0.2\n").tunnels[0].pseudowires[0]
    #expect(pseudowire.name == "dsl" && pseudowire.template == nil && pseudowire.calling == .always)
  }
}
