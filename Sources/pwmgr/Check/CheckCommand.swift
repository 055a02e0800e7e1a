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

      With --pair, two files of sites that are to meet are held against each other as well: what would keep a \
      pseudowire between them from coming up is said in one line each, with its place in both files. Tunnels that lead \
      to other sites are left alone. Secrets are compared where both can be read here, and addresses as the files say \
      them: what a NAT makes of them is not known.

      Exit codes: 0 no errors (there may be warnings and notes), 1 errors, or something that would not come up, 64 \
      wrong use, 66 a file cannot be read.
      """)

  @Argument(
    help: "The site file, or - for standard input; several are checked one by one.",
    completion: .file(extensions: ["yaml", "yml"]))
  var files: [String]

  @Flag(help: "Print a JSON object instead of lines; an array of them for several files.")
  var json = false

  @Flag(help: "Take two files for the two ends, and say what would keep the pseudowires between them from coming up.")
  var pair = false

  @OptionGroup var plugins: PluginDirectoryOption

  func validate() throws {
    if pair, files.count != 2 || files.contains("-") {
      throw ValidationError("--pair takes two files: check --pair amsterdam.yaml berlin.yaml")
    }
  }

  func run() throws {
    let finder = PluginDirectory(plugins.path, version: Version.number)
    var reports: [CheckReport] = []
    var siteFiles: [SiteFile] = []
    var isUnreadable = false
    for file in files {
      do throws(SiteFile.UnreadableFile) {
        let siteFile = try SiteFile.read(file, finder: finder, takesInput: true)
        let secrets = SecretFiles.diagnostics(for: siteFile.reading.secretFiles, purpose: .check)
        reports.append(CheckReport(siteFile, files: secrets + Programs.diagnostics(for: siteFile.reading)))
        siteFiles.append(siteFile)
      } catch {
        StandardError.write("pwmgr: \(error)")
        isUnreadable = true
      }
    }
    let pairReport = pair && siteFiles.count == 2 ? PairReport(siteFiles[0], siteFiles[1]) : nil
    if !json {
      for report in reports { print(report.text) }
      if let pairReport { print(pairReport.text) }
    } else if let pairReport {
      print(try CheckReport.json(of: PairOutput(sites: reports, pair: pairReport)))
    } else if files.count > 1 {
      print(try CheckReport.json(of: reports))
    } else if let report = reports.first {
      print(try report.json())
    }
    if isUnreadable { throw ExitStatus.noInput.exit }
    if !reports.allSatisfy(\.isAccepted) || pairReport?.isAccepted == false { throw ExitCode.failure }
  }

  /// The document that `--pair --json` prints.
  private struct PairOutput: Encodable {
    let sites: [CheckReport]
    let pair: PairReport
  }
}
