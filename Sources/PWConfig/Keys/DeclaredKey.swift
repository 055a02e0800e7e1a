import PWCore

/// A key of a mapping of the site file, with what stands below it.
protocol DeclaredKey: DescribedKey {
  /// The mapping that stands behind it, or each of those that do; nil where none does.
  var below: SchemaSection? { get }
  /// What may stand behind the key.
  var shape: KeyShape { get }
}

extension DeclaredKey {
  var below: SchemaSection? { nil }
  var shape: KeyShape { .value(description.form) }
}

extension Key: DeclaredKey {}
