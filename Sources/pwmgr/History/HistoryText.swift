/// The text of a site that ran before.
struct HistoryText {
  /// How to ask the daemon.
  let client: ControlClient

  /// The text of a site by its number; where the daemon does not give it, the command ends and says why.
  func ofSite(_ number: Int) throws -> String {
    try Self.text(of: number, in: HistoryAnswer(answer: client.ask(.history(number))))
  }

  /// The same of an answer.
  static func text(of number: Int, in answer: HistoryAnswer) throws -> String {
    if let problem = answer.problem { StandardError.write("pwmgr: \(problem)") }
    if let text = answer.entries.first?.text { return text }
    guard answer.problem == nil else {
      throw (answer.problem == HistoryAnswer.denied.problem ? ExitStatus.noPermission : .failure).exit
    }
    StandardError.write("pwmgr: the history has no site \(number): 'pwmgr history' lists those that it has")
    throw ExitStatus.failure.exit
  }
}
