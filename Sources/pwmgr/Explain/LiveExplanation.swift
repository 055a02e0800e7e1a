import PWCore

/// The explanation of a tunnel or a pseudowire that the daemon has: its status, and below it the codes that the
/// status names.
struct LiveExplanation: Encodable {
  /// The tunnel, or the pseudowire behind it: `berlin/lan`.
  let name: String
  /// Whether nothing is wrong with it.
  let isWell: Bool
  /// The words of the peer or of ours about it: reasons, warnings and errors, the ones that last first.
  let faults: [String]
  /// The codes that these name.
  let explanations: [Explanation]

  private let status: String

  /// - Parameters:
  ///   - name: the tunnel or pseudowire.
  ///   - document: the status of the site.
  init(of name: String, in document: StatusDocument) throws(StatusSelection.UnknownName) {
    let selection = StatusSelection(name: name)
    let part = try selection.applied(to: document)
    self.name = name
    status = StatusText(part, .narrow, selection).rendered()
    isWell = try StatusSelection(name: name, isProblemsOnly: true).applied(to: document).site.tunnels.isEmpty
    faults = Self.faults(of: part.site, tunnels: !selection.isOnePseudowire || !isWell)
    var explanations: [Explanation] = []
    for subject in faults.flatMap(ExplainedSubject.results) {
      guard !explanations.contains(where: { $0.subject == subject }), let more = Explanation(subject) else { continue }
      explanations.append(more)
    }
    self.explanations = explanations
  }

  /// As a person reads it.
  func words(columns: Int) -> String {
    let verdict =
      isWell ? "Nothing is wrong with \(name) now." : "Something is wrong with \(name): see the lines above."
    let parts = [status + "\n" + verdict] + explanations.map { $0.words(columns: columns) }
    return parts.joined(separator: "\n\n")
  }

  private static func faults(of site: SiteStatus, tunnels: Bool) -> [String] {
    site.tunnels.flatMap { tunnel in
      let ofPseudowires = tunnel.pseudowires.flatMap { pseudowire in
        pseudowire.forwarding.value.reasons + pseudowire.warnings.map(\.words)
          + [pseudowire.lastError?.value].compactMap { $0 }
      }
      return ofPseudowires + (tunnels ? [tunnel.lastError?.value].compactMap { $0 } : [])
    }
  }

  private enum CodingKeys: String, CodingKey {
    case name
    case isWell = "is_well"
    case faults, explanations
  }
}

extension ExplainedSubject {
  /// The results that a line of the status names: `result 24 (no such forwarder)`, `result 2 (general error), error 8`.
  ///
  /// The name tells a session's result from a control connection's.
  static func results(in line: String) -> [ExplainedSubject] {
    line.matches(of: #/result (\d+)(?: \(([^)]*)\))?(?:, error (\d+))?/#).flatMap { match -> [ExplainedSubject] in
      guard let number = UInt16(match.1) else { return [] }
      let name = match.2.map(String.init)
      let (stop, call) = (StopCode(rawValue: number), CallCode(rawValue: number))
      let isOfEither = (stop.name == name) == (call.name == name)
      let isStop = isOfEither ? line.contains("control connection") : stop.name == name
      let error = match.3.flatMap { UInt16($0) }.map { GeneralError(rawValue: $0) }
      return [isStop ? .stop(stop) : .call(call)] + (error.map { [.error($0)] } ?? [])
    }
  }
}
