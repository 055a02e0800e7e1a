public import PWCore

/// The values that may stand behind a key of the site file, for a description of files that other programs read.
public enum KeyShape: Sendable {
  /// One value; nil where no form says which.
  case value(ValueForm?)
  /// A list of values.
  case list(ValueForm?)
  /// One value, or a list of values.
  case valueOrList(ValueForm?)
  /// A mapping with keys of its own.
  case section(SchemaSection)
  /// A mapping from names of the user's choice to mappings with keys of their own.
  case named(SchemaSection)
}
