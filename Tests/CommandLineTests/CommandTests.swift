import Testing

@testable import pwmgr

struct CommandTests {
  @Test(
    "A word that is not a command has the nearest one named",
    arguments: [
      (["statsu"], "'statsu' is not a command of pwmgr; did you mean 'status'?"),
      (["Check", "a.yaml"], "'Check' is not a command of pwmgr; did you mean 'check'?"),
      (["status"], nil), (["--version"], nil), ([], nil), (["help", "run"], nil),
    ])
  func complaints(words: [String], complaint: String?) {
    #expect(PwmgrCommand.complaint(of: words) == complaint)
  }

  @Test("A word that is near no command has all commands named")
  func distant() throws {
    let complaint = try #require(PwmgrCommand.complaint(of: ["frobnicate"]))
    for name in ["run", "check", "plan", "status", "decode", "replay", "plugin", "demo", "version"] {
      #expect(complaint.contains(name))
    }
  }
}
