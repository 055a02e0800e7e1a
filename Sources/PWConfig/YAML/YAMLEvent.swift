import CYAML
import PWCore

/// One event of libyaml, copied out of C memory.
struct YAMLEvent {
  var kind: Kind
  var mark: Mark
  var anchor: String?
  var tag: String?

  enum Kind {
    case streamStart
    case streamEnd
    case documentStart
    case documentEnd
    case scalar(String, isPlain: Bool)
    case sequenceStart
    case mappingStart
    /// The end of a sequence or of a mapping.
    case collectionEnd
    case alias(String)
  }

  /// - Parameter linesBefore: the lines of the parts before this one.
  init(_ raw: yaml_event_t, linesBefore: Int) {
    mark = Mark(raw.start_mark).moved(by: linesBefore)
    switch raw.type {
    case YAML_STREAM_START_EVENT: kind = .streamStart
    case YAML_STREAM_END_EVENT: kind = .streamEnd
    case YAML_DOCUMENT_START_EVENT: kind = .documentStart
    case YAML_DOCUMENT_END_EVENT: kind = .documentEnd
    case YAML_SEQUENCE_START_EVENT:
      kind = .sequenceStart
      anchor = Self.text(raw.data.sequence_start.anchor)
      tag = Self.text(raw.data.sequence_start.tag)
    case YAML_MAPPING_START_EVENT:
      kind = .mappingStart
      anchor = Self.text(raw.data.mapping_start.anchor)
      tag = Self.text(raw.data.mapping_start.tag)
    case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: kind = .collectionEnd
    case YAML_ALIAS_EVENT: kind = .alias(Self.text(raw.data.alias.anchor) ?? "")
    case YAML_SCALAR_EVENT:
      let scalar = raw.data.scalar
      let value = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
      kind = .scalar(value, isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE)
      anchor = Self.text(scalar.anchor)
      tag = Self.text(scalar.tag)
    default: preconditionFailure("libyaml has an event that its header does not name")
    }
  }

  private static func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
    pointer.map { String(decodingCString: $0, as: UTF8.self) }
  }
}

extension Mark {
  /// libyaml counts from 0, columns in characters.
  init(_ mark: yaml_mark_t) {
    self.init(line: mark.line + 1, column: mark.column + 1)
  }

  /// The mark with other lines before it.
  func moved(by lines: Int) -> Mark { Mark(line: line + lines, column: column) }
}
