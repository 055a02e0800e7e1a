import ArgumentParser
import FoundationEssentials
import PWCore

/// `pwmgr explain`: the meaning of a code, a field or a message of the protocol.
struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Explain a result code, an AVP, a message, or what is wrong with a tunnel or pseudowire.",
    discussion: """
      SUBJECT is what 'pwmgr status', the log or 'pwmgr decode' names: 'CDN 24', 'StopCCN 4', 'CDN 2 error 8', \
      'error 8', 'AVP 66', 'AVP 9/1' (of vendor 9, Cisco), 'Remote End ID', 'ICRQ', 'PPP 16', or a word of 'pwmgr \
      events' or 'pwmgr status --json', such as 'not-forwarding' or 'peer-silent'. Upper and lower case are the same, \
      and spaces and colons do not matter. It may also be a tunnel or a pseudowire of the daemon, as in \
      'pwmgr explain berlin/lan': then its status is shown, and every code that the status names is explained. Without \
      a subject, those that are known are listed.

      Exit status: 0 if it is explained, 64 if it is not known, 69 if it would be a pseudowire's name and no daemon \
      answers.
      """)

  @OptionGroup var socket: ControlSocketOption

  @Argument(help: "The code, AVP or message, or a tunnel or pseudowire.")
  var subject: [String] = []

  @Flag(help: "Explain everything that is known.")
  var all = false

  @Flag(help: "Print a JSON object.")
  var json = false

  func validate() throws {
    guard subject.isEmpty || !all else { throw ValidationError("give either a subject or --all") }
  }

  func run() throws {
    guard !subject.isEmpty || all else {
      return print(json ? try Self.json(SubjectList()) : SubjectList().words(columns: Self.columns))
    }
    let subjects = all ? ExplainedSubject.all : ExplainedSubject.named(by: subject)
    let words = all ? EventExplanation.all : EventExplanation.named(by: subject)
    guard !subjects.isEmpty || !words.isEmpty else { return try explainLive() }
    // A tunnel may have the name of such a word.
    if subjects.isEmpty, let live = try? live() {
      if json { return print(try Self.json(live)) }
      print(live.words(columns: Self.columns), terminator: "\n\n")
    }
    let report = ExplanationReport(explanations: subjects.compactMap(Explanation.init), words: words)
    print(json ? try Self.json(report) : report.words(columns: Self.columns))
  }

  /// It may be something that the daemon has; only if it answers can that be known.
  private func explainLive() throws {
    var complaint = ExplainedSubject.complaint(of: subject)
    do {
      let live = try live()
      return print(json ? try Self.json(live) : live.words(columns: Self.columns))
    } catch let unknown as StatusSelection.UnknownName {
      if subject.joined().contains("/") { complaint = unknown.message }
    } catch let failure as ControlFailure {
      // No code has a slash that is not known.
      if subject.joined().contains("/") { throw failure.exit }
    }
    StandardError.write("pwmgr: \(complaint)")
    throw ExitCode.validationFailure
  }

  private func live() throws -> LiveExplanation {
    let document = try StatusDocument(answer: ControlClient(path: socket.controlSocket).ask(.status))
    return try LiveExplanation(of: subject.joined(separator: " "), in: document)
  }

  /// The width of a terminal that everybody has.
  static let columns = 80

  private static func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }
}

/// The answer about one subject, or several.
struct ExplanationReport: Encodable {
  /// Of the JSON: the part before the point changes when a reader of the old one would go wrong.
  let format = "1.0"
  let explanations: [Explanation]
  /// Words of events and of the status.
  var words: [EventExplanation] = []

  private enum CodingKeys: CodingKey { case format, explanations, words }

  func words(columns: Int) -> String {
    (explanations.map { $0.words(columns: columns) } + words.map { $0.words(columns: columns) })
      .joined(separator: "\n\n")
  }
}
