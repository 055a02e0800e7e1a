import PWCore

// Settings are read back before anything is concluded from them.
extension LinkKeeper {
  /// The result of a job, by what the kernel said of its links right after it: an acknowledgement alone proves nothing.
  func confirmed(
    _ reply: Result<StepFindings, StepFailure>, _ work: Work, _ inquiry: LinkInquiry
  ) -> Result<StepFindings, StepFailure> {
    var unmet: [String] = []
    for link in LinkStep.settings(in: work.steps) {
      guard let answer = monitor.takeAnswer(to: inquiry, link.index, name: link.name) else { continue }
      unmet += link.settings.unmet(by: answer).map { "\(link.name) \($0)" }
    }
    guard case .success = reply, !unmet.isEmpty else { return reply }
    return .failure(
      StepFailure(
        message: "the kernel acknowledged a change that had no effect: \(unmet.joined(separator: ", ")); the driver "
          + "ignores it, or another program undid it at once"))
  }
}
