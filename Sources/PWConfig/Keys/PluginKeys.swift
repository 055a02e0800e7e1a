import PWCore

/// The keys of one plugin in another process.
struct PluginKeys: KeySet {
  static let title = "plugin"
  static let declared = PluginKeys()
  static let schema = SchemaSection(of: declared)

  let path = Key<String?>(
    "path", .path,
    "Its executable, which nobody but root, or whoever runs pwmgr, may be able to change, nor any folder above it.")
}
