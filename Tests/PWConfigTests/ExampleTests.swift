import EthernetPlugin
import Foundation
import PPPPlugin
import PWConfig
import PWCore
import Testing
import VLANPlugin

/// The examples are what a first reader copies: nothing is to be said against them, and their ends fit together.
struct ExampleTests {
  /// The topics of the examples: the first word of a file's name, of which the rest is the site's.
  static let topics = ["hub", "ip", "ipv6", "mesh", "ppp", "pppoe", "qinq", "static", "trunk", "udp", "vlan"]

  static let folder = Place.root + "/examples"

  /// The files of a topic.
  static func files(of topic: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasPrefix(topic + "-") }.sorted()
  }

  static func sites(of topic: String) throws -> [Site] {
    try files(of: topic).map { file in
      let reading = SiteReader(plugins: [EthernetPlugin(), PPPPlugin(), VLANPlugin()]).read(
        try String(contentsOfFile: folder + "/" + file, encoding: .utf8))
      #expect(reading.diagnostics == [], "\(file)")
      return try #require(reading.site)
    }
  }

  @Test("Every file is known here")
  func everyFile() throws {
    let found = try FileManager.default.contentsOfDirectory(atPath: Self.folder)
    // Plugins are programs, with tests of their own.
    #expect(found.filter { $0 != "plugins" }.sorted() == (try Self.topics.flatMap(Self.files)))
  }

  @Test("No complaint, and every tunnel has its other end", arguments: ExampleTests.topics)
  func pairs(topic: String) throws {
    let sites = try Self.sites(of: topic)
    #expect(Set(sites.map(\.routerID)).count == sites.count)
    #expect(Set(sites.map(\.name)).count == sites.count)
    for site in sites {
      for tunnel in site.tunnels {
        let others = sites.flatMap(\.tunnels).filter { other in
          other.local.map(TunnelDeclaration.Peer.address) == tunnel.peer
            && tunnel.local.map(TunnelDeclaration.Peer.address) == other.peer
        }
        #expect(others.count == 1, "\(site.name): \(tunnel.name)")
        let other = try #require(others.first)
        #expect(other.encapsulation == tunnel.encapsulation)
        #expect(other.authentication == tunnel.authentication)
        #expect([tunnel.role, other.role] != [.accept, .accept])
        #expect([tunnel.role, other.role] != [.initiate, .initiate] || tunnel.staticConnection != nil)
        #expect(tunnel.pseudowires.map(\.remoteEndID) == other.pseudowires.map(\.remoteEndID))
        #expect(tunnel.pseudowires.map(\.type) == other.pseudowires.map(\.type))
        #expect(!tunnel.pseudowires.isEmpty)
      }
    }
  }

  @Test("A site that is not a spoke reaches every other")
  func mesh() throws {
    let sites = try Self.sites(of: "mesh")
    #expect(sites.map(\.tunnels.count) == [2, 2, 2])
    for pseudowire in sites.flatMap(\.tunnels).flatMap(\.pseudowires) {
      let context = OptionContext(
        bridges: [], owner: LinkOwner(tunnel: "", pseudowire: pseudowire.name), interfaceName: pseudowire.interfaceName)
      let report = EthernetPlugin().report(on: OptionNode(pseudowire.options), in: context)
      #expect(report.outline.splitHorizonGroup == "mesh")
    }
    #expect(try Self.sites(of: "hub").map(\.tunnels.count) == [3, 1, 1, 1])
  }
}
