public import PWCore

/// A secret file that a site names.
public struct SecretFileReference: Hashable, Sendable {
  /// The full path of the secret file.
  public var path: String
  /// Where the site file names it.
  public var mark: Mark
  /// The tunnel that needs it.
  public var tunnel: String
  /// The pseudowire of that tunnel, if it is one's own.
  public var pseudowire: String?

  /// A secret of a tunnel, or of one of its pseudowires.
  public init(path: String, mark: Mark, tunnel: String, pseudowire: String? = nil) {
    self.path = path
    self.mark = mark
    self.tunnel = tunnel
    self.pseudowire = pseudowire
  }

  /// `tunnel 'berlin'`, or `pseudowire 'link' of tunnel 'berlin'`.
  public var owner: String {
    pseudowire.map { "pseudowire '\($0)' of tunnel '\(tunnel)'" } ?? "tunnel '\(tunnel)'"
  }
}
