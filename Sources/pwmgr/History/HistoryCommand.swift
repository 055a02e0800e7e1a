import ArgumentParser
import PWConfig
import PWPluginHost

/// `pwmgr history`: the sites that the daemon has carried out for good.
struct HistoryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history",
    abstract: "List the sites that ran last, and what each change cost.",
    discussion: """
      The last twenty that ran for good, the latest first; 'pwmgr rollback NUMBER' goes back to one. Each change is \
      compared with the one before it. With a number, the text of that one is printed, its drop-ins each behind a line \
      '# part:' with its name.

      Exit status: 0 if there is a history, 1 if there is none, or no site of that number, 64 for a usage error, 69 if \
      no daemon answers, 77 without permission to read a text.
      """)

  @Argument(help: "The number of a site, to print its text.")
  var number: Int?

  @Flag(help: "Print a JSON object.")
  var json = false

  @OptionGroup var socket: ControlSocketOption
  @OptionGroup var plugins: PluginDirectoryOption

  func validate() throws {
    if let number, number < 1 { throw ValidationError("the number of a site is 1 or more") }
    if json, number != nil { throw ValidationError("--json is for the list: leave out the number") }
  }

  func run() throws {
    if let number {
      do {
        print(try HistoryText(client: ControlClient(path: socket.controlSocket)).ofSite(number), terminator: "")
      } catch let failure as ControlFailure {
        throw failure.exit
      }
      return
    }
    let known = try PlanSources(socket: socket, plugins: plugins).running()
    var answer: HistoryAnswer
    do {
      let client = ControlClient(path: socket.controlSocket)
      answer = try HistoryAnswer(answer: client.ask(.history(nil)))
      // A member of a group sees when there were changes, and not which.
      for place in answer.entries.indices {
        let one = try HistoryAnswer(answer: client.ask(.history(answer.entries[place].number)))
        answer.entries[place].text = one.entries.first?.text
      }
    } catch {
      throw error.exit
    }
    let reader = SiteReader(
      plugins: CompiledInPlugins.all, finder: PluginDirectory(plugins.path, version: Version.number))
    let report = HistoryReport(answer, running: known.parts.text, reader: reader, isInKernel: known.isInKernel)
    if let problem = answer.problem { StandardError.write("pwmgr: \(problem)") }
    guard !answer.entries.isEmpty else { throw ExitStatus.failure.exit }
    print(json ? try report.json() : report.text)
  }
}
