import ArgumentParser
import Foundation
import PWLinux

/// `pwmgr status`: what the daemon knows, as a table or as JSON.
struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Show every tunnel and pseudowire: state, forwarding or why not, identifiers, MTU, counters.",
    discussion: """
      Exit status: 0 if every pseudowire forwards that the site file does not disable, and every bridge is as \
      declared, 3 if the daemon answers and this \
      is not so, 69 if no daemon answers, or one of another version whose answer cannot be read.
      """)

  @OptionGroup var socket: ControlSocketOption

  @Flag(help: "Print JSON, with stable keys and dates in ISO 8601.")
  var json = false

  @Flag(help: "Repeat until interrupted.")
  var watch = false

  @Option(help: ArgumentHelp("How often to repeat with --watch.", valueName: "seconds"))
  var interval: Double = 1

  func validate() throws {
    guard interval >= Self.shortestIntervalSeconds else {
      throw ValidationError("--interval is at least \(Self.shortestIntervalSeconds) seconds")
    }
  }

  func run() throws {
    guard watch else {
      let document = try fetch()
      try show(document)
      if !document.isAsDeclared { throw ExitStatus.notForwarding.exit }
      return
    }
    let clearScreen = !json && isatty(STDOUT_FILENO) == 1
    while true {
      let document = try fetch()
      if clearScreen { print("\u{1B}[H\u{1B}[2J", terminator: "") }
      try show(document)
      fflush(nil)
      Thread.sleep(forTimeInterval: interval)
    }
  }

  private func fetch() throws -> StatusDocument {
    do {
      return try StatusDocument(answer: ControlClient(path: socket.controlSocket).ask(.status))
    } catch let failure as ControlFailure {
      FileHandle.standardError.write(Data("pwmgr: \(failure.message)\n".utf8))
      throw ExitStatus.unavailable.exit
    }
  }

  private func show(_ document: StatusDocument) throws {
    if json {
      FileHandle.standardOutput.write(try document.json() + Data("\n".utf8))
    } else {
      FileHandle.standardOutput.write(Data(StatusText(document).rendered().utf8))
    }
  }

  private static let shortestIntervalSeconds = 0.1
}

extension StatusDocument {
  /// Whether every declared pseudowire passes frames, but for those that the site file disables, and every bridge has
  /// what is declared of it.
  var isAsDeclared: Bool {
    site.tunnels.allSatisfy { tunnel in
      tunnel.disabled != .command && tunnel.templates.allSatisfy { $0.disabled != .command }
        && tunnel.pseudowires.allSatisfy { $0.isForwarding || $0.disabled == .siteFile }
    }
      && site.bridges.allSatisfy(\.problems.isEmpty)
  }
}
