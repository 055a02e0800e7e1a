import ArgumentParser

/// `pwmgr version`.
struct Version: ParsableCommand {
  /// The release, by semantic versioning.
  static let number = "0.1.0"

  static let configuration = CommandConfiguration(commandName: "version", abstract: "Print the version.")

  func run() {
    print("pwmgr \(Self.number)")
  }
}
