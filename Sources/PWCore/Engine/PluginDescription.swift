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
