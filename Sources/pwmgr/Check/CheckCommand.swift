import ArgumentParser
import PWConfig
import PWCore
import PWPluginHost

/// `pwmgr check FILE...`.
struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Read site files and say everything that is wrong with them.",
    discussion: """
      Needs no privilege and changes nothing. Each complaint has file, line and column, and what to do about it.

      Exit codes: 0 no errors (there may be warnings and notes), 1 errors, 64 wrong use, 66 a file cannot be read.
      """)

  @Argument(
    help: "The site file, or - for standard input; several are checked one by one.",
    completion: .file(extensions: ["yaml", "yml"]))
  var files: [String]

  @Flag(help: "Print a JSON object instead of lines; an array of them for several files.")
  var json = false

  @OptionGroup var plugins: PluginDirectoryOption

  func run() throws {
    let finder = PluginDirectory(plugins.path, version: Version.number)
    var reports: [CheckReport] = []
    var isUnreadable = false
    for file in files {
      do throws(SiteFile.UnreadableFile) {
        let siteFile = try SiteFile.read(file, finder: finder, takesInput: true)
        let secrets = SecretFiles.diagnostics(for: siteFile.reading.secretFiles, purpose: .check)
        reports.append(CheckReport(siteFile, secrets: secrets))
      } catch {
        StandardError.write("pwmgr: \(error)")
        isUnreadable = true
      }
    }
    if !json {
      for report in reports { print(report.text) }
    } else if files.count > 1 {
      print(try CheckReport.json(of: reports))
    } else if let report = reports.first {
      print(try report.json())
    }
    if isUnreadable { throw ExitStatus.noInput.exit }
    if !reports.allSatisfy(\.isAccepted) { throw ExitCode.failure }
  }
}
