/// A pseudowire plugin as the engine knows it: by what it serves. Questions to it go out as `Output.consult`.
public struct PluginDescription: Equatable, Codable, Sendable {
  /// The pseudowire type that it serves.
  public var type: PseudowireType
  /// The kind of payload that its sessions carry.
  public var payload: PseudowirePayload

  /// A plugin by what it serves.
  public init(type: PseudowireType, payload: PseudowirePayload) {
    self.type = type
    self.payload = payload
  }
}
