/// Why a tunnel or a pseudowire is not carried out though the site declares it: it calls nobody, and calls for it are
/// refused.
public enum Disablement: String, Codable, Sendable {
  /// The site file has `enabled: false`.
  case siteFile = "site-file"
  /// An operator has put it down until the daemon starts again.
  case command

  /// Why it does not forward, and what changes that.
  ///
  /// - Parameter subject: the tunnel or pseudowire, as its operator names it: `berlin`, or `berlin/lan`.
  func words(_ subject: String) -> String {
    switch self {
    case .siteFile: "\(subject) is disabled: the site file has 'enabled: false'"
    case .command: "\(subject) was put down by 'pwmgr down'; 'pwmgr up \(subject)' puts it up again"
    }
  }

  /// As a peer is told.
  static let toldPeer = "administratively down"
}
