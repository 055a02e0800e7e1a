import PWCore

/// The plugins that one file may name: those in this process, and those that are found. Each is looked for once.
final class PluginCatalogue {
  private let compiledIn: [any PseudowirePlugin]
  private let finder: (any PluginFinder)?
  /// The executables that the file names itself.
  private var paths: [String: String] = [:]
  private var found: [String: Result<FoundPlugin?, ValueFault>] = [:]
  /// Those that pseudowires use, in the order in which they were named.
  private(set) var used: [PluginDeclaration] = []

  init(compiledIn: [any PseudowirePlugin], finder: (any PluginFinder)?) {
    self.compiledIn = compiledIn
    self.finder = finder
  }

  /// Reads the `plugins:` of a site.
  func readPaths(_ top: Section<SiteKeys>, _ complaints: inout Complaints) {
    for (name, section) in top.children(of: \.plugins, &complaints) {
      if compiledIn.contains(where: { $0.name == name }) {
        complaints.error(
          at: section.mark, "plugin '\(name)': pwmgr itself has a plugin of that name; choose another")
      }
      paths[name] = section.value(of: \.path, &complaints)
    }
  }

  /// The keys that any plugin in this process reads, each once: what can be said of a pseudowire that names no type.
  var optionKeys: [KeyDescription] {
    var keys: [KeyDescription] = []
    for key in compiledIn.flatMap(\.optionKeys) where !keys.contains(where: { $0.name == key.name }) {
      keys.append(key)
    }
    return keys
  }

  /// The plugin that a `type:` names, and its name where it is not in this process.
  func plugin(_ scalar: Scalar) throws(ValueFault) -> (plugin: any PseudowirePlugin, outside: String?) {
    let name = scalar.text
    if let plugin = compiledIn.first(where: { $0.name == name }) { return (plugin, nil) }
    if let outside = try outside(name) {
      if !used.contains(outside.declaration) { used.append(outside.declaration) }
      return (outside.plugin, name)
    }
    let names = compiledIn.map(\.name) + Set(finder?.names ?? []).union(paths.keys).sorted()
    let list = Words.alternatives(names.map { "'\($0)'" })
    let elsewhere = "look elsewhere with --plugin-directory, or name its file in 'plugins:'"
    let place = finder.map { "; no plugin in \($0.place) has that name (\(elsewhere))" } ?? ""
    throw ValueFault(
      "no pseudowire type is called '\(name)'"
        + Spelling.hint(for: name, among: names, otherwise: "\(place); write \(list)"))
  }

  private func outside(_ name: String) throws(ValueFault) -> FoundPlugin? {
    guard PluginDeclaration.isName(name), let finder else { return nil }
    if let known = found[name] { return try known.get() }
    let result: Result<FoundPlugin?, ValueFault>
    do throws(PluginUnusable) {
      if let plugin = try finder.plugin(named: name, path: paths[name]) {
        result = .success(try checked(plugin))
      } else {
        result = .success(nil)
      }
    } catch {
      result = .failure(ValueFault("plugin '\(name)' cannot be used: \(error.reason)"))
    }
    found[name] = result
    return try result.get()
  }

  /// Two plugins may signal one type, if the kernel carries the same for both: it is told the type, not the plugin.
  private func checked(_ plugin: FoundPlugin) throws(PluginUnusable) -> FoundPlugin {
    let others = compiledIn.map { ($0.name, $0.type, $0.payload) } + used.map { ($0.name, $0.type, $0.payload) }
    for (name, type, payload) in others
    where type == plugin.declaration.type && payload != plugin.declaration.payload {
      throw PluginUnusable(
        "it carries \(plugin.declaration.payload) in type \(type.rawValue), and '\(name)' carries \(payload); let it signal "
          + "another type")
    }
    return plugin
  }
}
