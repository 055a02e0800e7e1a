/// One key of the site file, described for readers: the reference page and the hints of `check` are made of these.
public struct KeyDescription: Hashable, Sendable {
  /// The key, as it is written.
  public var name: String
  /// The values that may stand behind it, in words: `duration`, `udp` or `ip`.
  public var value: String
  /// The value that holds when the key is left out; nil when it must be there.
  public var absent: String?
  /// The key of the same mapping that a required one may be left out for; nil where there is none.
  public var alternative: String?
  /// Whether its values are secret: complaints and plans do not repeat them.
  public var isSecret = false
  /// The purpose of the key, one sentence or two, with units.
  public var meaning: String
  /// The form of its values; nil where only whoever reads them can say whether one is right.
  public var form: ValueForm?
  /// The most that a changed value costs while the site runs; nil for a key with keys below it, which say it
  /// themselves.
  public var change: ChangeImpact?

  /// A key that must be there when `absent` is nil.
  public init(
    _ name: String, _ value: String, absent: String?, change: ChangeImpact?, _ meaning: String, form: ValueForm? = nil
  ) {
    self.name = name
    self.value = value
    self.absent = absent
    self.change = change
    self.meaning = meaning
    self.form = form
  }

  /// Whether the key must be there, as far as no other one takes its place.
  public var isRequired: Bool { absent == nil }

  /// The complaint about the key where it must be and is not: one line, with the cure.
  ///
  /// - Parameters:
  ///   - owner: what has not got it, as `tunnel 'berlin'`.
  ///   - user: who needs it, where that is not obvious, as `plugin 'macsec'`.
  public func missing(in owner: String, neededBy user: String? = nil) -> String {
    "\(owner) has no '\(name)'\(user.map { ", which \($0) needs" } ?? ""); add '\(name):' (\(plainValue))"
  }

  /// The values that may stand behind it, for a message: without the marks of a page.
  public var plainValue: String { String(value.map { $0 == "`" ? "'" : $0 }) }
}
