import ArgumentParser
import FoundationEssentials

/// Where the daemon listens for `status`: the same option for the daemon and its clients.
struct ControlSocketOption: ParsableArguments {
  @Option(help: ArgumentHelp("The daemon's control socket.", valueName: "path"))
  var controlSocket = Self.usualPath

  private static let usualPath = "/run/pwmgr/control.sock"

  /// The words that a command needs to reach a daemon, from any folder, a space before them; none at the usual place.
  static func words(for path: String) -> String {
    let whole = URL(filePath: path).path
    return whole == usualPath ? "" : " --control-socket \(whole)"
  }
}
