public import PWCore

/// A pseudowire plugin that is an executable of its own: what a compiled-in plugin is, and what one can do besides that has a
/// process to itself. Each of these may do I/O, but pwmgr waits for the answer: ten seconds at most.
public protocol ServedPlugin: PseudowirePlugin {
  /// The plugin's own version, for people.
  var version: String { get }
  /// A session is over: what was made for it beside its links is removed. Nothing is asked about it before this returns.
  ///
  /// - Throws: what could not be removed: it is written into pwmgr's log.
  func down(_ session: ServedSession) throws
  /// The faults of a session that is up: one line each, shown by `pwmgr status`.
  func check(_ session: ServedSession) -> [String]
  /// All sessions that there are, after a start: whatever there is for others was left by an earlier process, and is removed.
  func collectGarbage(keeping sessions: [ServedSession])
  /// Why the plugin cannot serve, if it cannot: one line each, shown by `pwmgr status`.
  func problems() -> [String]
}

extension ServedPlugin {
  /// A plugin without versions.
  public var version: String { "0" }
  /// Nothing was made beside the links.
  public func down(_ session: ServedSession) throws {}
  /// Finds nothing wrong, unless the plugin has a check of its own.
  public func check(_ session: ServedSession) -> [String] { [] }
  /// Removes nothing, because nothing was made beside the links.
  public func collectGarbage(keeping sessions: [ServedSession]) {}
  /// Reports no problem, unless the plugin has a report of its own.
  public func problems() -> [String] { [] }
}

/// A session as a plugin sees it.
public struct ServedSession: Equatable, Sendable {
  /// The tunnel and the pseudowire that the session belongs to.
  public var owner: LinkOwner
  /// The pseudowire as the site declares it, `options` and the interface's name with it.
  public var declaration: PseudowireDeclaration

  /// A session of a pseudowire.
  public init(owner: LinkOwner, declaration: PseudowireDeclaration) {
    self.owner = owner
    self.declaration = declaration
  }
}
