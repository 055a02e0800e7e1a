import Foundation
import PWCore
import PWLinux
import PWPluginWire
import Testing

@testable import PWPluginHost

@Suite("A plugin in another process", .serialized)
struct PluginHostTests {
  private func link(_ name: String, up: Bool) -> PluginAnswer {
    .links([.session(.init(name: "b-\(name)", mtu: .octets(1400), isUp: up))])
  }

  @Test("it is asked, and answers")
  func answers() throws {
    let scripts = try Scripts()
    let harness = try HostHarness(path: scripts.plugin("colours", "reply = usual"))
    harness.ask("one")
    harness.ask("two", .established)
    #expect(try harness.run { harness.answer("one") != nil && harness.answer("two") != nil })
    #expect(harness.answer("one") == link("one", up: false))
    #expect(harness.answer("two") == link("two", up: true))
    let report = harness.host.report
    #expect(report.state == .running)
    #expect(report.version == "1.0")
    #expect(report.problems.isEmpty)
    try harness.stop()
    #expect(harness.host.report.state == .stopped)
  }

  @Test("it hears of the end of a session, once, and never of two things of one session at a time")
  func serialised() throws {
    let scripts = try Scripts()
    let path = try scripts.plugin(
      "colours",
      """
      def reply(request):
          session = request.get("session", {}).get("pseudowire", "")
          with open(os.path.join("\(scripts.folder.path)", "heard"), "a") as file:
              file.write("%s %s\\n" % (request["verb"], session))
          return usual(request)
      """)
    let harness = try HostHarness(path: path)
    harness.ask("one")
    #expect(try harness.run { harness.answer("one") != nil })
    harness.ask("one", .established)
    harness.host.release(HostHarness.owner("one"))
    harness.host.release(HostHarness.owner("one"))
    harness.ask("one")
    #expect(try harness.run { harness.answers["one"]?.count == 3 })
    harness.host.release(HostHarness.owner("never-asked"))
    try harness.stop()
    #expect(scripts.text("heard") == "version \ngc \nup one\nup one\ndown one\nup one\n")
  }

  @Test("its output on standard error, and its own lines, are in the log")
  func logs() throws {
    let scripts = try Scripts()
    let path = try scripts.plugin(
      "colours",
      """
      def reply(request):
          sys.stderr.write("to whom it may concern\\n")
          sys.stderr.flush()
          say({"log": "something\\nis odd", "level": "warning"})
          return usual(request)
      """)
    let harness = try HostHarness(path: path)
    #expect(try harness.run { harness.log.contains("to whom") && harness.log.contains("is odd") })
    #expect(harness.events.contains { $0.level == .warning && $0.message == "plugin colours: something is odd" })
    let messages = harness.host.report.messages.map(\.text)
    #expect(messages.contains("something is odd") && messages.contains("to whom it may concern"))
    #expect(messages.count <= PluginLimits.keptMessages)
  }

  @Test("an answer that no session can have refuses that one, and the plugin goes on")
  func nonsense() throws {
    let scripts = try Scripts()
    let path = try scripts.plugin(
      "colours",
      """
      def reply(request):
          answer = usual(request)
          if request.get("session", {}).get("pseudowire") == "bad" and request["verb"] == "up":
              answer["links"].append({"kind": "bridge-port", "bridge": "br-other"})
          if request.get("session", {}).get("pseudowire") == "worse":
              return {"id": request["id"], "error": "no\\tidea"}
          return answer
      """)
    let harness = try HostHarness(path: path)
    for name in ["bad", "worse", "good"] { harness.ask(name) }
    #expect(try harness.run { harness.answers.count == 3 })
    #expect(harness.refusal("bad")?.contains("no bridge 'br-other'") == true)
    #expect(harness.refusal("worse") == "plugin 'colours': no idea")
    #expect(harness.answer("good") == link("good", up: false))
    #expect(harness.host.report.restarts == 0)
  }

  @Test("a refusal of its own reaches the peer with its code and its reason")
  func refuses() throws {
    let scripts = try Scripts()
    let path = try scripts.plugin(
      "colours",
      """
      def reply(request):
          if request["verb"] == "up":
              return {"id": request["id"], "refuse": {"reason": "out of paint", "code": 5}}
          return usual(request)
      """)
    let harness = try HostHarness(path: path)
    harness.ask("one")
    #expect(try harness.run { harness.answer("one") != nil })
    #expect(
      harness.answer("one")
        == .refuse(
          CallResult(.noFacilitiesPermanent, text: "plugin 'colours': out of paint"),
          reason: "plugin 'colours': out of paint"))
  }

  @Test("it holds no descriptor but its three streams, ignores no signal, and has no environment of ours")
  func holdsNothing() throws {
    let scripts = try Scripts()
    let path = try scripts.plugin(
      "colours",
      """
      def reply(request):
          fds = sorted(int(fd) for fd in os.listdir("/proc/self/fd"))
          status = open("/proc/self/status").read()
          masks = [line.split()[1] for line in status.splitlines() if line.startswith(("SigBlk", "SigIgn"))]
          say({"log": "descriptors %s environment %s cwd %s" % (
              len([fd for fd in fds if fd > 2]), sorted(os.environ), os.getcwd())})
          say({"log": "blocked %s" % masks[0]})
          return usual(request)
      """)
    let harness = try HostHarness(path: path)
    #expect(try harness.run { harness.log.contains("blocked") })
    // Listing them takes one.
    #expect(harness.log.contains("descriptors 1 environment ['LANG', "), "\(harness.log)")
    #expect(harness.log.contains("'PATH', 'PWMGR_PLUGIN'] cwd /"), "\(harness.log)")
    #expect(harness.log.contains("blocked 0000000000000000"), "\(harness.log)")
  }
}
