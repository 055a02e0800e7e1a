/// A pseudowire plugin as the engine knows it: by what it serves. Questions to it go out as `Output.consult`.
public struct PluginDescription: Equatable, Codable, Sendable {
  /// The pseudowire type that it serves.
  public var type: PseudowireType
  /// The kind of payload that its sessions carry.
  public var payload: PseudowirePayload
  /// The options that may change while a session goes on; nil, as in older recordings, where none may.
  public var changeableOptions: ChangeableOptions?

  /// A plugin by what it serves.
  ///
  /// - Parameter options: the keys that it reads.
  public init(type: PseudowireType, payload: PseudowirePayload, options: [KeyDescription] = []) {
    self.type = type
    self.payload = payload
    changeableOptions = ChangeableOptions(of: options)
  }
}

extension [PluginDescription] {
  /// The options of a pseudowire that may change while its session goes on, by the plugin that serves it; nil where
  /// none may.
  ///
  /// - Parameter others: the site's plugins in other processes, which may serve the same types.
  package func changeableOptions(
    of pseudowire: PseudowireDeclaration, _ others: [PluginDeclaration]
  ) -> ChangeableOptions? {
    if let name = pseudowire.plugin { return others.first { $0.name == name }?.changeableOptions }
    return first { $0.type == pseudowire.type }?.changeableOptions
  }
}
