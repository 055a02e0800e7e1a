/// A metric of something, such as a pseudowire: declared once, for the text that is scraped and for the page about it.
struct Metric<Subject>: Sendable {
  /// The name, with its unit last, and `_total` behind that of a counter.
  let name: String
  let kind: MetricKind
  /// The thing that it counts, in one sentence.
  let help: String
  /// The names of the labels that it has besides its subject's.
  let labels: [String]
  private let write: @Sendable (Subject, MetricLabels, (MetricLabels, MetricValue) -> Void) -> Void

  /// A value that goes up and down; none where it is not known.
  static func gauge(
    _ name: String, _ help: String, _ value: @escaping @Sendable (Subject) -> MetricValue?
  ) -> Self {
    Self(name: name, kind: .gauge, help: help, labels: []) { subject, labels, add in
      if let value = value(subject) { add(labels, value) }
    }
  }

  /// A value that only grows; none where nobody counts it.
  static func counter(
    _ name: String, _ help: String, _ value: @escaping @Sendable (Subject) -> MetricValue?
  ) -> Self {
    Self(name: name, kind: .counter, help: help, labels: []) { subject, labels, add in
      if let value = value(subject) { add(labels, value) }
    }
  }

  /// Values that only grow, one for each value of a label.
  static func counters(
    _ name: String, _ help: String, by label: String,
    _ values: @escaping @Sendable (Subject) -> [(String, MetricValue)]
  ) -> Self {
    Self(name: name, kind: .counter, help: help, labels: [label]) { subject, labels, add in
      for (place, value) in values(subject) { add(labels.with(label, place), value) }
    }
  }

  /// Values that go up and down, one for each value of a label.
  static func gauges(
    _ name: String, _ help: String, by label: String,
    _ values: @escaping @Sendable (Subject) -> [(String, MetricValue)]
  ) -> Self {
    Self(name: name, kind: .gauge, help: help, labels: [label]) { subject, labels, add in
      for (place, value) in values(subject) { add(labels.with(label, place), value) }
    }
  }

  /// A sample whose value is always 1: its labels are the information. A label that is not known is empty.
  static func info(
    _ name: String, _ help: String, _ names: [String], _ values: @escaping @Sendable (Subject) -> [String?]
  ) -> Self {
    Self(name: name, kind: .gauge, help: help, labels: names) { subject, labels, add in
      let pairs = zip(names, values(subject))
      add(pairs.reduce(labels) { $0.with($1.0, $1.1 ?? "") }, 1)
    }
  }

  private init(
    name: String, kind: MetricKind, help: String, labels: [String],
    write: @escaping @Sendable (Subject, MetricLabels, (MetricLabels, MetricValue) -> Void) -> Void
  ) {
    (self.name, self.kind, self.help, self.labels, self.write) = (name, kind, help, labels, write)
  }

  /// Writes the samples of one subject.
  fileprivate func write(_ subject: Subject, _ labels: MetricLabels, to text: inout MetricsText) {
    write(subject, labels) { text.add(name, $0, $1) }
  }
}

extension MetricsText {
  /// Writes all metrics of all subjects.
  ///
  /// The samples of a metric stand together, but each subject is looked at once: to take it out of its array for each
  /// of its metrics would cost more than all that is written.
  mutating func write<Subject>(
    _ metrics: [Metric<Subject>], of subjects: some Sequence<(Subject, MetricLabels)>
  ) {
    var texts = metrics.map { _ in MetricsText() }
    for (subject, labels) in subjects {
      for place in metrics.indices { metrics[place].write(subject, labels, to: &texts[place]) }
    }
    for (metric, text) in zip(metrics, texts) {
      begin(metric.name, metric.kind, help: metric.help)
      append(text)
    }
  }
}
