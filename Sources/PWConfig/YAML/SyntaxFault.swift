import CYAML
import PWCore

/// The fault at which libyaml stops, as a complaint with a cure.
struct SyntaxFault {
  let mark: Mark
  let message: String

  init(_ parser: yaml_parser_t, _ text: SourceText) {
    let problem = parser.problem.map { String(cString: $0) } ?? "this is not YAML"
    let context = parser.context.map { String(cString: $0) } ?? ""
    let place = Mark(parser.problem_mark)
    if let column = text.indentingTabColumn(inLine: place.line) {
      mark = Mark(line: place.line, column: column)
      message = "tab in the indentation; indent with spaces"
      return
    }
    let opening = Mark(parser.context_mark)
    let begun = context.isEmpty || opening.line == place.line ? "" : " (\(context), begun in line \(opening.line))"
    mark = place
    message = "\(problem)\(begun); \(Self.cure(problem: problem, context: context))"
  }

  /// The cure for the usual reason of such a fault.
  private static func cure(problem: String, context: String) -> String {
    if context.contains("quoted scalar") { return "close the quotation mark" }
    if context.contains("flow") { return "close the bracket or brace, and put commas between the values" }
    switch problem {
    case "mapping values are not allowed in this context":
      return "a line has one 'key: value'; quote a value that holds ': ', and check the indentation"
    case "could not find expected ':'":
      return "write 'key: value', with a colon and a space"
    case "found character that cannot start any token":
      return "quote the value that begins with this character"
    case "did not find expected key", "did not find expected '-' indicator",
      "block sequence entries are not allowed in this context":
      return "align the keys of one mapping in one column"
    default:
      return "check the indentation and the quotation marks here"
    }
  }
}
