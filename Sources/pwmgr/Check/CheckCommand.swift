import ArgumentParser
import PWConfig
import PWCore

/// `pwmgr check FILE`.
struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Read a site file and say everything that is wrong with it.",
    discussion: """
      Needs no privilege and changes nothing. Each complaint has file, line and column, and what to do about it.

      Exit codes: 0 no errors (there may be warnings and notes), 1 errors, 64 wrong use, 66 the file cannot be read.
      """)

  @Argument(help: "The site file.", completion: .file(extensions: ["yaml", "yml"]))
  var file: String

  @Flag(help: "Print one JSON object instead of lines.")
  var json = false

  func run() throws {
    let siteFile: SiteFile
    do throws(SiteFile.UnreadableFile) {
      siteFile = try SiteFile.read(file)
    } catch {
      StandardError.write("pwmgr: \(error)")
      throw ExitStatus.noInput.exit
    }
    let secrets = SecretFiles.diagnostics(for: siteFile.reading.secretFiles, purpose: .check)
    let report = CheckReport(siteFile, secrets: secrets)
    print(json ? try report.json() : report.text)
    if !report.isAccepted { throw ExitCode.failure }
  }
}
