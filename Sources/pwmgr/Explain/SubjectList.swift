import PWCore

/// Everything that `pwmgr explain` can be asked about, in short.
struct SubjectList: Encodable {
  /// Of the JSON: the part before the point changes when a reader of the old one would go wrong.
  let format = "1.0"
  let subjects = ExplainedSubject.all.map(Entry.init)

  struct Entry: Encodable {
    let subject: String
    let kind: ExplainedSubject.Kind
    let name: String

    init(_ subject: ExplainedSubject) {
      (self.subject, kind, name) = (subject.spelling, subject.kind, subject.name)
    }
  }

  private enum CodingKeys: CodingKey { case format, subjects }

  /// A paragraph for each kind.
  func words(columns: Int) -> String {
    func numbers(_ kind: ExplainedSubject.Kind) -> String {
      NumberRanges.words(ExplainedSubject.all.filter { $0.kind == kind }.map(\.number))
    }
    func numbers(ofVendor vendorID: UInt16) -> String {
      let definitions = vendorID == 0 ? AVPCatalogue.ietf : AVPCatalogue.cisco
      return NumberRanges.words(definitions.map(\.type).sorted())
    }
    let messages = MessageType.registered.map(\.name).joined(separator: ", ")
    let rows = [
      ("StopCCN N", "why a control connection ended: \(numbers(.stop))"),
      ("CDN N", "why a session ended: \(numbers(.call))"),
      ("error N", "the general error beside either: \(numbers(.error)); also with it, as in 'CDN 2 error 8'"),
      ("CDN 30 error N", "the error of a TDM pseudowire: \(numbers(.tdmError))"),
      ("AVP N", "a field of a message: \(numbers(ofVendor: 0)); also by name, as in 'Remote End ID'"),
      ("AVP 9/N", "one of Cisco's own: \(numbers(ofVendor: AVPCatalogue.ciscoVendorID))"),
      ("MESSAGE", "a control message: \(messages)"),
      ("PPP N", "why a PPP link ended (AVP 46): \(numbers(.pppCause))"),
      ("EVENT", "a kind of event, as in 'not-forwarding': docs/events.md lists them"),
      ("CODE", "a reason in 'pwmgr status --json' or an event, as in 'peer-silent': docs/events.md lists them"),
    ]
    let width = rows.map(\.0.count).max() ?? 0
    var lines = WrappedText.lines(
      "'pwmgr explain SUBJECT' explains one of these, and 'pwmgr explain --all' all of them:", columns: columns)
    lines.append("")
    for row in rows {
      let first = "  " + row.0 + String(repeating: " ", count: width - row.0.count) + "  "
      lines += WrappedText.lines(row.1, first: first, columns: columns)
    }
    return lines.joined(separator: "\n")
  }
}

/// Numbers in short: `1-8, 10`.
enum NumberRanges {
  /// - Parameter numbers: in ascending order.
  static func words(_ numbers: [UInt16]) -> String {
    var ranges: [ClosedRange<UInt16>] = []
    for number in numbers {
      if let last = ranges.last, last.upperBound + 1 == number {
        ranges[ranges.count - 1] = last.lowerBound...number
      } else {
        ranges.append(number...number)
      }
    }
    return ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
      .joined(separator: ", ")
  }
}
