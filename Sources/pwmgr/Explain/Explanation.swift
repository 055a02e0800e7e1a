/// The text about one subject, in an operator's terms and in our own words.
struct ExplanationText: Equatable, Sendable {
  /// The meaning: who says it to whom.
  let meaning: String
  /// The likely causes, the likeliest first; of a field or a message those of trouble with it.
  let causes: [String]
  /// The things to look at or to do next.
  let steps: [String]
  /// Facts known of particular vendors' routers, and of other peers.
  let vendors: [String]
  /// The RFCs that define it, with their sections.
  let sources: [String]

  init(
    _ meaning: String, causes: [String] = [], steps: [String] = [], vendors: [String] = [], sources: [String]
  ) {
    (self.meaning, self.causes, self.steps, self.vendors, self.sources) = (meaning, causes, steps, vendors, sources)
  }
}

/// A subject with everything that is said of it, as text or as part of a JSON object.
struct Explanation: Encodable {
  let subject: ExplainedSubject
  let text: ExplanationText

  /// The explanation of a subject; nil if nothing is known of it.
  init?(_ subject: ExplainedSubject) {
    guard let text = subject.text else { return nil }
    (self.subject, self.text) = (subject, text)
  }

  /// `CDN 24: no such forwarder`.
  var title: String {
    "\(subject.spelling)\(subject.kind == .message ? " (message \(subject.number))" : ""): \(subject.name)"
  }

  /// A list with a heading; the order of its items matters in some.
  struct List {
    let heading: String
    let items: [String]
    var isOrdered = false
  }

  /// The lists that are not empty.
  var lists: [List] {
    [
      List(heading: "Details", items: subject.details),
      List(heading: causesHeading, items: text.causes, isOrdered: true),
      List(heading: "Next steps", items: text.steps), List(heading: "Known of peers", items: text.vendors),
    ].filter { !$0.items.isEmpty }
  }

  /// A code has causes; of a field or a message it is said what goes wrong with it.
  private var causesHeading: String {
    switch subject.kind {
    case .message, .avp: "Likely faults, the likeliest first"
    default: "Likely causes, the likeliest first"
    }
  }

  /// For people, in lines of at most so many columns.
  func words(columns: Int) -> String {
    var lines = WrappedText.lines(title, columns: columns)
    lines += [""] + WrappedText.lines(text.meaning, indent: "  ", columns: columns)
    for list in lists {
      lines += ["", "\(list.heading):"]
      for (place, item) in list.items.enumerated() {
        lines += WrappedText.lines(item, first: list.isOrdered ? "  \(place + 1). " : "  * ", columns: columns)
      }
    }
    lines += [""] + WrappedText.lines(text.sources.joined(separator: "; "), first: "Source: ", columns: columns)
    return lines.joined(separator: "\n")
  }

  private enum CodingKeys: String, CodingKey {
    case subject, kind, number, name, meaning, details, causes, steps, vendors, sources
    case vendorID = "vendor_id"
  }

  /// Every key is always there, with null where there is nothing to say.
  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(subject.spelling, forKey: .subject)
    try container.encode(subject.kind, forKey: .kind)
    var vendorID: UInt16?
    if case .avp(let vendor, _) = subject { vendorID = vendor }
    try container.encode(vendorID, forKey: .vendorID)
    try container.encode(subject.number, forKey: .number)
    try container.encode(subject.name, forKey: .name)
    try container.encode(text.meaning, forKey: .meaning)
    try container.encode(subject.details, forKey: .details)
    try container.encode(text.causes, forKey: .causes)
    try container.encode(text.steps, forKey: .steps)
    try container.encode(text.vendors, forKey: .vendors)
    try container.encode(text.sources, forKey: .sources)
  }
}
