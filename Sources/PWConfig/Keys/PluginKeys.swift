import PWCore

/// The keys of one plugin in another process.
struct PluginKeys: KeySet {
  static let title = "plugin"
  static let declared = PluginKeys()
  static let schema = SchemaSection(of: declared)

  let path = Key<String?>(
    "path", .path, change: .inPlace,
    "Its executable. Only root, or the user who runs pwmgr, may be able to change it, or any folder above it.")
}
