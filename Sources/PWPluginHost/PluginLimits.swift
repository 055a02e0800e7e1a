/// The resources that a plugin in another process may take of pwmgr; the limits of its lines are in `PluginProtocol`.
public enum PluginLimits {
  /// Questions that are open at a time; further ones wait here.
  public static let openQuestions = 32
  /// Octets that wait to be written to a plugin which does not read.
  public static let unwrittenOctets = 32 << 20
  /// Octets that a plugin may write in a second on its standard output and error together.
  public static let octetsPerSecond = 4 << 20
  /// Lines of its standard error and of its own for the log that are written down in a second; the others are counted.
  public static let logLinesPerSecond = 20
  /// Lines of them that are kept for `status`.
  public static let keptMessages = 5
  /// Octets of one line of its standard error: what is longer is cut into several.
  public static let errorLineOctets = 1024
  /// The first pause before a plugin that has ended is started again; each further one is twice as long.
  public static let firstPause = Duration.seconds(1)
  /// The longest pause before a plugin that has ended is started again.
  public static let longestPause = Duration.seconds(60)
  /// How long it must run before its next end counts as the first.
  public static let stableTime = Duration.seconds(60)
  /// How often it is asked for its `status`.
  public static let statusInterval = Duration.seconds(30)
  /// How often it is asked to `check` each of its sessions.
  public static let checkInterval = Duration.seconds(60)
  /// Octets read in one call, and calls in one turn, before others have theirs.
  static let readOctets = 4096
  static let readsPerTurn = 16
}

/// How long a plugin in another process is waited for.
public struct PluginPatience: Sendable {
  /// The time limits that pwmgr applies unless told otherwise.
  public static let usual = PluginPatience()

  /// How long a plugin that was asked something may say nothing at all. One that says nothing for longer hangs, and is ended.
  public var silence = Duration.seconds(10)
  /// How long one question may stay open while others are answered.
  public var question = Duration.seconds(60)
  /// How long a plugin has to end by itself when its standard input is closed.
  public var end = Duration.seconds(2)
}
