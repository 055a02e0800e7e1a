import Foundation
import PWCore
import PWLinux
import Testing

@testable import PWPluginHost

@Suite("The plugins of a site", .serialized)
struct PluginHostsTests {
  private func site(_ plugins: [String: String]) -> Site {
    var site = Site(name: "amsterdam", routerID: 1)
    site.bridges = [BridgeDeclaration(name: "br-lan")]
    site.plugins = plugins.sorted { $0.key < $1.key }.map {
      PluginDeclaration(name: $0.key, path: $0.value, type: .ethernet, payload: .ethernet)
    }
    return site
  }

  private func question(_ name: String, plugin: String) -> PluginQuestion {
    var question = HostHarness.question(name)
    question.declaration.plugin = plugin
    return question
  }

  @Test("each session is its plugin's; one that is not used any more ends, one that changes is another")
  func comeAndGo() throws {
    let scripts = try Scripts()
    let path = try scripts.plugin("colours", "reply = usual")
    let loop = try EventLoop()
    let hosts = PluginHosts(version: "0", loop: loop) { _ in }
    func expectAnswer(_ name: String, _ plugin: String) throws -> PluginAnswer? {
      var answer: PluginAnswer?
      var isRunning = false
      hosts.ask(question(name, plugin: plugin)) {
        answer = $0
        if isRunning { loop.stop() }
      }
      isRunning = true
      if answer == nil { try loop.run() }
      return answer
    }
    hosts.start(for: site(["colours": path, "tones": path]))
    #expect(hosts.reports.map(\.name) == ["colours", "tones"])
    let links = PluginAnswer.links([.session(.init(name: "b-one", mtu: .octets(1400), isUp: false))])
    #expect(try expectAnswer("one", "colours") == links)
    #expect(try expectAnswer("one", "tones") == links)
    guard case .refuse(_, let reason)? = try expectAnswer("one", "tastes") else {
      Issue.record("there is no plugin 'tastes'")
      return
    }
    #expect(reason == "there is no plugin 'tastes'")
    let first = hosts.reports[0].processIdentifier

    hosts.start(for: site(["colours": path]))
    hosts.retire()
    #expect(hosts.reports.map(\.name) == ["colours"])
    #expect(hosts.reports[0].processIdentifier == first)

    let copy = try scripts.plugin("other", "reply = usual")
    hosts.start(for: site(["colours": copy]))
    hosts.retire()
    #expect(try expectAnswer("one", "colours") == links)
    #expect(hosts.reports[0].processIdentifier != first)

    hosts.release(HostHarness.owner("one"))
    hosts.release(HostHarness.owner("one"))
    #expect(hosts.problems.isEmpty)
    hosts.stop { loop.stop() }
    try loop.run()
    #expect(hosts.reports.isEmpty)
  }

  @Test("without plugins there is nothing to stop")
  func none() throws {
    let hosts = PluginHosts(version: "0", loop: try EventLoop()) { _ in }
    hosts.start(for: site([:]))
    hosts.release(HostHarness.owner("one"))
    var isStopped = false
    hosts.stop { isStopped = true }
    #expect(isStopped)
  }
}
