/// Finds plugins that are not in this process, for who reads a site file.
public protocol PluginFinder: Sendable {
  /// The names that there are, without those that only the site file knows: for hints.
  var names: [String] { get }
  /// Where it looks for them, for complaints.
  var place: String { get }
  /// The plugin of a name, started and asked what it is; it runs as long as what is returned is kept.
  ///
  /// - Parameters:
  ///   - name: what stands behind `type:`.
  ///   - path: its executable, where the site file names one.
  /// - Returns: nil where there is none of that name.
  /// - Throws: why it cannot be used.
  func plugin(named name: String, path: String?) throws(PluginUnusable) -> FoundPlugin?
}

/// A plugin in another process.
public struct FoundPlugin: Sendable {
  /// The plugin, to be asked about options.
  public var plugin: any PseudowirePlugin
  /// How the engine and the daemon know it.
  public var declaration: PluginDeclaration

  /// A plugin that was found.
  public init(plugin: any PseudowirePlugin, declaration: PluginDeclaration) {
    self.plugin = plugin
    self.declaration = declaration
  }
}

/// Why a plugin cannot be used.
public struct PluginUnusable: Error, Equatable, Sendable {
  /// The reason, and the cure: one line.
  public var reason: String

  /// An error with its reason, which is one line.
  public init(_ reason: String) { self.reason = reason }
}

extension PluginDeclaration {
  /// Octets of a name.
  public static let maximumNameOctets = 32

  /// Whether a text is a plugin's name: what its file is called, and what stands behind `type:`.
  public static func isName(_ name: String) -> Bool {
    guard let first = name.utf8.first, (0x61...0x7A).contains(first), name.utf8.count <= maximumNameOctets else {
      return false
    }
    return name.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
  }
}
