import ArgumentParser
import FoundationEssentials
import Glibc
import PWConfig
import PWCore

/// Whether a change may be made, by its cost.
struct ChangePermission {
  /// The most that it may cost; nil where that was left out.
  let allowance: Allowance?
  /// Whether a person at a terminal may be asked.
  let mayAsk: Bool
  /// The question that they are asked.
  var question = "Apply it?"

  /// Ends the command where the plan costs more than is allowed.
  func require(for plan: SitePlan) throws {
    guard let impact = plan.impact, impact > .inPlace else { return }
    guard impact < .restart else { throw refusal("the site runs as before") }
    if allowance == nil, mayAsk, isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 {
      print("\(question) [y/N] ", terminator: "")
      fflush(nil)
      guard ["y", "yes"].contains(readLine()?.lowercased()) else { throw refusal("nothing is changed") }
      return
    }
    let limit = allowance ?? .session
    guard impact > limit.impact, let first = plan.changes.first(where: { $0.impact == impact }) else { return }
    throw refusal(
      "nothing is changed: '\(PlanReport.title(of: first))' costs more than --allow \(limit.rawValue); "
        + "write --allow \(first.impact.rawValue) to permit that")
  }

  private func refusal(_ reason: String) -> any Error {
    StandardError.write("pwmgr: \(reason)")
    return ExitStatus.failure.exit
  }
}

/// The most that a change may cost, in the words of ``ChangeImpact``; a restart is not for a running daemon to do.
enum Allowance: String, ExpressibleByArgument, CaseIterable {
  case inPlace = "in-place"
  case session
  case tunnel

  static var words: String { allCases.map(\.rawValue).joined(separator: ", ") }

  var impact: ChangeImpact {
    switch self {
    case .inPlace: .inPlace
    case .session: .session
    case .tunnel: .tunnel
    }
  }
}
