public import PWCore

/// A change of one object of a site, and what that costs.
public struct ObjectChange: Equatable, Sendable {
  /// The object.
  public var object: Object
  /// Whether it is new, gone, or another one.
  public var action: Action
  /// The cost.
  public var impact: ChangeImpact
  /// The keys that have another value, with both.
  public var keys: [KeyChange] = []
  /// The pseudowires that forward no frames for a while, or any more.
  public var stops: [LinkOwner] = []
  /// The reason in one line, where the keys do not tell it: why the file is refused while pwmgr runs, above all.
  public var reason: String?

  static func added(_ object: Object) -> ObjectChange {
    ObjectChange(object: object, action: .add, impact: .inPlace)
  }

  /// An object of a site.
  public enum Object: Hashable, Sendable {
    case site
    case tunnel(String)
    case pseudowire(LinkOwner)
    case bridge(String)
    case plugin(String)
  }

  /// The kind of a change.
  public enum Action: String, Sendable {
    case add
    case update
    case remove
    /// It stays declared, and is not carried out any more: `enabled: false`.
    case disable
    /// It is carried out from now on.
    case enable
  }
}

/// A key with another value.
public struct KeyChange: Equatable, Sendable {
  /// The key; one of a mapping below the object's is written behind the mapping's, as in `retransmit.count`.
  public var key: String
  /// The value before, as the file has it, or in words what holds without it.
  public var before: String
  /// The value afterwards.
  public var after: String
  /// The most that another value of the key costs; nil for a key that nobody describes.
  public var impact: ChangeImpact?

  /// A key with both values.
  public init(key: String, before: String, after: String, impact: ChangeImpact?) {
    (self.key, self.before, self.after, self.impact) = (key, before, after, impact)
  }
}
