/// A piece of YAML that a plugin reads, without its marks: equal values mean that nothing changed.
public enum OptionValue: Equatable, Sendable {
  /// A plain or quoted scalar, as written.
  case scalar(String)
  /// A sequence of values, in the order of the file.
  case sequence([OptionValue])
  /// A mapping, in the order of the file; keys are unique.
  case mapping([(key: String, value: OptionValue)])

  /// Whether both hold the same, mappings compared in order.
  public static func == (left: OptionValue, right: OptionValue) -> Bool {
    switch (left, right) {
    case (.scalar(let one), .scalar(let other)): one == other
    case (.sequence(let one), .sequence(let other)): one == other
    case (.mapping(let one), .mapping(let other)):
      one.count == other.count && zip(one, other).allSatisfy { $0.key == $1.key && $0.value == $1.value }
    case (.scalar, _), (.sequence, _), (.mapping, _): false
    }
  }

  /// The value of a key, if this is a mapping that has it.
  public subscript(key: String) -> OptionValue? {
    guard case .mapping(let pairs) = self else { return nil }
    return pairs.first { $0.key == key }?.value
  }
}

/// The same piece of YAML with its marks, so that a plugin's complaint names line and column.
public struct OptionNode: Sendable {
  /// Where the node begins.
  public var mark: Mark
  /// The scalar, sequence or mapping that the node is.
  public var content: Content

  /// A node at a place.
  public init(mark: Mark, content: Content) {
    self.mark = mark
    self.content = content
  }

  /// The content of a node.
  public indirect enum Content: Sendable {
    /// A scalar; `isPlain` tells an unquoted one.
    case scalar(String, isPlain: Bool)
    /// A sequence of nodes, in the order of the file.
    case sequence([OptionNode])
    /// A mapping: the key, where the key stands, its value.
    case mapping([(key: String, keyMark: Mark, value: OptionNode)])
  }

  /// A value that stands in no file: all of it has one mark.
  public init(_ value: OptionValue) {
    mark = Mark(line: 1, column: 1)
    switch value {
    case .scalar(let text): content = .scalar(text, isPlain: true)
    case .sequence(let values): content = .sequence(values.map(OptionNode.init))
    case .mapping(let pairs):
      content = .mapping(
        pairs.map { (key: $0.key, keyMark: Mark(line: 1, column: 1), value: OptionNode($0.value)) })
    }
  }

  /// The value without its marks.
  public var value: OptionValue {
    switch content {
    case .scalar(let text, _): .scalar(text)
    case .sequence(let nodes): .sequence(nodes.map(\.value))
    case .mapping(let pairs): .mapping(pairs.map { (key: $0.key, value: $0.value.value) })
    }
  }
}

/// A place in a file, both counted from 1. Where a site has several files, the lines of all have one numbering.
public struct Mark: Hashable, Comparable, Sendable {
  /// The line, counted from 1.
  public var line: Int
  /// The column in characters, counted from 1.
  public var column: Int

  /// A place by its line and column, both counted from 1.
  public init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  /// Whether `left` stands earlier in the file.
  public static func < (left: Mark, right: Mark) -> Bool {
    (left.line, left.column) < (right.line, right.column)
  }
}

/// One thing that `pwmgr check` says about a site file.
public struct Diagnostic: Hashable, Sendable {
  /// How bad it is.
  public var severity: Severity
  /// The place in the site file that it is about.
  public var mark: Mark
  /// The complaint and the cure: one line, lower case, no full stop.
  public var message: String

  /// A complaint at a place.
  public init(_ severity: Severity, at mark: Mark, _ message: String) {
    self.severity = severity
    self.mark = mark
    self.message = message
  }

  /// An error keeps the file from being applied; a warning or a note does not.
  public enum Severity: String, Sendable {
    /// The file is refused.
    case error
    /// Probably not what is meant.
    case warning
    /// Information only: nothing has to be changed.
    case note
  }
}
