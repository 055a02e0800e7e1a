import ArgumentParser
import FoundationEssentials
import PWCore
import PWPluginHost
import PWPluginWire

/// `pwmgr plugin list`.
struct PluginListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the plugins, and what each says about itself.",
    discussion: """
      Each plugin of the directory is started, asked what it is, and stopped.

      Exit codes: 0, or 1 if one of them cannot be used.
      """)

  @OptionGroup var directory: PluginDirectoryOption

  @Flag(help: "Print a JSON array instead of lines.")
  var json = false

  func run() throws {
    let entries = PluginEntry.all(in: directory.path)
    print(json ? try PluginEntry.json(of: entries) : PluginEntry.table(of: entries))
    if entries.contains(where: { $0.problem != nil }) { throw ExitCode.failure }
  }
}

/// A plugin as it is listed.
struct PluginEntry: Encodable, Equatable {
  /// The name that stands behind `type:`.
  var name: String
  /// Its executable; nil where it is compiled in.
  var path: String?
  /// The version that the plugin states; nil when it could not be asked.
  var version: String?
  /// The pseudowire type that it signals.
  var type: UInt16?
  /// The payload of its sessions; nil when the plugin could not be asked.
  var payload: String?
  /// The keys that it reads.
  var options: [String] = []
  /// Those of them that a pseudowire must have.
  var required: [String] = []
  /// Why it cannot be used.
  var problem: String?

  /// Those in this process, and those in a directory.
  static func all(in directory: String) -> [PluginEntry] {
    let compiledIn = CompiledInPlugins.all.map { plugin in
      var entry = PluginEntry(
        name: plugin.name, version: Version.number, type: plugin.type.rawValue, payload: "\(plugin.payload)")
      entry.take(plugin.optionKeys)
      return entry
    }
    return compiledIn + PluginFile.names(in: directory).map { entry($0, directory) }
  }

  private static func entry(_ name: String, _ directory: String) -> PluginEntry {
    var entry = PluginEntry(name: name, path: "\(directory)/\(name)")
    do throws(PluginFault) {
      let identity = try PluginEnquiry(path: "\(directory)/\(name)").identity(version: Version.number)
      entry.version = identity.version
      entry.type = identity.type.rawValue
      entry.payload = "\(identity.payload)"
      entry.take(identity.options)
      if CompiledInPlugins.all.contains(where: { $0.name == name }) {
        entry.problem = "pwmgr itself has a plugin of that name, so this one is never used"
      }
    } catch {
      entry.problem = error.description
    }
    return entry
  }

  private mutating func take(_ keys: [KeyDescription]) {
    options = keys.map(\.name)
    required = keys.filter(\.isRequired).map(\.name)
  }

  /// Columns for people, with what is wrong below a plugin, and what an asterisk means where there is one.
  static func table(of entries: [PluginEntry]) -> String {
    let rows = entries.map { entry in
      [
        entry.name, entry.type.map { "0x" + hex($0) } ?? "-", entry.payload ?? "-", entry.version ?? "-",
        entry.path ?? "compiled in",
        entry.options.map { entry.required.contains($0) ? "\($0)*" : $0 }.joined(separator: " "),
      ]
    }
    let titles = ["NAME", "TYPE", "PAYLOAD", "VERSION", "WHERE", "OPTIONS"]
    let widths = titles.indices.map { column in ([titles] + rows).map { $0[column].count }.max() ?? 0 }
    func line(_ cells: [String]) -> String {
      let padded = zip(cells, widths).map { $0.padded(to: $1) }
      var text = padded.joined(separator: "  ")
      while text.last == " " { text.removeLast() }
      return text
    }
    var lines = [line(titles)]
    for (entry, row) in zip(entries, rows) {
      lines.append(line(row))
      if let problem = entry.problem { lines.append("  cannot be used: \(problem)") }
    }
    if entries.contains(where: { !$0.required.isEmpty }) { lines.append("\n* required") }
    return lines.joined(separator: "\n")
  }

  static func json(of entries: [PluginEntry]) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(entries), as: UTF8.self)
  }
}
