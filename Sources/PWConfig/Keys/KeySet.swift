/// The keys of one mapping of the site file, each a stored property: the reader asks for them by key path, so that a
/// key that is not declared, or is another mapping's, does not compile.
///
/// The order of the properties is that of the reference page. A set of many keys is a class: it is never copied, and
/// the code to copy a structure of so many properties would be tens of kilobytes.
protocol KeySet: Sendable {
  /// The thing that the mapping describes, as in "unknown key in a tunnel".
  static var title: String { get }
  /// The one value of the set, whose properties are the keys.
  static var declared: Self { get }
  /// The same keys as a list, for the reader and the reference page.
  static var schema: SchemaSection { get }
  /// Whether a plugin may have keys here as well; then the unknown ones are refused when the plugin is known.
  static var isShared: Bool { get }
}

extension KeySet {
  static var isShared: Bool { false }
}
