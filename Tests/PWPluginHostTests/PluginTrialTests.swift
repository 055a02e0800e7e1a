import Foundation
import Testing

@testable import PWPluginHost

@Suite("The rules of the protocol, tried with plugins that keep and that break them", .serialized)
struct PluginTrialTests {
  private func findings(_ body: String, _ scripts: Scripts) throws -> [PluginTrial.Finding] {
    var patience = PluginPatience()
    patience.silence = .seconds(2)
    patience.end = .milliseconds(500)
    let trial = PluginTrial(
      path: try scripts.plugin("colours", body), options: [], bridges: ["br-lan"], version: "0", patience: patience)
    var findings: [PluginTrial.Finding] = []
    trial.run { findings.append($0) }
    return findings
  }

  private func broken(_ body: String) throws -> [String] {
    let scripts = try Scripts()
    return try findings(body, scripts).compactMap { finding in
      guard case .broken(let how) = finding.verdict else { return nil }
      return "\(finding.rule): \(how)"
    }
  }

  /// Keeps all of them.
  private static let good = """
    VERBS = ["version", "validate", "up", "down", "check", "gc", "status"]
    def good(request):
        if request["verb"] not in VERBS:
            return {"id": request["id"], "error": "no such verb"}
        if request["verb"] == "version" and 1 not in request["protocols"]:
            return {"id": request["id"], "error": "version 1 alone"}
        answer = usual(request)
        if request["verb"] == "up":
            answer["links"][0]["up"] = request["state"]["established"] and request["state"]["peer_circuit_active"]
        return answer
    reply = good

    """

  @Test("one that keeps all rules")
  func keeps() throws {
    let scripts = try Scripts()
    let findings = try findings(Self.good, scripts)
    #expect(findings.count == PluginRule.all.count)
    for finding in findings {
      #expect(finding.verdict == .kept || finding.rule.contains("has not asked for"), "\(finding)")
    }
  }

  @Test("one that relies on the types of its options is not told of values that pwmgr would refuse")
  func typed() throws {
    let body =
      Self.good + """
        def reply(request):
            answer = good(request)
            if request["verb"] == "version" and "options" in answer:
                number = {"kind": "number", "minimum": 1, "maximum": 9}
                answer["options"].append({"name": "limit", "type": number, "absent": "1"})
            if request["verb"] == "validate":
                int(request["session"]["options"].get("limit", "1"))
            return answer
        """
    #expect(try broken(body) == [])
  }

  @Test("one whose options are not all there is not tried further")
  func missing() throws {
    let scripts = try Scripts()
    let body =
      Self.good + """
        def reply(request):
            answer = good(request)
            if request["verb"] == "version" and "options" in answer:
                answer["options"].append({"name": "limit", "value": "number", "meaning": "What it takes."})
            return answer
        """
    let path = try scripts.plugin("colours", body)
    let without = PluginTrial(path: path, options: [], bridges: ["br-lan"], version: "0")
    var count = 0
    without.run { _ in count += 1 }
    #expect(count == 1)
    #expect(without.missingOptions.map(\.name) == ["limit"])
  }

  @Test(
    "one that breaks a rule is found out",
    arguments: [
      (
        "reply = lambda request: dict(good(request), id=request['id'], protocol=4711, error=None) if request['verb'] == 'version' else good(request)",
        "says what it is"
      ),
      ("reply = lambda request: usual(request) if request['verb'] == 'up' else good(request)", "circuit is down"),
      ("reply = lambda request: good(request) if request['verb'] in VERBS else sys.exit(1)", "does not know"),
      ("reply = lambda request: good(request) if request['verb'] in VERBS else {'id': request['id']}", "does not know"),
      ("reply = lambda request: sys.exit(1) if request['verb'] == 'down' else good(request)", "down: "),
      ("reply = lambda request: sys.exit(1) if len(request.get('sessions', [])) > 100 else good(request)", "gc: "),
      (
        """
        count = [0]
        def reply(request):
            answer = good(request)
            count[0] += 1
            if request["verb"] == "up":
                answer["links"][0]["mtu"] = 1400 + count[0]
            return answer
        """, "the same question"
      ),
      (
        """
        import atexit
        atexit.register(lambda: time.sleep(60))
        """, "ends by itself"
      ),
      (
        """
        def reply(request):
            answer = good(request)
            if request["verb"] == "validate":
                answer["problems"] = [{"path": ["smell"], "message": "bad"}]
            return answer
        """, "every complaint has a place"
      ),
    ])
  func breaks(body: String, rule: String) throws {
    let broken = try broken(Self.good + body)
    #expect(broken.contains { $0.contains(rule) }, "\(broken)")
  }

  @Test("one that does not say what it is, is not tried further")
  func mute() throws {
    let scripts = try Scripts()
    let findings = try findings("reply = lambda request: {'id': request['id']}", scripts)
    #expect(findings.count == 1)
    #expect(findings[0].verdict == .broken("the answer to 'version' has no 'protocol'"))
  }
}
