public import PWCore

extension Diagnostic {
  /// The line that people read and editors jump to: `site.yaml:14:9: error: unknown key 'cokie' …`.
  public func line(file: String) -> String {
    "\(file):\(mark.line):\(mark.column): \(severity.rawValue): \(message)"
  }
}
