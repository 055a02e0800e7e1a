import PWCore

/// A key of a mapping of the site file, with what stands below it.
protocol DeclaredKey: DescribedKey {
  /// The mapping that stands behind it, or each of those that do; nil where none does.
  var below: SchemaSection? { get }
}

extension DeclaredKey {
  var below: SchemaSection? { nil }
}

extension Key: DeclaredKey {}
