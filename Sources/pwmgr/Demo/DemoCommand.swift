import ArgumentParser
import FoundationEssentials
import Glibc
import PWCore

/// `pwmgr demo`: two sites become one LAN on this machine, in network namespaces, with the example files.
struct DemoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "Show two sites becoming one LAN: two hosts and two stations in network namespaces, two daemons.",
    discussion: """
      Uses udp-amsterdam.yaml and udp-berlin.yaml of the examples as they are. Everything is removed at the end, or \
      left up with --keep. Needs root. Exit status: 0 if every step succeeded, 1 if one did not.
      """)

  @Option(help: "Which data plane the two daemons use: auto, kernel or userspace.")
  var dataPlane = "auto"

  @Option(help: ArgumentHelp("The folder that contains udp-amsterdam.yaml and udp-berlin.yaml.", valueName: "folder"))
  var examples = "examples"

  @Flag(help: "Leave everything up at the end, and print the commands to look at it and to remove it.")
  var keep = false

  func validate() throws {
    guard DataPlaneChoice(rawValue: dataPlane) != nil else {
      throw ValidationError("--data-plane is auto, kernel or userspace, not '\(dataPlane)'")
    }
  }

  func run() throws {
    guard geteuid() == 0 else {
      complain("the demonstration makes network namespaces: run it as root (sudo pwmgr demo)")
      throw ExitStatus.noPermission.exit
    }
    let show: DemoShow
    do { show = try DemoShow(examples: examples, dataPlane: dataPlane) } catch let failure as DemoFailure {
      complain(failure.message)
      throw ExitStatus.failure.exit
    }
    // Ctrl-C reaches everybody on the terminal: we stay to tidy up.
    signal(SIGINT, SIG_IGN)
    defer { if !keep { show.remove() } }
    do {
      try show.run()
    } catch let failure as DemoFailure {
      complain(failure.message)
      show.printLogs()
      throw ExitStatus.failure.exit
    }
    if keep { show.printHowToLook() } else { show.stopAndCheck() }
    show.printTable()
    if !show.isAllShown { throw ExitStatus.failure.exit }
  }

  private func complain(_ message: String) {
    StandardError.write("pwmgr demo: \(message)")
  }
}
