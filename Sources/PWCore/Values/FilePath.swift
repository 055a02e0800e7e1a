/// The one rule for files, wherever a site or a plugin names one.
public enum FilePath {
  /// Whether a text is the full path of a file: the daemon's working directory is nobody's business, and what ends
  /// with `/` is a folder.
  public static func isFull(_ text: String) -> Bool {
    text.hasPrefix("/") && !text.hasSuffix("/") && !text.utf8.contains(0)
  }
}
