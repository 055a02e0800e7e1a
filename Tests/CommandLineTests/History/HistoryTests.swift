import PWConfig
import Testing

@testable import pwmgr

@Suite("The history of a site") struct HistoryTests {
  @Test(
    "the folder of a site file is named by its path and its instance",
    arguments: [
      ("/etc/pwmgr/site.yaml", nil, "etc-pwmgr-site.yaml"),
      ("/etc/pwmgr/../x/./site.yaml", nil, "etc-x-site.yaml"),
      ("/a-b/c d", "two", "a\\x2db-c\\x20d@two"),
    ] as [(String, String?, String)])
  func names(_ path: String, _ instance: String?, _ name: String) {
    #expect(SiteHistory.name(of: path, instance) == name)
  }

  private func site(_ more: String = "", endID: Int = 100) -> String {
    """
    site: amsterdam
    router-id: 192.0.2.1
    tunnels:
      berlin:
        peer: 192.0.2.2
        local: 192.0.2.1
        \(more)
        pseudowires:
          lan:
            type: ethernet
            end-id: \(endID)
            bridge: br-lan
    bridges:
      br-lan:
        members: [eth1]
    """
  }

  @Test("each site is compared with the one before it, and the latest of those that are as the running one runs")
  func report() throws {
    let texts = [site(), site("hello: 30s"), site("hello: 30s", endID: 101), "nonsense", site()]
    let occasions: [SiteOccasion] = [.start, .reload, .apply, .reload, .rollback]
    var answer = HistoryAnswer(nil, problem: nil)
    answer.entries = zip(texts, occasions).enumerated().map { index, entry in
      .init(number: index + 1, seconds: 86_400 * index, occasion: entry.1.rawValue, text: entry.0)
    }
    let report = HistoryReport(
      answer, running: site(), reader: SiteReader(plugins: CompiledInPlugins.all), isInKernel: false)
    #expect(
      report.text == """
        NUMBER  CARRIED OUT           BY        CHANGES
        5       1970-01-05 00:00:00Z  rollback  nothing to compare with (runs now)
        4       1970-01-04 00:00:00Z  reload    nothing to compare with
        3       1970-01-03 00:00:00Z  apply     1 change, 1 pseudowire stopped
        2       1970-01-02 00:00:00Z  reload    1 change, in place
        1       1970-01-01 00:00:00Z  start     nothing to compare with
        """)
  }

  @Test("a text that may not be read is not told of as one that is not there")
  func refusal() throws {
    var answer = HistoryAnswer.denied
    #expect(throws: ExitStatus.noPermission.exit) { try HistoryText.text(of: 3, in: answer) }
    answer.problem = "the disk is full"
    #expect(throws: ExitStatus.failure.exit) { try HistoryText.text(of: 3, in: answer) }
    answer.entries = [.init(number: 3, seconds: 0, occasion: "apply", text: "site: a\n")]
    #expect(try HistoryText.text(of: 3, in: answer) == "site: a\n")
    #expect(throws: (any Error).self) { try PwmgrCommand.parseAsRoot(["history", "0"]) }
  }

  @Test(
    "a number is not a token",
    arguments: [
      ("1", .number(1)), ("9999999", .number(9_999_999)), ("12345678", .token("12345678")),
      ("0123ABCD", .token("0123abcd")), ("0", nil), ("-1", nil), ("x", nil), ("123456789", nil),
    ] as [(String, RollbackCommand.Target?)])
  func targets(_ text: String, _ target: RollbackCommand.Target?) {
    #expect((try? RollbackCommand.Target(text)) == target)
  }
}
