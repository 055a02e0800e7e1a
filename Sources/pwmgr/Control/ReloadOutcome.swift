import FoundationEssentials

/// The outcome of reading the site file again.
struct ReloadOutcome: ControlAnswer {
  /// The full path of the file.
  var path: String
  /// Whether it is carried out; else the site runs as before.
  var isApplied: Bool
  /// The complaints about the file, each in one line; remarks, if it is carried out all the same.
  var lines: [String]
  /// Whether it is not carried out because another change is under way; nil where nobody asked.
  var isBusy: Bool?

  /// The answer to a client that may look and not change.
  static func denied(_ path: String) -> ReloadOutcome {
    ReloadOutcome(
      path: URL(filePath: path).path, isApplied: false,
      lines: [
        "pwmgr: only root, the user who runs pwmgr, or a member of the site's 'control-group-admin' may have the site "
          + "file read again"
      ])
  }
}
