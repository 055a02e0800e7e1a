public import PWCore

/// A secret file that a site names.
public struct SecretFileReference: Hashable, Sendable {
  /// Its full path.
  public var path: String
  /// Where the site file names it.
  public var mark: Mark
  /// The tunnel that needs it.
  public var tunnel: String

  /// A secret of a tunnel.
  public init(path: String, mark: Mark, tunnel: String) {
    self.path = path
    self.mark = mark
    self.tunnel = tunnel
  }
}
