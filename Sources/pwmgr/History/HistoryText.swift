/// The text of a site that ran before.
struct HistoryText {
  /// How to ask the daemon.
  let client: ControlClient

  /// The text of a site by its number; where the daemon does not give it, the command ends and says why.
  func ofSite(_ number: Int) throws -> String {
    let history = try HistoryAnswer(answer: client.ask(.history(number)))
    if let problem = history.problem { StandardError.write("pwmgr: \(problem)") }
    guard let text = history.entries.first?.text else {
      StandardError.write("pwmgr: the history has no site \(number): 'pwmgr history' lists those that it has")
      throw ExitStatus.failure.exit
    }
    return text
  }
}
