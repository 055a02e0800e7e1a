import ArgumentParser
import FoundationEssentials
import Glibc
import PWLinux

/// `pwmgr status`: what the daemon knows, as a table or as JSON.
struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Show every tunnel and pseudowire: state, forwarding or why not, identifiers, MTU, counters.",
    discussion: """
      Lines are at most 80 columns wide, unless a single word or a quoted command is longer; a terminal shows them in \
      colours unless NO_COLOR is set. The table has the columns that are needed most. --wide has all of them in one \
      line; 'pwmgr status berlin/lan' shows everything known about one pseudowire, a few fields per line. --graph \
      draws the site, its tunnels and their pseudowires.

      Exit status: 0 if every pseudowire that the site file does not disable is forwarding, or kept from it by a \
      spanning tree alone, and every bridge is as declared, 1 if there is no tunnel or pseudowire of the name, 3 if \
      the daemon answers and something is not as declared, 69 if no daemon answers, or one of another version whose \
      answer cannot be read. With a name, only that tunnel or pseudowire counts. With --watch, if the daemon stops \
      answering, that is reported, and it is asked again.
      """)

  @Argument(help: ArgumentHelp("A tunnel, or one of its pseudowires: berlin/lan. Without it, all.", valueName: "name"))
  var name: String?

  @Flag(help: "Leave out all that is well.")
  var problems = false

  @Flag(help: "Print every column, and break no line.")
  var wide = false

  @Option(help: ArgumentHelp("Print a picture of it: svg for a browser, dot for Graphviz.", valueName: "format"))
  var graph: Graph?

  @OptionGroup var socket: ControlSocketOption

  @Flag(help: "Print JSON, with stable keys and dates in ISO 8601.")
  var json = false

  @Flag(help: "Repeat until interrupted; with --json, one line each time.")
  var watch = false

  @Option(help: ArgumentHelp("How often to repeat with --watch.", valueName: "seconds"))
  var interval: Double = 1

  /// How a picture is written.
  enum Graph: String, CaseIterable, ExpressibleByArgument {
    case svg, dot
  }

  func validate() throws {
    guard graph == nil || !(json || watch || wide) else {
      throw ValidationError("--graph goes without --json, --watch and --wide")
    }
    guard Self.intervalsSeconds.contains(interval) else {
      let (least, most) = (Self.intervalsSeconds.lowerBound, Int(Self.intervalsSeconds.upperBound))
      throw ValidationError("--interval is \(least) to \(most) seconds")
    }
  }

  func run() throws {
    let first = try saying { try fetch() }
    try show(first)
    guard watch else {
      if !first.part.isAsDeclared { throw ExitStatus.notForwarding.exit }
      return
    }
    while true {
      ForwardingCheck.sleep(.seconds(interval))
      do {
        try show(try fetch())
      } catch let failure as ControlFailure {
        // It may come back: a restart is a reason to watch.
        StandardError.write("pwmgr: \(failure.message)")
      }
    }
  }

  private var selection: StatusSelection { StatusSelection(name: name, isProblemsOnly: problems) }

  /// The status of the site, and the part of it that is asked for.
  private func fetch() throws -> (whole: StatusDocument, part: StatusDocument) {
    let whole = try StatusDocument(answer: ControlClient(path: socket.controlSocket).ask(.status))
    do throws(StatusSelection.UnknownName) {
      return (whole, try selection.applied(to: whole))
    } catch {
      StandardError.write("pwmgr: \(error.message)")
      throw ExitStatus.failure.exit
    }
  }

  private func saying<Value>(_ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch let failure as ControlFailure {
      throw failure.exit
    }
  }

  private func show(_ document: (whole: StatusDocument, part: StatusDocument)) throws {
    if let graph {
      let picture = SitePicture(document.part, of: document.whole)
      return try StandardOutput.write((graph == .svg ? picture.svg : picture.dot).utf8)
    }
    if json {
      return try StandardOutput.write(try document.part.json(isOnOneLine: watch) + Data("\n".utf8))
    }
    if watch, isatty(STDOUT_FILENO) == 1 { print("\u{1B}[H\u{1B}[2J", terminator: "") }
    let text = StatusText(document.part, layout, selection, of: document.whole)
    try StandardOutput.write(text.rendered().utf8)
  }

  private var layout: StatusLayout {
    var layout = wide ? StatusLayout.wide : .narrow
    layout.isColoured = Terminal.showsColours
    return layout
  }

  private static let intervalsSeconds = 0.1...86_400
}

extension StatusDocument {
  /// Whether every declared pseudowire passes frames, but for those that the site file disables, and every bridge has
  /// what is declared of it.
  var isAsDeclared: Bool {
    site.tunnels.allSatisfy { tunnel in
      tunnel.disabled != .command && tunnel.templates.allSatisfy { $0.disabled != .command }
        && tunnel.pseudowires.allSatisfy(\.isAsDeclared)
    }
      && site.bridges.allSatisfy(\.problems.isEmpty)
  }
}
