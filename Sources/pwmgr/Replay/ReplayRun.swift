import FoundationEssentials
import PWCore
import PWLinux

/// One replay of a recording, and what is shown of it.
final class ReplayRun {
  /// How much is shown.
  enum Detail {
    /// How it ends, and nothing else.
    case result
    /// Events, messages, and what came from outside of the process.
    case course
    /// Every input and every output.
    case everything
  }

  private var reader: RecordingReader
  private let limit: ReplayLimit?
  private let detail: Detail
  private let show: (String) -> Void
  private let replay = Replay()
  private var steps = 0
  private var outputs = 0

  /// How a replay ended.
  enum Ending: Equatable {
    /// All that was there came out as it did then.
    case same(inputs: Int, outputs: Int)
    /// The same, up to where the recording was cut off.
    case sameUntilCut(inputs: Int, outputs: Int, line: Int)
    /// The same, up to where the recording had reached its limit.
    case sameUntilFull(inputs: Int, outputs: Int)
    /// The engine does something else: what, in words.
    case different(String)
  }

  init(_ path: String, limit: ReplayLimit?, detail: Detail, show: @escaping (String) -> Void) throws(ReplayFailure) {
    reader = try RecordingReader(path)
    self.limit = limit
    self.detail = detail
    self.show = show
  }

  /// Runs the engine through the recording, to its end, to the limit, or to the first difference.
  func run() throws(ReplayFailure) -> Ending {
    showHeader()
    while let step = try reader.next() {
      let time = reader.header.milliseconds(of: step.at)
      if let limit, limit.excludes(step: steps, at: time, begin: reader.header.beganMilliseconds) {
        return .same(inputs: max(0, steps - 1), outputs: outputs)
      }
      do throws(ReplayDifference) {
        try replay.play(step)
      } catch {
        return .different(words(error, of: step, at: time))
      }
      showStep(step, at: time)
      steps += 1
      outputs += step.calls.count { $0.output != nil }
    }
    if reader.isFull { return .sameUntilFull(inputs: max(0, steps - 1), outputs: outputs) }
    guard reader.isTruncated else { return .same(inputs: max(0, steps - 1), outputs: outputs) }
    return .sameUntilCut(inputs: max(0, steps - 1), outputs: outputs, line: reader.line + 1)
  }

  /// The status of the engine at the end; nil where it was never started.
  func status() -> StatusDocument? {
    guard let engine = replay.engine else { return nil }
    let header = reader.header
    let report = StatusReport(
      site: engine.declaredSite,
      daemon: StatusDocument.Daemon(
        site: engine.declaredSite.name, version: Version.number, processID: header.processID, started: header.began,
        siteSince: header.began,
        now: replay.now,
        dataPlane: .init(kind: DataPlaneKind(rawValue: header.dataPlane) ?? .null, reason: header.dataPlaneReason),
        controlMessagesSent: [:]))
    return report.document(engine.status(at: replay.now), counters: DataPlaneCounters())
  }

  // MARK: Output

  private func showHeader() {
    guard detail != .result else { return }
    let header = reader.header
    show(
      "recording of site \(header.site) by pwmgr \(header.version), process \(header.processID), data plane "
        + "\(header.dataPlane), begun \(LogWriter.text(of: header.beganMilliseconds))")
  }

  private func showStep(_ step: RecordedStep, at time: Int) {
    guard detail != .result else { return }
    if detail == .everything || CourseText.isNotable(step.cause) {
      showLine("in", "\(steps): \(CourseText.words(step.cause))", at: time)
    }
    for output in step.calls.compactMap(\.output) {
      switch output {
      case .event(let event): show(LogWriter.line(of: event, milliseconds: time))
      case .send: showLine("out", "\(steps): \(CourseText.words(output))", at: time)
      case .perform, .consult, .stopped:
        if detail == .everything { showLine("out", "\(steps): \(CourseText.words(output))", at: time) }
      }
    }
  }

  private func showLine(_ direction: String, _ text: String, at time: Int) {
    show(LogWriter.line(label: direction, message: text, milliseconds: time))
  }

  // MARK: Differences

  private func words(_ difference: ReplayDifference, of step: RecordedStep, at time: Int) -> String {
    let moment = LogWriter.text(of: time)
    let place = "at input \(steps) (\(CourseText.words(step.cause)); \(moment); line \(reader.line) of the file)"
    switch difference {
    case .output(let number, let now, let then):
      var texts = (now: CourseText.words(now), then: CourseText.words(then))
      if texts.now == texts.then { texts = (texts.now + Self.dump(now), texts.then + Self.dump(then)) }
      return "\(place) the engine now \(verb(texts.now)), then it \(past(texts.then)) (its output \(number))"
    case .entropy(let now, let then):
      return "\(place) the engine now draws \(now) random numbers, then it drew \(then)"
    case .authenticator:
      return "\(place) the engine now checks or decrypts something else with its secrets than it did then"
    case .disorder(let what): return "\(place) the recording is not of one engine: \(what)"
    }
  }

  private func verb(_ words: String) -> String { words == "nothing" ? "does nothing" : words }

  private func past(_ words: String) -> String { words == "nothing" ? "did nothing" : "did this: it \(words)" }

  /// The details of an output that its words leave out.
  private static func dump(_ output: Output?) -> String {
    switch output {
    case .send(let transmission)?: " [\(hex(transmission.octets))]"
    case nil: ""
    case let other?: " [\(other)]"
    }
  }
}
