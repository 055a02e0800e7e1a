import CYAML
import PWCore

/// Octets of a YAML file to a tree of nodes with marks, through libyaml's events.
///
/// Of YAML's features a site file needs mappings, sequences and scalars; anchors, aliases, tags and further documents
/// are refused by name, so that nothing is ever read differently from what it looks like, and no small file grows
/// large.
/// The bounds are those of all files together that one parser reads.
struct YAMLParser {
  /// The faults of the files, in the order of discovery.
  private(set) var complaints: Complaints
  private var nodeCount = 0
  /// The lines of the parts before the one that is read.
  private var linesBefore = 0

  /// - Parameter parts: those that are read, for complaints.
  init(of parts: SiteParts) { complaints = Complaints(about: parts) }

  /// A fault that ends parsing; it has been noted already.
  private struct Stop: Error {}

  /// The root of a part's one document, or nil after a fault that leaves no tree.
  ///
  /// - Parameter linesBefore: the lines of the parts before it; the first one must not be empty.
  mutating func parse(_ octets: [UInt8], linesBefore: Int) -> OptionNode? {
    self.linesBefore = linesBefore
    let text = SourceText(octets)
    if let fault = text.firstFault {
      complaints.error(at: fault.mark.moved(by: linesBefore), fault.message)
      return nil
    }
    var parser = yaml_parser_t()
    guard yaml_parser_initialize(&parser) == 1 else { preconditionFailure("libyaml has no memory for a parser") }
    defer { yaml_parser_delete(&parser) }
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING)
    return text.octets.withUnsafeBufferPointer { buffer in
      // libyaml reads through this pointer while events are taken, hence inside the closure.
      yaml_parser_set_input_string(&parser, buffer.baseAddress, buffer.count)
      return try? document(&parser, text)
    }
  }

  private mutating func document(_ parser: inout yaml_parser_t, _ text: SourceText) throws(Stop) -> OptionNode {
    _ = try event(&parser, text)  // the start of the stream
    let first = try event(&parser, text)
    guard case .documentStart = first.kind else {
      guard linesBefore == 0 else { return OptionNode(mark: first.mark, content: .mapping([])) }
      complaints.error(
        at: Mark(line: 1, column: 1), "the file is empty; begin with 'site: NAME' and 'router-id: ADDRESS'")
      throw Stop()
    }
    let root = try node(try event(&parser, text), &parser, text, depth: 1)
    _ = try event(&parser, text)  // the end of the document
    let last = try event(&parser, text)
    guard case .streamEnd = last.kind else {
      complaints.error(at: last.mark, "a second document begins here; a site file is one document: remove the '---'")
      throw Stop()
    }
    // A drop-in may have comments alone, behind a '---' as well.
    if linesBefore > 0, case .scalar("", isPlain: true) = root.content {
      return OptionNode(mark: root.mark, content: .mapping([]))
    }
    return root
  }

  private mutating func node(
    _ event: YAMLEvent, _ parser: inout yaml_parser_t, _ text: SourceText, depth: Int
  ) throws(Stop) -> OptionNode {
    nodeCount += 1
    guard nodeCount <= YAMLLimits.maximumNodes else {
      complaints.error(
        at: event.mark, "more than \(YAMLLimits.maximumNodes) values; divide the site among several files and instances"
      )
      throw Stop()
    }
    guard depth <= YAMLLimits.maximumDepth else {
      complaints.error(
        at: event.mark, "nested deeper than \(YAMLLimits.maximumDepth) levels; no key of a site file needs that")
      throw Stop()
    }
    refuseDecoration(of: event)
    switch event.kind {
    case .scalar(let value, let isPlain):
      return OptionNode(mark: event.mark, content: .scalar(value, isPlain: isPlain))
    case .sequenceStart:
      return OptionNode(mark: event.mark, content: .sequence(try elements(&parser, text, depth: depth)))
    case .mappingStart:
      return OptionNode(mark: event.mark, content: .mapping(try pairs(&parser, text, depth: depth)))
    case .alias(let name):
      complaints.error(at: event.mark, "aliases ('*\(name)') are not allowed in a site file; write the values out")
      return OptionNode(mark: event.mark, content: .scalar("*" + name, isPlain: true))
    case .streamStart, .streamEnd, .documentStart, .documentEnd, .collectionEnd:
      preconditionFailure("libyaml sent an event of structure where its grammar has a node")
    }
  }

  private mutating func elements(
    _ parser: inout yaml_parser_t, _ text: SourceText, depth: Int
  ) throws(Stop) -> [OptionNode] {
    var elements: [OptionNode] = []
    while true {
      let next = try event(&parser, text)
      if case .collectionEnd = next.kind { return elements }
      elements.append(try node(next, &parser, text, depth: depth + 1))
    }
  }

  private mutating func pairs(
    _ parser: inout yaml_parser_t, _ text: SourceText, depth: Int
  ) throws(Stop) -> [(key: String, keyMark: Mark, value: OptionNode)] {
    var pairs: [(key: String, keyMark: Mark, value: OptionNode)] = []
    var places: [String: Mark] = [:]
    while true {
      let next = try event(&parser, text)
      if case .collectionEnd = next.kind { return pairs }
      let key = try node(next, &parser, text, depth: depth + 1)
      let value = try node(try event(&parser, text), &parser, text, depth: depth + 1)
      guard case .scalar(let name, _) = key.content else {
        complaints.error(
          at: key.mark, "a key must be a word, not a list or a mapping; a site file has keys like 'peer'")
        continue
      }
      if let earlier = places[name] {
        complaints.error(
          at: key.mark,
          "key '\(name)' appears twice, first in \(complaints.line(of: earlier, from: key.mark)); keep one of the "
            + "two, or rename one")
        continue
      }
      places[name] = key.mark
      pairs.append((key: name, keyMark: key.mark, value: value))
    }
  }

  private mutating func refuseDecoration(of event: YAMLEvent) {
    if let anchor = event.anchor {
      complaints.error(at: event.mark, "anchors ('&\(anchor)') are not allowed in a site file; write the values out")
    }
    if let tag = event.tag {
      complaints.error(
        at: event.mark,
        "tags ('\(tag.replacing("tag:yaml.org,2002:", with: "!!"))') are not allowed in a site file; remove it, and "
          + "quote what is text"
      )
    }
  }

  private mutating func event(_ parser: inout yaml_parser_t, _ text: SourceText) throws(Stop) -> YAMLEvent {
    var raw = yaml_event_t()
    guard yaml_parser_parse(&parser, &raw) == 1 else {
      let fault = SyntaxFault(parser, text)
      complaints.error(at: fault.mark.moved(by: linesBefore), fault.message)
      throw Stop()
    }
    defer { yaml_event_delete(&raw) }
    return YAMLEvent(raw, linesBefore: linesBefore)
  }
}
