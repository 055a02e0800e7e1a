/// The outcome of putting a tunnel or a pseudowire down or up, or of setting it up anew.
struct AdministrationOutcome: ControlAnswer {
  /// Whether it is as asked for.
  var isDone: Bool
  /// The outcome in one line, or the reason why there is none and the cure.
  var line: String

  /// The answer to a client that may look and not change.
  static let denied = AdministrationOutcome(
    isDone: false,
    line:
      "only root, the user who runs pwmgr, or a member of the site's 'control-group-admin' may change the state of a "
      + "tunnel, of a pseudowire or of the log")
}
