/// A name and a value that tell a program more about an event.
public struct EventField: Equatable, Codable, Sendable {
  /// The names, as programs read them.
  public enum Name: String, CaseIterable, Codable, Sendable {
    /// An address, in the usual notation.
    case address
    /// An address as it was before.
    case formerAddress = "former_address"
    /// The Host Name that a peer gives.
    case hostName = "host_name"
    /// The reasons why frames do not pass: ``ForwardingObstacle``, the nearest cause first.
    case reasons
    /// The reason why a control connection has ended: ``ConnectionEnd``.
    case reason
    /// A result code of a StopCCN or CDN message (RFC 3931 sections 5.4.2 and 6.4).
    case result
    /// An error code of a StopCCN or CDN message.
    case error
    /// A ``PeerHabit``.
    case habit
    /// The things that are missing for packets to be protected: ``ProtectionGap``.
    case gaps
    /// A network interface.
    case link
    /// A bridge.
    case bridge
    /// A plugin, by its name in the site file.
    case plugin
    /// A file.
    case file
    /// A size.
    case octets
    /// A share in thousandths.
    case permille
    /// How many events were left out, because there were too many.
    case leftOut = "left_out"
  }

  /// A value.
  public enum Value: Equatable, Codable, Sendable {
    /// A word or a name.
    case text(String)
    /// A number.
    case number(Int)
    /// Words, in an order that counts.
    case texts([String])
  }

  /// Which field it is; an event has each at most once.
  public var name: Name
  /// Its value.
  public var value: Value

  /// A field of any kind.
  public init(_ name: Name, _ value: Value) {
    self.name = name
    self.value = value
  }

  /// A word or a name.
  public static func text(_ name: Name, _ text: String) -> EventField { EventField(name, .text(text)) }

  /// A number.
  public static func number(_ name: Name, _ number: Int) -> EventField { EventField(name, .number(number)) }

  /// An address.
  public static func address(_ address: some CustomStringConvertible) -> EventField {
    .text(.address, address.description)
  }
}
