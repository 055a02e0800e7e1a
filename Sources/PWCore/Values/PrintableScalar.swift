extension UnicodeScalar {
  /// Whether it can stand in a line that people read: neither a control nor a format character (which could turn the
  /// direction of writing), nor the end of a line.
  public var isPrintableInALine: Bool {
    ![.control, .format, .lineSeparator, .paragraphSeparator].contains(properties.generalCategory)
  }
}
