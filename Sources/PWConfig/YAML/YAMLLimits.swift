/// Bounds on what a site file may cost: far above what a site of 10,000 pseudowires needs.
enum YAMLLimits {
  /// Scalars, sequences and mappings together.
  static let maximumNodes = 1_000_000
  /// Mappings and sequences inside one another; a site needs five.
  static let maximumDepth = 16
}
